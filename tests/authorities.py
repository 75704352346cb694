"""Whom a client trusts, read once for the whole run.

httpx reads every authority's certificate for each client and each request of its own: twenty milliseconds, also where
the address is plain http.
"""

import ssl

AUTHORITIES = ssl.create_default_context()

"""What TLS with somebody else's server is made with."""

import ssl
from pathlib import Path

from cli.stack.errors import StackError


def trusted(authority: Path | None, setting: str) -> ssl.SSLContext:
    """Trusts one authority's file, or those of the system. Raises StackError that names the setting."""
    try:
        return ssl.create_default_context(cafile=authority)
    except OSError as error:  # not there, not readable, or no certificate in it
        reason = error.strerror or "bukan sertifikat PEM"
        raise StackError(f"Berkas CA {authority} ({setting}) tidak dapat dipakai: {reason}.") from error

"""How often somebody who has not signed in may ask for what is told to everybody: by the address of the network."""

import hashlib
from threading import Lock
from typing import Final

from dashboard.rest.buckets import Buckets

A_SECOND: Final = 1.0
BURST: Final = 30


class Strangers:
    """One bucket per address, in this process."""

    def __init__(self) -> None:
        self._buckets, self._lock = Buckets(a_second=A_SECOND, burst=BURST), Lock()

    def wait(self, address: str) -> float:
        """Seconds to wait; 0.0 when the answer may be had now."""
        key = int.from_bytes(hashlib.sha256(address.encode("utf-8", "surrogatepass")).digest()[:8])
        with self._lock:
            return self._buckets.wait(key)

"""The signature of a webhook: HMAC-SHA-256 over time and body, good for five minutes.

X-Simpul-Time: 1767596700
X-Simpul-Signature: v1=<hex of HMAC-SHA-256(key, "1767596700." + body)>
"""

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from pydantic import SecretStr

TIME, SIGNATURE, NAME = "X-Simpul-Time", "X-Simpul-Signature", "X-Simpul-Delivery"
VERSION = "v1"
WINDOW_S = 300  # a message older or newer than this is not believed


def key_of(master: SecretStr, webhook: str) -> bytes:
    """The key of one webhook in one generation ("7.2"), as its receiver has it: 64 hex digits, as ASCII."""
    return hmac.digest(master.get_secret_value().encode(), f"webhook:{webhook}".encode(), "sha256").hex().encode()


def sign(key: bytes, body: bytes, at: datetime) -> dict[str, str]:
    """The two headers."""
    seconds = str(int(at.timestamp()))
    return {TIME: seconds, SIGNATURE: f"{VERSION}={_mac(key, seconds, body)}"}


def is_genuine(key: bytes, body: bytes, headers: Mapping[str, str], now: datetime) -> bool:
    """What a receiver checks: that we sent it, not long ago, and that nobody changed it."""
    seconds, signature = headers.get(TIME, ""), headers.get(SIGNATURE, "")
    if not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 12):
        return False
    if abs(now.timestamp() - int(seconds)) > WINDOW_S:
        return False
    return hmac.compare_digest(f"{VERSION}={_mac(key, seconds, body)}".encode(), signature.encode())


def _mac(key: bytes, seconds: str, body: bytes) -> str:
    return hmac.digest(key, seconds.encode() + b"." + body, hashlib.sha256).hex()

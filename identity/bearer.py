"""Secrets that open something to whoever brings them: sessions, devices, links, service tokens.

Each has 256 random bits, so that its plain SHA-256 is safe to store (RELIABILITY §5); the secret itself is shown once.
"""

import hashlib
import secrets

BYTES = 32
HEADER_LIMIT = 1_024  # characters of an Authorization header that are looked at


def fresh(prefix: str = "") -> str:
    """A new secret."""
    return prefix + secrets.token_urlsafe(BYTES)


def digest(secret: str) -> bytes:
    """What the database holds of a secret."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def bearer_of(authorization: str | None) -> str | None:
    """The token of an Authorization header."""
    scheme, _, token = (authorization or "")[:HEADER_LIMIT].partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None

"""What Kafka is to be told of a new password, on its way through a database that must not be able to use it.

SCRAM (RFC 5802) needs the salted password only, yet who has that can sign in. So it is hidden under a pad that is used
once (its salt is new each time) and guarded by a tag; both come from a key that no database holds.
"""

import hashlib
import hmac
from datetime import UTC, datetime

from pydantic import SecretStr

from registry.provisioning.broker_users import SCRAM_ITERATIONS

_SALTED, _TAG = 64, 32  # bytes: of SHA-512, of SHA-256


def salted_password(password: SecretStr, salt: bytes) -> bytes:
    """SaltedPassword of SCRAM-SHA-512."""
    return hashlib.pbkdf2_hmac("sha512", password.get_secret_value().encode(), salt, SCRAM_ITERATIONS)


def close(key: SecretStr, salted: bytes, *, salt: bytes, principal: str, at: datetime) -> bytes:
    """The seal of a salted password; it opens for this principal and this moment alone."""
    hidden = _xor(salted, _pad(key, salt))
    return hidden + _tag(key, hidden, salt, principal, at)


def unseal(key: SecretStr, sealed: bytes, *, salt: bytes, principal: str, at: datetime) -> bytes | None:
    """The salted password; None for what was not sealed here, or was changed since."""
    hidden, tag = sealed[:_SALTED], sealed[_SALTED:]
    if len(sealed) != _SALTED + _TAG or not hmac.compare_digest(tag, _tag(key, hidden, salt, principal, at)):
        return None
    return _xor(hidden, _pad(key, salt))


def _pad(key: SecretStr, salt: bytes) -> bytes:
    return hmac.digest(key.get_secret_value().encode(), b"pad\0" + salt, "sha512")


def _tag(key: SecretStr, hidden: bytes, salt: bytes, principal: str, at: datetime) -> bytes:
    said = b"\0".join(
        [b"tag", principal.encode(), at.astimezone(UTC).isoformat().encode(), salt.hex().encode(), hidden]
    )
    return hmac.digest(key.get_secret_value().encode(), said, "sha256")


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))

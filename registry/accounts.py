"""Who asks: HTTP Basic authentication of programs."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping

from pydantic import SecretStr

HEADER_LIMIT = 1_024  # characters of an Authorization header that are looked at


class Accounts:
    """The users of the registry. Keeps SHA-256 only: the passwords are generated, so a slow hash adds nothing."""

    def __init__(self, users: Mapping[str, SecretStr]) -> None:
        self._hashes = {name: _hash(password.get_secret_value()) for name, password in users.items()}
        self._nobody = _hash("")  # so that an unknown name takes the same time

    def user(self, authorization: str | None) -> str | None:
        """The user that an Authorization header proves, or None."""
        scheme, _, encoded = (authorization or "")[:HEADER_LIMIT].partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            name, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return None
        equal = hmac.compare_digest(_hash(password), self._hashes.get(name, self._nobody))
        return name if equal and colon and name in self._hashes else None


def _hash(password: str) -> bytes:
    return hashlib.sha256(password.encode()).digest()

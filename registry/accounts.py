"""Who asks: programs, by the name and password of HTTP Basic or by a service token. Never people."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from identity.bearer import HEADER_LIMIT
from identity.principals import TokenPrincipal
from identity.token_cache import TokenCache


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that has proved who it is. Every caller may read."""

    name: str
    may_register: bool = False


class Tokens:
    """Programs with service tokens, each asked about once in a few seconds."""

    def __init__(self, ask: Callable[[str], TokenPrincipal | None]) -> None:
        self._cache = TokenCache(ask)

    def known(self, token: str) -> Caller | None:
        """Whom the token was found to be of a moment ago; without asking."""
        return _caller(self._cache.known(token))

    def caller(self, token: str) -> Caller | None:
        """Whom the token is of, as the database says."""
        return _caller(self._cache.principal(token))


def _caller(principal: TokenPrincipal | None) -> Caller | None:
    return None if principal is None else Caller(f"token:{principal.token_id}")


class Accounts:
    """The users of the registry. Keeps SHA-256 only: the passwords are generated, so a slow hash adds nothing."""

    def __init__(self, users: Mapping[str, SecretStr], writers: frozenset[str]) -> None:
        self._callers = {name: Caller(name, may_register=name in writers) for name in users}
        self._hashes = {name: _hash(password.get_secret_value()) for name, password in users.items()}
        self._nobody = _hash("")  # so that an unknown name takes the same time

    def caller(self, authorization: str | None) -> Caller | None:
        """The user whom an Authorization header with a password proves, or None."""
        scheme, _, encoded = (authorization or "")[:HEADER_LIMIT].partition(" ")
        if scheme.lower() != "basic":
            return None
        try:
            name, colon, password = base64.b64decode(encoded.strip(), validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError, ValueError):
            return None
        equal = hmac.compare_digest(_hash(password), self._hashes.get(name, self._nobody))
        return self._callers.get(name) if equal and colon else None


def _hash(password: str) -> bytes:
    return hashlib.sha256(password.encode()).digest()

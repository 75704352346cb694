"""Who asks: programs, by the name and password of HTTP Basic or by a service token. Never people."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pydantic import SecretStr

from identity.bearer import HEADER_LIMIT
from identity.permissions import Permission
from identity.principals import TokenPrincipal
from identity.token_cache import TokenCache

OF_AN_OPD = "opd-"  # an agency's user here is called as its principal at Kafka


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that has proved who it is. Every caller may read."""

    name: str
    may_register: bool = False
    sends_for: str | None = None  # the agency whose events it may send
    documents: frozenset[str] | None = None  # those of the agency's that it is for; None: all

    def may_send(self, opd: str, document: str) -> bool:
        """Whether it may say what it is going to send as a document. Who may register schemas is the hub itself."""
        return self.may_register or (self.sends_for == opd and (self.documents is None or document in self.documents))


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
    if principal is None:
        return None
    sends_for = principal.opd if principal.may(Permission.SEND_EVENTS, principal.opd) else None
    return Caller(f"token:{principal.token_id}", sends_for=sends_for, documents=principal.documents)


class Accounts:
    """The users of the registry. Keeps SHA-256 only: the passwords are generated, so a slow hash adds nothing."""

    def __init__(self, users: Mapping[str, SecretStr], writers: frozenset[str]) -> None:
        self._callers = {
            name: Caller(
                name,
                may_register=name in writers,
                sends_for=name.removeprefix(OF_AN_OPD) if name.startswith(OF_AN_OPD) else None,
            )
            for name in users
        }
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

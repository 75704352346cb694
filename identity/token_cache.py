"""Whom a service token is of, without asking the database at each request."""

from collections.abc import Callable
from time import monotonic
from typing import Final

from identity.bearer import digest
from identity.principals import TokenPrincipal

BELIEVED_S: Final = 4.0  # a token is asked about again after so long: a revocation holds within 5 s
DUE_S: Final = 2.0  # before its time is over: then whoever may, asks again
MAX_BELIEVED: Final = 10_000


class TokenCache:
    """Service tokens, each asked about once in a few seconds."""

    def __init__(self, ask: Callable[[str], TokenPrincipal | None]) -> None:
        self._ask = ask  # asks the database
        self._believed: dict[bytes, tuple[float, TokenPrincipal]] = {}

    def known(self, token: str) -> TokenPrincipal | None:
        """Whom the token was found to be of a moment ago; without asking."""
        found = self._believed.get(digest(token))
        return found[1] if found and monotonic() < found[0] else None

    def is_due(self, token: str) -> bool:
        """Whether it is time to ask again."""
        found = self._believed.get(digest(token))
        return found is None or monotonic() >= found[0] - DUE_S

    def principal(self, token: str) -> TokenPrincipal | None:
        """Whom the token is of, as the database says; it is remembered for BELIEVED_S."""
        began = monotonic()
        key, found = digest(token), self._ask(token)
        if found is None:
            self._believed.pop(key, None)
            return None
        if len(self._believed) >= MAX_BELIEVED:
            self._believed.clear()
        self._believed[key] = (began + BELIEVED_S, found)
        return found

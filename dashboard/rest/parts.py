"""What the REST interface keeps while the application runs."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Self

from dashboard.database import Pool, open_quick, open_readers, writing
from dashboard.quick_sessions import QuickSessions
from dashboard.rest.buckets import Buckets
from dashboard.rest.following import Seats
from dashboard.rest.renewals import Renewals
from dashboard.rest.states import States
from dashboard.settings import Settings
from identity.principals import TokenPrincipal
from identity.token_cache import TokenCache
from identity.tokens import principal_of_token


@dataclass(frozen=True, slots=True)
class Rest:
    """The parts that requests of programs share."""

    readers: Pool  # sessions for single statements
    quick: QuickSessions  # for rows by key
    states: States
    tokens: TokenCache
    buckets: Buckets
    seats: Seats  # of those who wait for changes
    renewals: Renewals

    @classmethod
    def of(cls, settings: Settings, writers: Pool) -> Self:
        """Made with the application; `readers` is opened and closed with its other pools."""
        readers = open_readers(settings)
        return cls(
            readers,
            open_quick(settings),
            States(readers, settings.instance),
            TokenCache(lambda token: _principal(writers, token)),
            Buckets(a_second=settings.calls_a_second, burst=settings.calls_at_once),
            Seats(settings.max_streams, settings.max_streams_each),
            Renewals(),
        )


def _principal(writers: Pool, token: str) -> TokenPrincipal | None:
    """Whom the token is of, as the database says; it notes that the token was used."""
    with writing(writers) as conn:
        return principal_of_token(conn, token, now=datetime.now(UTC))

"""The registry's connections to PostgreSQL: a pool that starts without the server and finds it again."""

import logging
from collections.abc import Callable
from typing import TypeVar

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool

from hub_db.connection import LIVENESS
from hub_db.errors import Contended, Unreachable
from hub_db.sqlstate import translate
from registry.errors import StoreUnavailable
from registry.settings import Settings

log = logging.getLogger(__name__)

Result = TypeVar("Result")

RETRIES = 5  # of a transaction that lost to another one (RELIABILITY: 40001, 40P01 at once)
MAX_WAITING = 64  # requests in the queue for a connection; more are told to come back
# The pool gives up a connection attempt after this time and starts afresh with the next request; a long time would
# mean long pauses between attempts, so a late recovery.
RECONNECT_S = 2.0
MAX_LIFETIME_S = 30 * 60.0


class Store:
    """Runs work in transactions. `open` before use, `close` after; both return at once when PostgreSQL is away."""

    def __init__(self, settings: Settings) -> None:
        timeout_ms = round(settings.statement_timeout_s * 1000)
        self._pool = ConnectionPool(
            settings.dsn.get_secret_value(),
            kwargs={
                **LIVENESS,
                "application_name": "registry",
                "options": f"-c timezone=UTC -c statement_timeout={timeout_ms} -c lock_timeout={timeout_ms} "
                f"-c idle_in_transaction_session_timeout={timeout_ms}",
            },
            min_size=1,
            max_size=settings.pool_size,
            open=False,
            check=ConnectionPool.check_connection,
            timeout=settings.acquire_timeout_s,
            max_waiting=MAX_WAITING,
            max_lifetime=MAX_LIFETIME_S,
            reconnect_timeout=RECONNECT_S,
            name="registry",
        )

    def open(self) -> None:
        """Begin to connect, in the background."""
        self._pool.open(wait=False)

    def close(self) -> None:
        self._pool.close(timeout=5.0)

    def run(self, work: Callable[[Connection[TupleRow]], Result]) -> Result:
        """The result of `work` in one transaction, tried again when another transaction was in the way.

        Raises StoreUnavailable; hub_db.Halted when the tables or the rights are not what this release expects.
        """
        for attempt in range(RETRIES):
            try:
                with self._pool.connection() as conn:
                    return work(conn)
            except psycopg.Error as error:
                fault = translate(error)
                if isinstance(fault, Contended) and attempt < RETRIES - 1:
                    continue
                if isinstance(fault, Unreachable | Contended):
                    log.warning("the database did not answer: %s", fault)
                    raise StoreUnavailable from None
                raise fault from None  # the driver's text may quote the connection string
        raise AssertionError("the last attempt returns or raises")

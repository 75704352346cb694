"""Reading PostgreSQL for the pages: a small pool, one snapshot per reading, the driver's errors as the room's."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout, TooManyRequests

from dashboard.errors import SourceAway
from dashboard.settings import Settings
from hub_db.connection import LIVENESS

Pool = ConnectionPool[Connection[TupleRow]]

POOL_SIZE = 4  # one for the sampler, the others for pages that are being drawn
WAIT_S = 2.0  # for a connection; then the page says that the database is away
# The pool gives up reconnecting after this and begins anew with the next reader: its own back-off doubles
# without limit, and would leave the page dark for minutes after the database is back.
RECONNECT_S = 2.0


def open_pool(settings: Settings) -> Pool:
    """A pool that is not opened yet, of read-only sessions. Every connection is tried before it is lent."""
    statement_ms = round(settings.statement_timeout_s * 1000)
    options = (
        "-c timezone=UTC -c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read"
        f" -c statement_timeout={statement_ms} -c lock_timeout={statement_ms}"
        " -c idle_in_transaction_session_timeout=15000"
    )
    # The pool warns at every failed attempt; the sampler says it once.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    return ConnectionPool(
        settings.dsn.get_secret_value(),
        min_size=1,
        max_size=POOL_SIZE,
        max_waiting=50,
        open=False,
        check=ConnectionPool.check_connection,
        timeout=WAIT_S,
        reconnect_timeout=RECONNECT_S,
        kwargs={"options": options, "application_name": "simpul-web"} | LIVENESS | {"connect_timeout": 3},
    )


@contextmanager
def snapshot(pool: Pool) -> Iterator[Connection[TupleRow]]:
    """A read-only transaction in which every statement sees the same moment.

    Raises SourceAway when PostgreSQL does not answer, and when the schema or the rights are not there yet.
    """
    try:
        with pool.connection() as conn, conn.transaction():
            yield conn
    except (PoolTimeout, TooManyRequests) as error:
        raise SourceAway("PostgreSQL lends no connection") from error
    except psycopg.Error as error:
        raise SourceAway(f"PostgreSQL: {error.sqlstate or type(error).__name__}") from None  # its text may quote

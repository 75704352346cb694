"""PostgreSQL for the pages: a small pool, one snapshot per reading, the driver's errors as the room's.

Sessions are read-only, so that a page to look at cannot change anything; a transaction that is to write says so.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg_pool import ConnectionPool, PoolTimeout, TooManyRequests

from dashboard.errors import SourceAway, WriteFailed
from dashboard.quick_sessions import QuickSessions
from dashboard.settings import Settings
from hub_db.connection import LIVENESS
from hub_db.errors import Contended, HubDbError, Unreachable

Pool = ConnectionPool[Connection[TupleRow]]
Result = TypeVar("Result")

POOL_SIZE = 6  # one for the sampler, the others for pages that are being drawn
WRITERS = 6  # for what people do; sign-ins take at most SIGN_INS of them
READERS = 4  # for programs; a statement takes a fraction of a millisecond
SIGN_INS = 4  # at once; each costs a password hash, and waits outside the pool for its turn
WAIT_S = 2.0  # for a connection; then the page says that the database is away
# The pool gives up reconnecting after this and begins anew with the next reader: its own back-off doubles
# without limit, and would leave the page dark for minutes after the database is back.
RECONNECT_S = 2.0
READ_ONLY = " -c default_transaction_read_only=on"


def open_pool(settings: Settings) -> Pool:
    """A pool that is not opened yet, of read-only sessions. Every connection is tried before it is lent."""
    return _pool(
        settings,
        READ_ONLY + " -c default_transaction_isolation=repeatable\\ read",
        min_size=1,
        max_size=POOL_SIZE,
        autocommit=False,
    )


def open_writers(settings: Settings) -> Pool:
    """A pool that is not opened yet, of sessions that may write; each statement for itself outside of a transaction."""
    return _pool(settings, "", min_size=0, max_size=WRITERS, autocommit=True)


def open_readers(settings: Settings) -> Pool:
    """A pool that is not opened yet, of read-only sessions for single statements. A connection is not tried before it
    is lent: at a thousand requests a second that would be as much work again. `read` tries again instead."""
    return _pool(settings, READ_ONLY, min_size=0, max_size=READERS, autocommit=True, check=None)


def open_quick(settings: Settings) -> QuickSessions:
    """Read-only sessions on the event loop, opened when they are first wanted."""
    options = _options(settings, READ_ONLY)
    return QuickSessions(lambda: psycopg.connect(settings.dsn.get_secret_value(), autocommit=True, **options))


def _pool(
    settings: Settings,
    more: str,
    *,
    min_size: int,
    max_size: int,
    autocommit: bool,
    check: Callable[[Connection[TupleRow]], None] | None = ConnectionPool.check_connection,
) -> Pool:
    # The pool warns at every failed attempt; the sampler says it once.
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)
    return ConnectionPool(
        settings.dsn.get_secret_value(),
        min_size=min_size,
        max_size=max_size,
        max_waiting=50,
        open=False,
        check=check,
        timeout=WAIT_S,
        reconnect_timeout=RECONNECT_S,
        kwargs=_options(settings, more) | {"autocommit": autocommit},
    )


def _options(settings: Settings, more: str) -> dict[str, Any]:
    """What every session of the pages is opened with."""
    statement_ms = round(settings.statement_timeout_s * 1000)
    options = (
        f"-c timezone=UTC -c statement_timeout={statement_ms} -c lock_timeout={statement_ms}"
        f" -c idle_in_transaction_session_timeout=15000{more}"
    )
    return {"options": options, "application_name": "simpul-web"} | LIVENESS | {"connect_timeout": 3}


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
    except (Unreachable, Contended) as error:
        raise SourceAway("PostgreSQL does not answer") from error
    except psycopg.Error as error:
        raise SourceAway(f"PostgreSQL: {error.sqlstate or type(error).__name__}") from None  # its text may quote
    except HubDbError as error:
        raise SourceAway(f"PostgreSQL: {type(error).__name__}") from None


def read(readers: Pool, work: Callable[[Connection[TupleRow]], Result]) -> Result:
    """What `work` reads, each statement for itself; once more when the server has ended the session meanwhile.

    Raises SourceAway when PostgreSQL does not answer.
    """
    for again in (True, False):
        try:
            with readers.connection() as conn:
                return work(conn)
        except (PoolTimeout, TooManyRequests) as error:
            raise SourceAway("PostgreSQL lends no connection") from error
        except (Unreachable, Contended, psycopg.OperationalError, psycopg.InterfaceError) as error:
            if not again:
                raise SourceAway("PostgreSQL does not answer") from error
        except psycopg.Error as error:
            raise SourceAway(f"PostgreSQL: {error.sqlstate or type(error).__name__}") from None  # its text may quote
        except HubDbError as error:
            raise SourceAway(f"PostgreSQL: {type(error).__name__}") from None
    raise AssertionError("the second try returns or raises")


@contextmanager
def lending(writers: Pool) -> Iterator[Connection[TupleRow]]:
    """A connection that may write, outside of a transaction.

    Raises SourceAway when PostgreSQL does not answer, WriteFailed when it refuses a statement.
    """
    try:
        with writers.connection() as conn:
            yield conn
    except (PoolTimeout, TooManyRequests) as error:
        raise SourceAway("PostgreSQL lends no connection") from error
    except (Unreachable, Contended) as error:
        raise SourceAway("PostgreSQL does not answer") from error
    except (psycopg.OperationalError, psycopg.InterfaceError) as error:
        raise SourceAway(f"PostgreSQL: {error.sqlstate or type(error).__name__}") from None
    except psycopg.Error as error:
        raise WriteFailed(f"PostgreSQL: {error.sqlstate or type(error).__name__}") from None  # its text may quote
    except HubDbError as error:
        raise WriteFailed(f"PostgreSQL: {type(error).__name__}") from None


@contextmanager
def writing(writers: Pool) -> Iterator[Connection[TupleRow]]:
    """A transaction that may write, and commits at the end of the block."""
    with lending(writers) as conn, conn.transaction():
        yield conn

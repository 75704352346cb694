"""Connections and transactions; the one place where the driver's errors become the room's."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import SecretStr

from hub_db.sqlstate import translate

# A half-open link must be an error within 30 s, never a hang (docs/reference/database.md).
LIVENESS: dict[str, Any] = {
    "connect_timeout": 10,
    "tcp_user_timeout": 30_000,
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 4,
}
# Statements here handle sets, and a table may grow from nothing to a million rows while PostgreSQL keeps a plan: each
# call is planned for the table as it is.
SESSION = (
    "-c timezone=UTC -c statement_timeout=120s -c idle_in_transaction_session_timeout=30s -c lock_timeout=30s"
    " -c plan_cache_mode=force_custom_plan"
)


def connect(dsn: SecretStr, *, process: str) -> Connection[TupleRow]:
    """A connection in UTC that fails rather than hangs; raises Unreachable or Halted."""
    try:
        return psycopg.connect(
            dsn.get_secret_value(), autocommit=True, application_name=process, options=SESSION, **LIVENESS
        )
    except psycopg.OperationalError as error:
        raise translate(error) from None  # the text may quote the connection string


@contextmanager
def transaction(conn: Connection[TupleRow]) -> Iterator[None]:
    """All or nothing. After any error that leaves the session in doubt the connection is closed."""
    try:
        with conn.transaction():
            yield
    except psycopg.Error as error:
        if error.sqlstate is None or conn.broken:
            conn.close()
        raise translate(error) from None  # the driver's text may quote row values


@contextmanager
def translated() -> Iterator[None]:
    """Turns the driver's errors into the room's for single statements outside a transaction."""
    try:
        yield
    except psycopg.Error as error:
        raise translate(error) from None

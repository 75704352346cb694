"""PostgreSQL's plans of a session's prepared statements: kept while the tables are about as large as they were.

To plan a statement of a batch with a few events costs more than to execute it, and a batch has a dozen of them. But a
table may grow from nothing to a million rows, and a plan that was made when it was empty reads the whole of it for
each key; PostgreSQL notices that only when its statistics are gathered. So plans are forgotten after so many records,
and after a while, in which others may have written.
"""

from time import monotonic
from typing import Any, Final
from weakref import WeakKeyDictionary

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.connection import translated

RECORDS: Final = 1_000
SECONDS: Final = 10.0

_made: "WeakKeyDictionary[Connection[Any], tuple[float, int]]" = WeakKeyDictionary()  # when, and records since


def keep(conn: Connection[TupleRow]) -> None:
    """From now on the session keeps plans: `hub_db.connection` has each statement planned anew."""
    with translated():
        conn.execute("set plan_cache_mode = auto")
    _made[conn] = (monotonic(), 0)


def renew(conn: Connection[TupleRow], records: int) -> None:
    """So many records are to be settled now in a session that keeps plans: forget them if it is time to.

    Before a transaction: what failed after one would have it done again.
    """
    since, before = _made[conn]
    if before < RECORDS and monotonic() - since < SECONDS:
        _made[conn] = (since, before + records)
        return
    with translated():
        conn.execute("discard plans")
    _made[conn] = (monotonic(), records)

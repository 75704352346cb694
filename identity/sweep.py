"""Takes away traces that nothing needs any more; what people did stays in the audit. A schedule calls it once a day."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.statements import load
from identity.devices import KNOWN_FOR
from identity.tries import FORGOTTEN_AFTER

SQL = load("identity", "sql/sweep.sql")
KEPT: Mapping[str, timedelta] = MappingProxyType(
    {
        "sweep_tries": 2 * FORGOTTEN_AFTER,
        "sweep_sessions": timedelta(days=90),
        "sweep_devices": KNOWN_FOR,
        "sweep_links": timedelta(days=90),
        "sweep_minutes": timedelta(days=30),
    }
)


def sweep(conn: Connection[TupleRow], *, now: datetime) -> int:
    """How many rows were taken away."""
    return sum(conn.execute(SQL[name], {"before": now - kept}).rowcount for name, kept in KEPT.items())

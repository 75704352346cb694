"""Which road an error of PostgreSQL takes. One table, one function (`docs/reference/database.md`)."""

from enum import Enum

import psycopg

from hub_db.errors import Contended, EventFault, Halted, HubDbError, Unreachable


class Road(Enum):
    """What the worker does after an error of the database."""

    EVENT = "the event's fault: find it, dead-letter it"
    RETRY = "retry the transaction at once"
    WAIT = "wait, then retry the transaction"
    HALT = "stop and call a person"


# The longest prefix that fits decides. Classes: PostgreSQL documentation, appendix A.
ROADS = {
    "22": Road.EVENT,  # data exception
    "23": Road.EVENT,  # integrity constraint violation
    "54000": Road.EVENT,  # program limit exceeded: index row too large
    "40": Road.RETRY,  # serialization failure, deadlock
    "08": Road.WAIT,  # connection exception
    "53": Road.WAIT,  # insufficient resources: disk, memory, connections
    "55": Road.WAIT,  # lock not available
    "57": Road.WAIT,  # shutdown, statement timeout
    "25006": Road.WAIT,  # read-only: a standby that was not promoted yet
    "25P03": Road.WAIT,  # idle in transaction for too long
    "58": Road.WAIT,  # system error, I/O
}
# Everything else (42 schema or rights, 28 sign-in, 3D, 3F, 0A, XX, unknown ones) is HALT.


def road(sqlstate: str | None) -> Road:
    """The road of an SQLSTATE; no SQLSTATE means that the server never answered: wait."""
    if sqlstate is None:
        return Road.WAIT
    for length in (5, 2):
        found = ROADS.get(sqlstate[:length])
        if found is not None:
            return found
    return Road.HALT


def translate(error: psycopg.Error) -> HubDbError:
    """The room's own error for a driver's error; without the server's DETAIL, which quotes row values."""
    if isinstance(error, psycopg.DataError) and error.sqlstate is None:
        return EventFault("client", None)  # the driver itself could not write the value
    match road(error.sqlstate):
        case Road.EVENT:
            return EventFault(error.sqlstate or "", error.diag.constraint_name)
        case Road.RETRY:
            return Contended(f"SQLSTATE {error.sqlstate}")
        case Road.WAIT:
            return Unreachable(f"PostgreSQL is away or busy ({error.sqlstate or type(error).__name__})")
        case Road.HALT:
            return Halted(f"SQLSTATE {error.sqlstate}: {error.diag.message_primary or type(error).__name__}")

"""Letting a partition go on that the breaker stopped: with a reason, and an entry of the audit beside it."""

from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import pauses
from hub_db.pauses import Pause
from identity.actors import Actor, note
from identity.acts import Act


def end(conn: Connection[TupleRow], number: int, *, reason: str, by: Actor, now: datetime) -> Pause:
    """End a pause: what is in the log by then goes through, what comes later is watched again. Raises NoSuchMove."""
    found = pauses.end(conn, number, reason=reason, by=by.name, by_kind=by.kind, role=by.role, now=now)
    note(
        conn,
        by,
        Act.PAUSE_END,
        f"partition:{found.topic}/{found.partition}",
        now=now,
        opd=found.topic.split(".")[1],
        number=number,
        reason=reason.strip(),
        kind=found.kind.value,
        offset=found.offset,
    )
    return found

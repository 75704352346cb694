"""Having a stopped partition looked at again: with a reason, and an entry of the audit beside it."""

from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import stops
from hub_db.reasons_given import reason_given
from hub_db.stops import Stop
from identity.actors import Actor, note
from identity.acts import Act
from schemas.names import TopicName


def end(conn: Connection[TupleRow], topic: TopicName, partition: int, *, reason: str, by: Actor, now: datetime) -> Stop:
    """The worker looks at the partition again, and reads on if its log is whole. Raises NoSuchMove."""
    why = reason_given(reason)
    found = stops.end(conn, topic, partition)
    note(
        conn,
        by,
        Act.STOP_END,
        f"partition:{topic}/{partition}",
        now=now,
        opd=topic.split(".")[1],
        reason=why,
        next_offset=found.next_offset,
        log_end=found.log_end,
    )
    return found

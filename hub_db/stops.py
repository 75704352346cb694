"""Partitions of which nothing is read: the broker has lost records that the hub has."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from hub_db.errors import NoSuchMove
from hub_db.statements import load
from schemas.names import TopicName

SQL = load("hub_db", "sql/stops.sql")


@dataclass(frozen=True, slots=True)
class Stop:
    """A stopped partition: settled up to `next_offset`, while its log ended at `log_end` when it was looked at."""

    topic_id: UUID
    topic: TopicName
    partition: int
    next_offset: int
    log_end: int
    at: datetime

    @property
    def document(self) -> str:
        return self.topic.partition(".")[2]

    @property
    def lost(self) -> int:
        """Records that the broker did not have."""
        return self.next_offset - self.log_end


def stops(conn: Connection[TupleRow]) -> list[Stop]:
    """What is stopped; a topic that was made anew since is read, and its former partitions are of no more interest."""
    with conn.cursor(row_factory=class_row(Stop)) as cursor:
        return cursor.execute(SQL["stops"]).fetchall()


def end(conn: Connection[TupleRow], topic: TopicName, partition: int) -> Stop:
    """Have a partition looked at again: it goes on if its log reaches to the hub's position, and is stopped again if
    not. Raises NoSuchMove."""
    found = next((each for each in stops(conn) if (each.topic, each.partition) == (topic, partition)), None)
    if found is not None:
        row = conn.execute(SQL["end"], {"topic_id": found.topic_id, "partition": partition}).fetchone()
        if row is not None and row[0]:
            return found
    raise NoSuchMove(
        f"Partisi {partition} dari {topic.partition('.')[2]} tidak dihentikan. Lihat './simpul pauses stopped'."
    )

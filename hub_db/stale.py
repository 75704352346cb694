"""Sources that have gone stale: most of what comes is older than what the hub has, as if their numbering had restarted.

A batch of which more than a quarter is older is noted in its own transaction; an ordinary one costs nothing. From the
notes and the ledger follows whether a source has gone stale, and where in the log that began.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.events import Stretch
from hub_db.statements import load
from schemas.contract import Contract
from schemas.names import TopicName

SQL = load("hub_db", "sql/stale.sql")
NOTED_FROM: Final = 0.25  # share of a batch's records
LEAST_EVENTS: Final = 200  # of fewer a share says nothing
STALE_FROM: Final = 0.5  # share of the newest events


@dataclass(frozen=True, slots=True)
class Standing:
    """A source's newest events up to the newest noted batch, how many of them were older, and how many came after."""

    topic: TopicName
    events: int
    older: int
    first_at: datetime  # of the first noted batch
    last_at: datetime
    after: int

    @property
    def is_stale(self) -> bool:
        return self.events >= LEAST_EVENTS and self.older > STALE_FROM * self.events and self.after < LEAST_EVENTS


def note(conn: Connection[TupleRow], contract: Contract, stretch: Stretch, older: int) -> None:
    """Note a batch of which a good part was older than the rows of its keys; of any other nothing is written."""
    if older <= NOTED_FROM * stretch.records or contract.sandbox:
        return
    conn.execute(
        SQL["add"],
        {
            "topic": stretch.topic,
            "topic_no": stretch.topic_no,
            "partition": stretch.partition,
            "first_offset": stretch.first_offset,
            "next_offset": stretch.next_offset,
            "records": stretch.records,
            "older": older,
        },
    )


def sources(conn: Connection[TupleRow], since: datetime) -> list[Standing]:
    """The sources of which batches were noted since then, and since their epoch began."""
    found = conn.execute(SQL["sources"], {"since": since, "least": LEAST_EVENTS})
    return [
        Standing(TopicName(topic), int(events), int(older), first_at, last_at, int(after))
        for topic, events, older, first_at, last_at, after in found
    ]


def first_places(conn: Connection[TupleRow], topic: TopicName) -> dict[int, int]:
    """By partition of the topic as it is now, the offset at which the first noted batch of this epoch begins."""
    return {
        partition: offset for _, partition, offset in conn.execute(SQL["first_places"], {"topic": topic}).fetchall()
    }

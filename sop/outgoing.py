"""The outbox of `sop.status`: events of cases in the order of commits; one publisher sends them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow, dict_row

from hub_db.connection import transaction
from hub_db.statements import load
from sop.events import Event
from sop.rows import event_of_row

SQL = load("sop", "sql/outgoing.sql")
PUBLISHER_LOCK = 0x51_4D_53_54  # any number that only we use


@dataclass(frozen=True, slots=True)
class NumberedEvent:
    """A committed event with its place in the order of sending."""

    number: int
    ce_id: str
    event: Event


def try_lead(conn: Connection[TupleRow]) -> bool:
    """Whether this session is the one publisher of events now."""
    with transaction(conn):
        row = conn.execute(SQL["try_lead"], {"lock": PUBLISHER_LOCK}).fetchone()
    return row is not None and bool(row[0])


def any_unsent(conn: Connection[TupleRow]) -> bool:
    """Whether an event waits to be sent."""
    with transaction(conn):
        row = conn.execute(SQL["any_unsent"]).fetchone()
    return row is not None and bool(row[0])


def number_committed(conn: Connection[TupleRow]) -> int:
    """Give the events that were committed since the last time their numbers; how many."""
    with transaction(conn):
        return conn.execute(SQL["number_committed"]).rowcount


def unsent(conn: Connection[TupleRow], *, limit: int) -> list[NumberedEvent]:
    """Numbered events that Kafka is not known to have, in their order."""
    with transaction(conn), conn.cursor(row_factory=dict_row) as cursor:
        return [_numbered(row) for row in cursor.execute(SQL["unsent"], {"limit": limit})]


def mark_sent(conn: Connection[TupleRow], events: Sequence[NumberedEvent]) -> None:
    """Note that Kafka has these events, which follow one another."""
    with transaction(conn):
        conn.execute(SQL["mark_sent"], {"first": events[0].number, "last": events[-1].number})


def _numbered(row: dict[str, Any]) -> NumberedEvent:
    number, ce_id = row.pop("number"), row.pop("ce_id")
    return NumberedEvent(number, ce_id, event_of_row(row))

"""Events of `sop.status` are drawn on the boards: each once, in the order of their numbers, with the reader's place."""

from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import TupleRow, dict_row
from psycopg.types.json import Jsonb

from hub_db.statements import load
from sop.case import Case
from sop.errors import Skipped
from sop.events import Event
from sop.facts import Place
from sop.projection import Row, Sight
from sop.rows import columns_of_event, event_of_row

SQL = load("sop", "sql/boards.sql")
_JSON = ("met", "spells", "returns")


@dataclass(frozen=True, slots=True)
class Drawn:
    """An event that was drawn, and the case before and after it."""

    before: Case | None
    event: Event
    after: Case


def place(conn: Connection[TupleRow], topic: str) -> Place:
    """Where to read from; a reader that is new begins at the topic's start."""
    conn.execute(SQL["open_place"], {"topic": topic})
    row = conn.execute(SQL["place"], {"topic": topic}).fetchone()
    if row is None:
        raise RuntimeError(f"no place in {topic}")
    return Place(*row)


def draw(
    conn: Connection[TupleRow], topic: str, event: Event, *, number: int, next_offset: int, accept_a_hole: bool = False
) -> Drawn | None:
    """Draw an event and move the reader on, in the caller's transaction; None for one that was drawn before.

    Raises Skipped when the one before it was not drawn, unless the reader knows that it is gone from the log.
    """
    stands = place(conn, topic)
    if number <= stands.last_number:
        return None
    if number != stands.last_number + 1 and not accept_a_hole:
        raise Skipped(topic, stands.last_number, number)
    moved = {"topic": topic, "number": number, "next_offset": next_offset, "last": stands.last_number}
    if conn.execute(SQL["advance_place"], moved).rowcount != 1:
        raise Skipped(topic, stands.last_number, number)  # another reader has moved on
    sight = Sight.of(events(conn, event.case))
    before, attempts = sight.case, sight.attempts() if sight.case else {}
    sight.see(event)
    conn.execute(SQL["add_event"], event_row(event))
    conn.execute(SQL["put_standing"], as_stored(sight.standing()))
    after = sight.attempts()
    for key, row in after.items():
        if attempts.get(key) != row:
            conn.execute(SQL["put_attempt"], row)
    for stage, round_ in attempts.keys() - after.keys():
        conn.execute(SQL["drop_attempt"], {"case": event.case, "stage": stage, "round": round_})
    return Drawn(before, event, sight.seen)


def events(conn: Connection[TupleRow], number: str) -> list[Event]:
    """What the topic has told of a case, in order."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return [event_of_row(row) for row in cursor.execute(SQL["events"], {"case": number})]


def event_row(event: Event) -> Row:
    """The row of `board.event`."""
    return {**columns_of_event(event), "opd": event.opd}


def as_stored(row: Row) -> Row:
    """The row of `board.standing` as the driver takes it."""
    return {**row, **{name: Jsonb(row[name]) for name in _JSON}}

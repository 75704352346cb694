"""Cases in the database: decisions under one lock per case, each once, in the caller's transaction."""

from collections.abc import Sequence
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, dict_row

from hub_db.errors import Fenced
from hub_db.statements import load
from sop.actors import Actor
from sop.case import Case
from sop.commands import Begin, Command, Fact
from sop.errors import UnknownCase
from sop.events import Event
from sop.folding import apply, fold
from sop.machine import decide as decided
from sop.moments import Moment
from sop.rows import event_of_row, row_of_event
from sop.setting import Setting

SQL = load("sop", "sql/cases.sql")


@dataclass(frozen=True, slots=True)
class Decision:
    """The case after a command, and the events that the command made; `repeated`: it had come before."""

    case: Case
    events: tuple[Event, ...]
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Contact:
    """Who is to be called about a case. Personal: it stands in no event."""

    name: str
    phone: str

    @property
    def is_filled(self) -> bool:
        """Whether both are told."""
        return bool(self.name.strip() and self.phone.strip())


def begin(
    conn: Connection[TupleRow],
    opd: str,
    documents: Sequence[str],
    *,
    numbers: str,
    decree: str,
    by: Actor,
    now: Moment,
    setting: Setting,
    command_id: str,
    follows: str | None = None,
) -> Decision:
    """Open a draft under the year's next number; `follows`: the case whose integration it changes. `numbers` is the
    instance's template. Raises Forbidden, and UnknownCase for what it follows."""
    before = _repeated(conn, command_id)
    if before is not None:
        return before
    year = now.on.year
    last = conn.execute(SQL["next_number"], {"year": year}).fetchone()
    if last is None:
        raise RuntimeError("an insert gave no number")
    number = numbers.replace("{tahun}", str(year)).replace("{urut}", f"{last[0]:04d}")
    old = None if follows is None else find(conn, follows)
    command = Begin(number, opd, decree, tuple(documents), old)
    events = decided(None, command, by, now, setting.world, setting.book)
    case = fold(events)
    if case is None:
        raise RuntimeError("a case was begun without an event")
    values = {"number": number, "opd": opd, "documents": list(case.documents), "at": now.at, "follows": case.follows}
    conn.execute(SQL["add_case"], {**values, "state": case.state.value, "version": case.version})
    _add(conn, events, command_id)
    return Decision(case, events)


def decide(
    conn: Connection[TupleRow],
    number: str,
    command: Command,
    *,
    by: Actor,
    now: Moment,
    setting: Setting,
    command_id: str,
) -> Decision:
    """Decide upon a command under the case's lock. Raises Forbidden, UnknownCase.

    A second one who decides waits here, reads what the first has done, and is told so by the rule that forbids it.
    """
    row = conn.execute(SQL["lock_case"], {"number": number}).fetchone()
    if row is None:
        raise UnknownCase(number)
    before = _repeated(conn, command_id)
    if before is not None:
        return before
    case = find(conn, number)
    facts = known_facts(conn, case)
    events = decided(case, command, by, now, setting.world, setting.book, facts)
    for event in events:
        case = apply(case, event)
    if events:
        _add(conn, events, command_id)
        moved = {"number": number, "state": case.state.value, "version": case.version, "before": row[0]}
        if conn.execute(SQL["move_case"], moved).rowcount != 1:
            raise Fenced(f"{number} is no longer at version {row[0]}")
    return Decision(case, events)


def lock(conn: Connection[TupleRow], number: str) -> Case:
    """A case that nobody else decides upon until the transaction ends. Raises UnknownCase."""
    if conn.execute(SQL["lock_case"], {"number": number}).fetchone() is None:
        raise UnknownCase(number)
    return find(conn, number)


def find(conn: Connection[TupleRow], number: str) -> Case:
    """A case, out of its events. Raises UnknownCase."""
    case = fold(events_of(conn, number))
    if case is None:
        raise UnknownCase(number)
    return case


def events_of(conn: Connection[TupleRow], number: str) -> list[Event]:
    """What happened to a case, in order."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return [event_of_row(row) for row in cursor.execute(SQL["events_of_case"], {"number": number})]


def followers(conn: Connection[TupleRow], number: str) -> list[str]:
    """The cases that change the integration of this one, by number."""
    return [each for (each,) in conn.execute(SQL["followers"], {"number": number})]


def known_facts(conn: Connection[TupleRow], case: Case) -> list[Fact]:
    """The facts that a stage which begins may count, oldest first."""
    with conn.cursor(row_factory=class_row(Fact)) as cursor:
        return cursor.execute(SQL["known_facts"], {"opd": case.opd, "number": case.number}).fetchall()


def set_contact(conn: Connection[TupleRow], number: str, contact: Contact) -> None:
    """Note who is to be called."""
    conn.execute(SQL["set_contact"], {"number": number, "name": contact.name.strip(), "phone": contact.phone.strip()})


def contact(conn: Connection[TupleRow], number: str) -> Contact:
    """Who is to be called. Raises UnknownCase."""
    with conn.cursor(row_factory=class_row(Contact)) as cursor:
        found = cursor.execute(SQL["contact"], {"number": number}).fetchone()
    if found is None:
        raise UnknownCase(number)
    return found


def _repeated(conn: Connection[TupleRow], command_id: str) -> Decision | None:
    """What a command that has come before has made."""
    rows = conn.execute(SQL["versions_of_command"], {"command": command_id}).fetchall()
    if not rows:
        return None
    number, versions = rows[0][0], {row[1] for row in rows}
    events = events_of(conn, number)
    case = fold(events)
    if case is None:
        raise UnknownCase(number)
    return Decision(case, tuple(event for event in events if event.version in versions), repeated=True)


def _add(conn: Connection[TupleRow], events: Sequence[Event], command_id: str) -> None:
    with conn.cursor() as cursor:
        cursor.executemany(SQL["add_event"], [row_of_event(event, command_id) for event in events])

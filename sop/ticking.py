"""The clock's round over open cases: reminders that are due, and dates that a changed calendar moves."""

from collections.abc import Iterator

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.connection import transaction
from sop.actors import SYSTEM
from sop.commands import Command, Recalendar, Remind
from sop.moments import Moment
from sop.setting import Setting
from sop.store import SQL, Decision, decide, find

CHANGED = "Kalender kerja berubah; tenggat dihitung ulang."


def tick(conn: Connection[TupleRow], now: Moment, setting: Setting) -> Iterator[Decision]:
    """What the day asks of each open case, a transaction each; nothing where all is told already.

    Two who do this at once tell a thing once: what they ask is named by the case's version, under its lock.
    """
    with transaction(conn):
        numbers = [row[0] for row in conn.execute(SQL["open_cases"])]
    for number in numbers:
        for name, command in (("dates", Recalendar(CHANGED)), ("remind", Remind())):
            with transaction(conn):
                decision = _ask(conn, number, name, command, now, setting)
            if decision.events and not decision.repeated:
                yield decision


def _ask(
    conn: Connection[TupleRow], number: str, name: str, command: Command, now: Moment, setting: Setting
) -> Decision:
    command_id = f"{name}/{number}/{find(conn, number).version}"
    return decide(conn, number, command, by=SYSTEM, now=now, setting=setting, command_id=command_id)

"""What administrators decided about single days of the working calendar, and the calendar with it."""

from datetime import date

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from base import calendar
from base.calendar import Calendar, CalendarError, Change
from base.instance import Instance
from hub_db.connection import translated
from hub_db.statements import load

SQL = load("hub_db", "sql/calendar.sql")
CALENDAR_LOCK = 0x51_4D_43_41  # any number that only we use
LONGEST_REASON = 200  # characters, as the table has it
_SATURDAY = 5


def changes(conn: Connection[TupleRow]) -> list[Change]:
    """All decisions, oldest first."""
    with translated(), conn.cursor(row_factory=class_row(Change)) as cursor:
        return cursor.execute(SQL["changes"]).fetchall()


def working_calendar(conn: Connection[TupleRow], instance: Instance) -> Calendar:
    """The office's calendar as of now."""
    return calendar.of_instance(instance, changes(conn))


def close_day(
    conn: Connection[TupleRow], instance: Instance, day: date, *, reason: str, decree: str | None, by: str
) -> None:
    """A worked day is off, from now on. Raises CalendarError for a day that is off already."""
    _decide_alone(conn)
    if not working_calendar(conn, instance).is_working_day(day):
        raise CalendarError(f"{day.isoformat()} sudah libur.")
    _add(conn, day, closed=True, reason=reason, decree=decree, by=by)


def open_day(
    conn: Connection[TupleRow], instance: Instance, day: date, *, reason: str, decree: str | None, by: str
) -> None:
    """A day that was off is worked, from now on. Raises CalendarError for a weekend and for a day that is worked."""
    _decide_alone(conn)
    if day.weekday() >= _SATURDAY:
        raise CalendarError(f"{day.isoformat()} jatuh pada akhir pekan.")
    if working_calendar(conn, instance).is_working_day(day):
        raise CalendarError(f"{day.isoformat()} sudah hari kerja.")
    _add(conn, day, closed=False, reason=reason, decree=decree, by=by)


def _decide_alone(conn: Connection[TupleRow]) -> None:
    with translated():
        conn.execute(SQL["decide_one_by_one"], {"lock": CALENDAR_LOCK})


def _add(conn: Connection[TupleRow], day: date, *, closed: bool, reason: str, decree: str | None, by: str) -> None:
    if not 1 <= len(reason.strip()) <= LONGEST_REASON:
        raise CalendarError(f"Alasan harus diisi, paling banyak {LONGEST_REASON} karakter.")
    row = {"day": day, "closed": closed, "reason": reason.strip(), "decree": decree, "by": by}
    with translated():
        conn.execute(SQL["add_change"], row)

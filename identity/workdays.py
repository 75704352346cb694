"""Decisions about single days of the working calendar, with their audit entries in the same transaction."""

from datetime import date, datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from base.instance import Instance
from hub_db import calendar
from identity.actors import Actor, note
from identity.acts import Act


def close_day(
    conn: Connection[TupleRow],
    instance: Instance,
    day: date,
    *,
    reason: str,
    decree: str | None,
    by: Actor,
    now: datetime,
) -> None:
    """A worked day is off, from now on. Raises CalendarError for a day that is off already."""
    calendar.close_day(conn, instance, day, reason=reason, decree=decree, by=by.name)
    note(conn, by, Act.CALENDAR_CLOSE, f"day:{day.isoformat()}", now=now, reason=reason, decree=decree)


def open_day(
    conn: Connection[TupleRow],
    instance: Instance,
    day: date,
    *,
    reason: str,
    decree: str | None,
    by: Actor,
    now: datetime,
) -> None:
    """A day that was off is worked, from now on. Raises CalendarError for a weekend and for a day that is worked."""
    calendar.open_day(conn, instance, day, reason=reason, decree=decree, by=by.name)
    note(conn, by, Act.CALENDAR_OPEN, f"day:{day.isoformat()}", now=now, reason=reason, decree=decree)

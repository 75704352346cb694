"""What decisions need of the office: its calendar, which agency is the Walidata, and the versions of the procedure."""

from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import TupleRow

from base.instance import Instance
from hub_db.calendar import working_calendar
from sop.moments import World
from sop.procedure import Book, book


@dataclass(frozen=True, slots=True)
class Setting:
    """The calendar and the Walidata, and the procedure."""

    world: World
    book: Book


def setting_of(conn: Connection[TupleRow], instance: Instance) -> Setting:
    """The setting as of now: administrators may have changed the calendar a moment ago."""
    return Setting(World(working_calendar(conn, instance), instance.sop.walidata), book())

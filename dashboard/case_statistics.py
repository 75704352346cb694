"""How long integration requests take, what is sent back, and where they wait: per stage, per agency and per year."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from psycopg import Connection
from psycopg.rows import TupleRow

from base.calendar import Calendar
from dashboard.case_board import Office
from hub_db.statements import load
from sop import boards
from sop.sought import Reach, Sought, of_reach

SQL = load("dashboard", "sql/case_statistics.sql")


@dataclass(frozen=True, slots=True)
class OfStage:
    """One stage over all cases; days are working days, held ones left out."""

    number: int
    label: str
    done: int  # attempts that were confirmed
    median_days: float | None
    longest: int | None
    late: int  # confirmed after their due date
    returned: int  # attempts that were sent back from here
    waiting: int  # cases that are here now
    overdue: int  # of those


@dataclass(frozen=True, slots=True)
class OfAgency:
    """One agency's cases."""

    opd: str
    cases: int
    running: int
    ended: int
    at_opd: int
    at_kominfo: int
    held: int
    returns: int


@dataclass(frozen=True, slots=True)
class OfYear:
    """The cases that were submitted in a year; the age is of those that ended."""

    year: int | None  # None: of all years
    cases: int
    ended: int
    median_age: float | None


@dataclass(frozen=True, slots=True)
class Statistics:
    """Everything for one page."""

    stages: tuple[OfStage, ...]
    agencies: tuple[OfAgency, ...]
    years: tuple[OfYear, ...]
    cases: int
    ended: int
    median_age: float | None  # of those that ended


def statistics(
    conn: Connection[TupleRow], reach: Reach, office: Office, *, opd: str | None = None, year: int | None = None
) -> Statistics:
    """Of cases that were submitted, as the boards have them; a draft counts for nothing."""
    asked = {**of_reach(reach), "opd": opd, "year": year, "on": office.on, **_working_days(conn, office)}
    in_all, *years = (OfYear(*row) for row in conn.execute(SQL["in_all"], asked).fetchall())
    by_stage = {row[0]: row[1:] for row in conn.execute(SQL["by_stage"], asked).fetchall()}
    standing = boards.board(conn, reach, office.on, office.book, sought=Sought(opd=opd, year=year), limit=0)
    agencies = conn.execute(SQL["by_agency"], asked).fetchall()
    return Statistics(
        stages=tuple(_of_stage(by_stage.get(each.stage), each, office) for each in standing),
        agencies=tuple(_of_agency(row) for row in agencies),
        years=tuple(reversed(years)),
        cases=in_all.cases,
        ended=in_all.ended,
        median_age=in_all.median_age,
    )


def _of_stage(row: Sequence[int] | None, standing: boards.Column, office: Office) -> OfStage:
    done, median, longest, late, returned = row or (0, None, None, 0, 0)
    label = office.book.newest.at(standing.stage).label
    return OfStage(standing.stage, label, done, median, longest, late, returned, standing.cases, standing.overdue)


def _of_agency(row: Sequence[int | str]) -> OfAgency:
    opd, cases, ended, *days = row
    return OfAgency(str(opd), int(cases), int(cases) - int(ended), int(ended), *map(int, days))


def _working_days(conn: Connection[TupleRow], office: Office) -> dict[str, object]:
    """For each day from the first on how many working days there were up to it: two of them subtracted are the working
    days between, which a statement for ten thousand cases can do."""
    row = conn.execute(SQL["first_day"]).fetchone()
    first = (row[0] if row else None) or office.on
    return {"first": first, "upto": upto(office.calendar, first, max(office.on, first))}


def upto(calendar: Calendar, first: date, last: date) -> list[int]:
    """The working days after `first` up to each day from it to `last`."""
    counts, day = [0], first
    while day < last:
        day += timedelta(days=1)
        counts.append(counts[-1] + calendar.is_working_day(day))
    return counts

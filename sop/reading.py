"""Where cases stand, for lists: each as its events have made it, with its clock on a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from psycopg import Connection
from psycopg.rows import TupleRow, dict_row

from base.calendar import Calendar
from sop import clock
from sop.case import Case
from sop.events import CaseState, StageState
from sop.folding import fold
from sop.procedure import Book
from sop.rows import event_of_row
from sop.store import SQL

ALL = frozenset(CaseState)
OPEN_STATES = frozenset({CaseState.DRAFT, CaseState.RUNNING, CaseState.HELD, CaseState.LIVE})


@dataclass(frozen=True, slots=True)
class OpenStage:
    """The stage that a case is at, and the clock of its attempt."""

    stage: int
    label: str
    round: int
    state: StageState
    holder: str
    entered: date | None
    target: date | None
    due: date | None
    days_left: int | None
    overdue: bool


@dataclass(frozen=True, slots=True)
class Standing:
    """A case on a day; days are working days."""

    number: str
    opd: str
    documents: tuple[str, ...]
    state: CaseState
    at: OpenStage | None  # None before submission and after the end
    age: int
    days_at_opd: int
    days_at_kominfo: int
    days_held: int
    returns: int


def some(conn: Connection[TupleRow], numbers: Iterable[str]) -> list[Case]:
    """The cases with these numbers, by number, out of their events."""
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(SQL["events_of_some"], {"numbers": sorted(numbers)}).fetchall()
    folded = (fold(map(event_of_row, told)) for _, told in groupby(rows, key=lambda row: row["case"]))
    return [case for case in folded if case is not None]


def standing(case: Case, on: date, calendar: Calendar, book: Book) -> Standing:
    """Where a case stands on a day."""
    days = clock.days_by_holder(case, on, calendar)
    return Standing(
        number=case.number,
        opd=case.opd,
        documents=case.documents,
        state=case.state,
        at=_open_stage(case, on, calendar, book),
        age=clock.age(case, on, calendar),
        days_at_opd=days["opd"],
        days_at_kominfo=days["kominfo"],
        days_held=days["held"],
        returns=sum(case.returns.values()),
    )


def _open_stage(case: Case, on: date, calendar: Calendar, book: Book) -> OpenStage | None:
    attempt = case.current
    if attempt is None:
        return None
    return OpenStage(
        stage=attempt.stage,
        label=book.of(case.procedure).at(attempt.stage).label,
        round=attempt.round,
        state=attempt.state,
        holder=case.holder,
        entered=attempt.entered,
        target=attempt.target,
        due=attempt.due,
        days_left=clock.days_left(attempt, on, calendar),
        overdue=clock.is_overdue(attempt, on),
    )

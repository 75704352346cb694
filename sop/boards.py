"""Boards: where cases stand, for pages, lists and statistics, out of the projection of `sop.status`.

A board may be a moment behind the decisions: whoever has just acted waits for the version that came of it (`wait_for`).
"""

import time
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final, Protocol

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, dict_row

from base.calendar import Calendar
from sop.case import Case
from sop.drawing import SQL
from sop.drawing import events as time_line
from sop.errors import UnknownCase
from sop.events import CaseState
from sop.folding import fold
from sop.procedure import Book
from sop.projection import case_of_row
from sop.reading import OPEN_STATES, Standing, standing
from sop.rows import event_of_row

__all__ = [
    "Board",
    "Column",
    "Past",
    "attempts",
    "board",
    "case",
    "cases",
    "durations",
    "register",
    "time_line",
    "wait_for",
]

CARDS: Final = 20  # cases shown in a column
PAGE: Final = 100
NEWEST: Final = 200  # closed cases whose durations count
_LOOK_AGAIN_S: Final = 0.02


class Reach(Protocol):
    """Whose cases are shown (`identity.principals.Scope`)."""

    @property
    def everywhere(self) -> bool: ...

    @property
    def opds(self) -> frozenset[str]: ...


@dataclass(frozen=True, slots=True)
class Column:
    """A stage on the board: how many cases are at it, and those that are due first."""

    stage: int
    label: str
    cases: int
    overdue: int
    held: int
    ready: int
    cards: tuple[Standing, ...]


@dataclass(frozen=True, slots=True)
class Board:
    """The stages of the newest procedure in order, and how many cases are in each state."""

    columns: tuple[Column, ...]
    states: Mapping[CaseState, int]


@dataclass(frozen=True, slots=True)
class Past:
    """An attempt at a stage that was begun; `days` are working days without those held, once it is over."""

    stage: int
    round: int
    state: str
    entered: date
    target: date | None
    due: date | None
    ended: date | None
    ended_by: str | None
    days: int | None
    held_days: int
    manual: bool  # a signed paper stood in for facts


def board(
    conn: Connection[TupleRow],
    reach: Reach,
    on: date,
    calendar: Calendar,
    book: Book,
    *,
    opd: str | None = None,
    limit: int = CARDS,
) -> Board:
    """The board on a day, of the cases within reach; of one agency if it is named."""
    stages = book.newest.stage
    asked = {**_reach(reach), "opd": opd, "on": on, "limit": limit, "stages": [each.number for each in stages]}
    counts: dict[int, tuple[int, int, int, int]] = {
        stage: (count, late, held, ready) for stage, count, late, held, ready in conn.execute(SQL["counts"], asked)
    }
    states = {CaseState(state): count for state, count in conn.execute(SQL["states"], asked)}
    cards: dict[int, list[Standing]] = {}
    with conn.cursor(row_factory=dict_row) as cursor:
        for row in cursor.execute(SQL["cards"], asked):
            cards.setdefault(row["stage"], []).append(standing(case_of_row(row), on, calendar, book))
    columns = (
        Column(each.number, each.label, *counts.get(each.number, (0, 0, 0, 0)), tuple(cards.get(each.number, ())))
        for each in stages
    )
    return Board(tuple(columns), states)


def cases(conn: Connection[TupleRow], reach: Reach, states: Iterable[CaseState] = OPEN_STATES) -> list[Case]:
    """Cases in these states by number, as they are decided: off the board, and out of their events where it is behind.

    So nobody has to wait for the board, and nobody folds what is on it. Those off the board are without papers and
    attempts other than the open one.
    """
    asked = {**_reach(reach), "states": sorted(states)}
    with conn.cursor(row_factory=dict_row) as cursor:
        found = [case_of_row(row) for row in cursor.execute(SQL["open_and_drawn"], asked)]
        rows = cursor.execute(SQL["events_not_drawn"], asked).fetchall()
    behind = (fold(map(event_of_row, told)) for _, told in groupby(rows, key=lambda row: row["case"]))
    return sorted([*found, *(each for each in behind if each is not None)], key=lambda each: each.number)


def register(
    conn: Connection[TupleRow],
    reach: Reach,
    on: date,
    calendar: Calendar,
    book: Book,
    *,
    states: Collection[CaseState] = OPEN_STATES,
    opd: str | None = None,
    stage: int | None = None,
    overdue: bool = False,
    before: str | None = None,
    limit: int = PAGE,
) -> list[Standing]:
    """Cases in these states, the newest first, one page before the number `before`; `overdue`: only those late."""
    asked = {
        **_reach(reach),
        "states": sorted(states),
        "opd": opd,
        "stage": stage,
        "overdue": overdue,
        "on": on,
        "before": before,
        "limit": min(limit, PAGE),
    }
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(SQL["register"], asked).fetchall()
    return [standing(case_of_row(row), on, calendar, book) for row in rows]


def case(conn: Connection[TupleRow], number: str) -> Case:
    """A case as the board has it: without papers. Raises UnknownCase."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(SQL["standing"], {"number": number}).fetchone()
    if row is None:
        raise UnknownCase(number)
    return case_of_row(row)


def attempts(conn: Connection[TupleRow], number: str) -> list[Past]:
    """The attempts of a case that were begun, in order."""
    with conn.cursor(row_factory=class_row(Past)) as cursor:
        return cursor.execute(SQL["attempts"], {"case": number}).fetchall()


def durations(conn: Connection[TupleRow], procedure: int) -> Mapping[int, Sequence[int]]:
    """By stage, the working days that each of the newest closed cases has spent in it, returns included; sorted."""
    return dict(conn.execute(SQL["durations"], {"procedure": procedure, "limit": NEWEST}).fetchall())


def wait_for(conn: Connection[TupleRow], number: str, version: int, timeout_s: float) -> bool:
    """Whether the board has the case at this version or a later one, within so many seconds.

    `conn` must not stand in a transaction of one snapshot, which would see nothing new.
    """
    deadline = time.monotonic() + timeout_s
    while True:
        row = conn.execute(SQL["version"], {"number": number}).fetchone()
        if row is not None and row[0] >= version:
            return True
        if time.monotonic() + _LOOK_AGAIN_S > deadline:
            return False
        time.sleep(_LOOK_AGAIN_S)


def _reach(reach: Reach) -> dict[str, object]:
    return {"everywhere": reach.everywhere, "opds": sorted(reach.opds)}

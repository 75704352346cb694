"""Boards: where cases stand, for pages, lists and statistics, out of the projection of `sop.status`.

A board may be behind the decisions (`sop/lag.py`): whoever has just acted waits for the version that came of it
(`wait_for`), and lists show the cases that it lacks as they are.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, dict_row

from sop.case import Case
from sop.drawing import SQL
from sop.drawing import events as time_line
from sop.errors import UnknownCase
from sop.events import CaseState, StageState
from sop.folding import fold
from sop.lag import NONE, Lag
from sop.procedure import Book
from sop.projection import case_of_row
from sop.reading import OPEN_STATES
from sop.rows import event_of_row
from sop.sought import ANY, Reach, Sought, of_reach

__all__ = [
    "Asked",
    "Column",
    "Past",
    "attempts",
    "board",
    "case",
    "cases",
    "count",
    "durations",
    "kinds",
    "register",
    "some_drawn",
    "time_line",
    "wait_for",
    "waiting",
]

CARDS: Final = 20  # cases shown in a column
PAGE: Final = 100
NEWEST: Final = 200  # closed cases whose durations count
_LOOK_AGAIN_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Column:
    """A stage on the board: how many cases are at it, and those that are due first."""

    stage: int
    cases: int = 0
    overdue: int = 0
    today: int = 0
    held: int = 0
    ready: int = 0
    cards: tuple[Case, ...] = ()


@dataclass(frozen=True, slots=True)
class Asked:
    """What waits for a person, as `waiting` asks: confirmations (`code` None) and words of one's offices by version of
    the procedure, stage and agency (None: all); agencies that one works for, and those whose admin one is."""

    calls: tuple[tuple[int, int, str | None, str | None], ...] = ()  # procedure, stage, agency, code
    works_for: frozenset[str] = frozenset()
    admin_of: frozenset[str] = frozenset()


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
    book: Book,
    *,
    sought: Sought = ANY,
    lag: Lag = NONE,
    limit: int = CARDS,
) -> list[Column]:
    """The stages of the newest procedure in order on a day, of the cases within reach; `limit`: cards in each.

    Of a case that stands in `lag` counts what it is there. Drafts and what has ended are on no stage.
    """
    asked = {**_asked(reach, sought, lag), "on": on, "limit": limit}
    counts = {row[0]: row[1:] for row in conn.execute(SQL["counts"], asked).fetchall()}
    cards: dict[int, list[Case]] = {}
    stages = [each.number for each in book.newest.stage]
    lacking = _of_lag(lag, reach, sought)
    for case in [*_drawn(conn, "cards", {**asked, "stages": stages}), *lacking]:
        if case.current is not None:
            cards.setdefault(case.current.stage, []).append(case)
    return [_column(stage, counts.get(stage), lacking, cards.get(stage, []), on, limit) for stage in stages]


def _column(
    stage: int,
    counts: Sequence[int] | None,
    lacking: Iterable[Case],
    cards: Iterable[Case],
    on: date,
    limit: int,
) -> Column:
    """The column, with the cases that the boards lack."""
    drawn = Column(stage, *(counts[:5] if counts else ()))  # type: ignore[arg-type]  # five numbers
    here = [each.current for each in lacking if each.current is not None and each.current.stage == stage]
    return Column(
        stage,
        drawn.cases + len(here),
        drawn.overdue + sum(each.due is not None and each.due < on for each in here),
        drawn.today + sum(each.due == on for each in here),
        drawn.held + sum(each.state is StageState.HELD for each in here),
        drawn.ready + sum(each.state is StageState.READY for each in here),
        tuple(sorted(cards, key=_by_due)[:limit]),
    )


def waiting(conn: Connection[TupleRow], asked: Asked, *, lag: Lag = NONE, also: Iterable[Case] = ()) -> list[str]:
    """Numbers of the cases of which something waits for a person, those first that are due first; `also`: those of the
    `lag` of which something does."""
    procedures, stages, units, codes = ([each[at] for each in asked.calls] for at in range(4))
    values = {
        "without": lag.numbers,
        "admin_of": sorted(asked.admin_of),
        "works_for": sorted(asked.works_for),
        "procedures": procedures,
        "stages": stages,
        "units": units,
        "codes": codes,
    }
    drawn = ((due or date.max, number) for number, due in conn.execute(SQL["waiting"], values))
    return [number for _, number in sorted([*drawn, *map(_by_due, also)])]


def some_drawn(conn: Connection[TupleRow], numbers: Iterable[str]) -> list[Case]:
    """The cases with these numbers as the boards have them, those first that are due first."""
    return sorted(_drawn(conn, "some_standing", {"numbers": sorted(numbers)}), key=_by_due)


def cases(conn: Connection[TupleRow], reach: Reach, states: Iterable[CaseState] = OPEN_STATES) -> list[Case]:
    """Cases in these states by number, as they are decided: off the board, and out of their events where it is behind.

    So nobody has to wait for the board, and nobody folds what is on it. Those off the board are without papers and
    attempts other than the open one.
    """
    asked = {**of_reach(reach), "states": sorted(states)}
    with conn.cursor(row_factory=dict_row) as cursor:
        found = [case_of_row(row) for row in cursor.execute(SQL["open_and_drawn"], asked)]
        rows = cursor.execute(SQL["events_not_drawn"], asked).fetchall()
    behind = (fold(map(event_of_row, told)) for _, told in groupby(rows, key=lambda row: row["case"]))
    return sorted([*found, *(each for each in behind if each is not None)], key=lambda each: each.number)


def register(
    conn: Connection[TupleRow],
    reach: Reach,
    *,
    sought: Sought = ANY,
    lag: Lag = NONE,
    before: str | None = None,
    limit: int = PAGE,
) -> list[Case]:
    """The cases by number, the newest first: one page before the number `before`."""
    asked = {**_asked(reach, sought, lag), "before": before, "limit": limit}
    lacking = [each for each in _of_lag(lag, reach, sought) if before is None or each.number < before]
    found = [*_drawn(conn, "register", asked), *lacking]
    return sorted(found, key=lambda each: each.number, reverse=True)[:limit]


def count(conn: Connection[TupleRow], reach: Reach, *, sought: Sought = ANY, lag: Lag = NONE) -> int:
    """How many cases the register has on all its pages."""
    row = conn.execute(SQL["count_register"], _asked(reach, sought, lag)).fetchone()
    return (row[0] if row else 0) + len(_of_lag(lag, reach, sought))


def kinds(conn: Connection[TupleRow], reach: Reach, *, lag: Lag = NONE) -> tuple[list[str], list[int]]:
    """Agencies that have cases, and the years in which cases were submitted, the newest first."""
    row = conn.execute(SQL["kinds"], of_reach(reach)).fetchone()
    opds, years = row or ([], [])
    lacking = _of_lag(lag, reach, ANY)
    opds = sorted({*opds, *(each.opd for each in lacking)})
    return opds, sorted({*years, *(each.submitted_on.year for each in lacking if each.submitted_on)}, reverse=True)


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


def _asked(reach: Reach, sought: Sought, lag: Lag) -> dict[str, Any]:
    return {**of_reach(reach), **sought.values(), "without": lag.numbers}


def _of_lag(lag: Lag, reach: Reach, sought: Sought) -> list[Case]:
    """The cases that the boards lack, as far as they are wanted."""
    return [case for case in lag.cases if (reach.everywhere or case.opd in reach.opds) and sought.fits(case)]


def _drawn(conn: Connection[TupleRow], statement: str, values: Mapping[str, Any]) -> list[Case]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return [case_of_row(row) for row in cursor.execute(SQL[statement], values)]


def _by_due(case: Case) -> tuple[date, str]:
    due = case.current.due if case.current else None
    return (due or date.max, case.number)

"""When a case will end: by the limits of the stages that are left, and by how long they took before. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Final

from base.calendar import Calendar, CalendarError
from sop import clock
from sop.case import Attempt, Case
from sop.procedure import Procedure

FEWEST: Final = 5  # cases that have gone through a stage, before its past says anything
HALF, MOST = Fraction(1, 2), Fraction(4, 5)

Spread = Mapping[int, int]  # how often so many working days; whole numbers, which stay exact and are quick to add


@dataclass(frozen=True, slots=True)
class Forecast:
    """Days on which the case will have ended.

    `by_limits`: if every stage takes as long as it may; None where the calendar does not reach so far. `median` and
    `likely`: in half, and in four of five, of the cases that were like this one; None where too few were. `cases`: how
    many have gone through the stage of which least is known.
    """

    by_limits: date | None
    median: date | None
    likely: date | None
    cases: int


def forecast(
    case: Case, on: date, calendar: Calendar, procedure: Procedure, durations: Mapping[int, Sequence[int]]
) -> Forecast | None:
    """The forecast on a day; None for a case without an open stage.

    `durations`: by stage, the working days that each past case has spent in it, all rounds together
    (`sop.boards.durations`): so what returns cost is in them.
    """
    attempt = case.current
    if attempt is None:
        return None
    stages = range(attempt.stage, procedure.last + 1)
    cases = min(len(durations.get(stage, ())) for stage in stages)
    found = Forecast(_by_limits(attempt, on, calendar, procedure), None, None, cases)
    if cases < FEWEST:
        return found
    used = clock.days_used(attempt, on, calendar)
    spread = _left(durations[attempt.stage], used)
    for stage in stages[1:]:
        spread = _sum(spread, _spread(durations[stage]))
    median, likely = (_after(on, _quantile(spread, share), calendar) for share in (HALF, MOST))
    return Forecast(found.by_limits, median, likely, cases)


def _by_limits(attempt: Attempt, on: date, calendar: Calendar, procedure: Procedure) -> date | None:
    end = on if attempt.due is None else max(on, attempt.due)
    try:
        for number in range(attempt.stage + 1, procedure.last + 1):
            end = procedure.at(number).due.after(end, calendar)
    except CalendarError:
        return None
    return end


def _left(days: Sequence[int], used: int) -> Spread:
    """What is left of a stage that has taken so long already; nothing, where none has ever taken longer."""
    longer = [each - used for each in days if each >= used]
    return _spread(longer or [0])


def _spread(days: Sequence[int]) -> Spread:
    return Counter(days)


def _sum(one: Spread, other: Spread) -> Spread:
    """Of two that do not depend on each other."""
    found: Counter[int] = Counter()
    for first, often in one.items():
        for second, as_often in other.items():
            found[first + second] += often * as_often
    return found


def _quantile(spread: Spread, share: Fraction) -> int:
    wanted, reached = share * sum(spread.values()), 0
    for days in sorted(spread):
        reached += spread[days]
        if reached >= wanted:
            return days
    raise ValueError("nothing to choose from")


def _after(on: date, days: int, calendar: Calendar) -> date | None:
    try:
        return calendar.add_working_days(on, days) if days else calendar.roll_forward(on)
    except CalendarError:
        return None

"""Whether a field suddenly looks otherwise than on the days before: pure, robust, and slow to call a person.

A day is held against the days of the last eight working weeks, and besides against those of its own weekday, so that
what happens each Monday is no news. It has jumped when it lies outside of all of them, further from their median than
five times their usual spread (1.4826 × MAD), than chance explains for so many rows, and than a step that is worth a
call. `docs/explanation/profiles.md` has the rates of false alarms and of faults found.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from math import log, sqrt
from statistics import median
from typing import Final

from hub_db.profiles.shapes import Shape

LEAST_ROWS: Final = 200  # of a day that is judged, or held against one
LEAST_VALUES: Final = 100  # that are not null, for what is said of values
LEAST_DAYS: Final = 10
LEAST_ALIKE: Final = 4  # days of the same weekday; with fewer the weekday says nothing
WORKED_DAYS: Final = 40  # eight weeks
_TIMES: Final = 5.0  # the usual spread; more where few days tell it
_MANY_DAYS: Final = 20
_MAD: Final = 1.4826
_BY_CHANCE: Final = 4.0  # standard errors
_STEP_NULLS: Final = 0.05
_STEP_DIFFERENT: Final = log(3)
_STEP_CODES: Final = 0.10  # of the rows have another code
_STEPS: Final[Mapping[Shape, float]] = {Shape.LENGTHS: 3.0, Shape.SIZES: 1.0, Shape.AGES: 6.0}  # classes, on average
IsAlike = Callable[[date], bool]


@dataclass(frozen=True, slots=True)
class FieldDay:
    """A field on a day."""

    day: date
    seen: int
    looked_at: int
    nulls: int
    different: int
    counts: Mapping[str, int]
    low: str | None = None
    high: str | None = None

    @property
    def values(self) -> int:
        return self.looked_at - self.nulls

    @property
    def null_share(self) -> float:
        return self.nulls / self.looked_at if self.looked_at else 0.0

    def shares(self) -> dict[str, float]:
        """Of each code or class among the values."""
        total = sum(self.counts.values())
        return {place: count / total for place, count in self.counts.items()} if total else {}


class Sort(StrEnum):
    """What jumped."""

    NULLS = "nulls"
    DIFFERENT = "different"
    SPREAD = "spread"  # codes, lengths, sizes, ages


@dataclass(frozen=True, slots=True)
class Jump:
    """A field looks otherwise. `now` and `usual` are shares of nulls, or numbers of values; of a spread how far the day
    is from the others, and how far they are from each other."""

    sort: Sort
    now: float
    usual: float


def enough(day: FieldDay) -> bool:
    return day.looked_at >= LEAST_ROWS


def since(day: date, worked: Callable[[date], bool]) -> date:
    """The first of the days that a day is held against: eight working weeks before it."""
    found, left = day, WORKED_DAYS
    while left:
        found -= timedelta(days=1)
        left -= worked(found)
    return found


def jumps(shape: Shape, today: FieldDay, before: Sequence[FieldDay], worked: Callable[[date], bool]) -> list[Jump]:
    """What jumped on a day; `before` are the days it is held against (`since`). Empty with too few rows or days."""
    full = [each for each in before if enough(each)]
    if not enough(today) or len(full) < LEAST_DAYS:
        return []
    alike = [each for each in full if _is_alike(each.day, today.day, worked)]
    groups = [full] if len(alike) < LEAST_ALIKE else [full, alike]
    found = [judge(shape, today, groups) for judge in (_nulls, _different, _spread)]
    return [each for each in found if each is not None]


def _is_alike(one: date, other: date, worked: Callable[[date], bool]) -> bool:
    if not worked(other):
        return not worked(one)
    return worked(one) and one.weekday() == other.weekday()


def _far(now: float, before: Sequence[float], step: float, chance: float) -> int:
    """1 or -1 when it lies far above or below all of them, else 0."""
    middle = median(before)
    spread = _MAD * median(abs(each - middle) for each in before)
    times = _TIMES * max(1.0, _MANY_DAYS / len(before)) ** 0.25
    if abs(now - middle) <= max(step, times * spread, _BY_CHANCE * chance):
        return 0
    return (now > max(before)) - (now < min(before))


def _nulls(_: Shape, today: FieldDay, groups: Sequence[Sequence[FieldDay]]) -> Jump | None:
    usual = median(each.null_share for each in groups[0])
    p = (usual * today.looked_at + 1) / (today.looked_at + 2)
    chance = sqrt(p * (1 - p) / today.looked_at)
    if all(_far(today.null_share, [each.null_share for each in group], _STEP_NULLS, chance) for group in groups):
        return Jump(Sort.NULLS, today.null_share, usual)
    return None


def _different(_: Shape, today: FieldDay, groups: Sequence[Sequence[FieldDay]]) -> Jump | None:
    """Far fewer values, or far more, whether one counts them or holds them against the rows that have one."""
    if today.values < LEAST_VALUES:
        return None
    full = [[each for each in group if each.values >= LEAST_VALUES] for group in groups]
    if len(full[0]) < LEAST_DAYS:
        return None
    ways = set()
    for group in full:
        if len(group) < LEAST_ALIKE:
            continue
        for measure in (_log_different, _log_variety):
            ways.add(_far(measure(today), [measure(each) for each in group], _STEP_DIFFERENT, 0.0))
    if ways in ({1}, {-1}):
        return Jump(Sort.DIFFERENT, today.different, median(each.different for each in full[0]))
    return None


def _log_different(day: FieldDay) -> float:
    return log(max(day.different, 1))


def _log_variety(day: FieldDay) -> float:
    return log(max(day.different, 1) / day.values)


def _spread(shape: Shape, today: FieldDay, groups: Sequence[Sequence[FieldDay]]) -> Jump | None:
    if today.values < LEAST_VALUES:
        return None
    first = None
    for group in groups:
        full = [each.shares() for each in group if each.values >= LEAST_VALUES]
        if len(full) < (LEAST_DAYS if group is groups[0] else LEAST_ALIKE):
            if group is groups[0]:
                return None
            continue
        usual = centre(full)
        now = distance(shape, today.shares(), usual)
        theirs = [distance(shape, each, usual) for each in full]
        step = _STEP_CODES if shape is Shape.CODES else _STEPS[shape]
        if _far(now, theirs, step, 0.0) <= 0 or now <= step / 2 + _BY_CHANCE * _chance(shape, usual, today.values):
            return None
        first = first or Jump(Sort.SPREAD, now, median(theirs))
    return first


def centre(days: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The usual share of each code or class: the median over the days, brought to a whole."""
    places = {place for day in days for place in day}
    middle = {place: median(day.get(place, 0.0) for day in days) for place in places}
    total = sum(middle.values())
    if not total:  # no code is common to half of the days
        middle = {place: sum(day.get(place, 0.0) for day in days) for place in places}
        total = sum(middle.values())
    return {place: share / total for place, share in middle.items() if share}


def distance(shape: Shape, one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Of codes: the share of rows that would have to change; of classes: by how many each would have to, on average."""
    if shape is Shape.CODES:
        return sum(abs(one.get(place, 0.0) - other.get(place, 0.0)) for place in one.keys() | other.keys()) / 2
    places = sorted({int(place) for place in (*one, *other)})
    moved = total = 0.0
    for place, following in pairwise(places):
        moved += one.get(str(place), 0.0) - other.get(str(place), 0.0)
        total += abs(moved) * (following - place)
    return total


def _chance(shape: Shape, usual: Mapping[str, float], rows: int) -> float:
    """About the distance that a day of so many rows has from what is usual by chance alone."""
    if shape is Shape.CODES:
        return 0.4 * sum(sqrt(p * (1 - p) / rows) for p in usual.values())
    mean = sum(int(place) * p for place, p in usual.items())
    return sqrt(sum((int(place) - mean) ** 2 * p for place, p in usual.items()) / rows)


def moved(today: FieldDay, before: Sequence[FieldDay], most: int = 3) -> list[tuple[str, float, float]]:
    """The codes whose share changed most, with the share now and what is usual."""
    usual = centre([each.shares() for each in before if enough(each)])
    now = today.shares()
    found = [(place, now.get(place, 0.0), usual.get(place, 0.0)) for place in now.keys() | usual.keys()]
    return sorted(found, key=lambda each: (-abs(each[1] - each[2]), each[0]))[:most]

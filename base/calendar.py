"""The working calendar of an office: which days are worked, and what a deadline of so many days or months is. Pure.

Rules (the procedure's clock): day 0 is the local date of entry, "k days" is the k-th working day after it, "a month" is
the same date of the next month, clipped to its last day and rolled forward to a working day. Monday to Friday are
worked, except national holidays and joint leave (`base/holidays.json`, pinned), local closures (the instance) and what
an administrator has closed; what an administrator has opened again is worked.
"""

import calendar as gregorian
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from functools import cache
from importlib.resources import files
from types import MappingProxyType

from base.instance import Instance

IsWorkingDay = Callable[[date], bool]
_SATURDAY = 5
_DAY = timedelta(days=1)
_LAST_SECOND = time(23, 59, 59)


class CalendarError(Exception):
    """A question about a day that the calendar does not know, or a change that makes no sense."""


class Why(StrEnum):
    """Why a day is off."""

    NATIONAL = "libur nasional"
    JOINT_LEAVE = "cuti bersama"
    LOCAL = "libur setempat"
    ADDED = "ditambahkan administrator"


@dataclass(frozen=True, slots=True)
class DayOff:
    """A day that is not worked; `decree` is None where nobody has decided it yet."""

    day: date
    name: str
    why: Why
    decree: str | None
    estimated: bool = False  # follows the moon and is not confirmed


@dataclass(frozen=True, slots=True)
class Change:
    """What an administrator decided about one day. The last one about a day holds."""

    day: date
    closed: bool  # false: worked after all
    reason: str
    decree: str | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Calendar:
    """Days off by date, openings by date, and for each known year its decree (None: estimates, no joint leave)."""

    off: Mapping[date, DayOff]
    opened: Mapping[date, Change]
    decrees: Mapping[int, str | None]

    def is_working_day(self, day: date) -> bool:
        """Raises CalendarError for a year of which nothing is known."""
        if day.year not in self.decrees:
            known = f"{min(self.decrees)} sampai {max(self.decrees)}"
            raise CalendarError(f"Kalender kerja memuat tahun {known}; tahun {day.year} belum ada.")
        return day.weekday() < _SATURDAY and day not in self.off

    def add_working_days(self, start: date, count: int) -> date:
        """The `count`-th working day after `start` (from 1)."""
        if count < 1:
            raise CalendarError(f"Jumlah hari kerja paling sedikit 1, bukan {count}.")
        day = start
        for _ in range(count):
            day = self.roll_forward(day + _DAY)
        return day

    def add_month(self, start: date, count: int = 1) -> date:
        """The same date `count` months later, or that month's last day, rolled forward to a working day."""
        if count < 1:
            raise CalendarError(f"Jumlah bulan paling sedikit 1, bukan {count}.")
        years, month = divmod(start.month - 1 + count, 12)
        year, month = start.year + years, month + 1
        last = gregorian.monthrange(year, month)[1]
        return self.roll_forward(date(year, month, min(start.day, last)))

    def roll_forward(self, day: date) -> date:
        """The day itself if it is worked, else the next one that is."""
        while not self.is_working_day(day):
            day += _DAY
        return day

    def working_days(self, year: int) -> int:
        """How many days of the year are worked."""
        return self.working_days_between(date(year, 1, 1) - _DAY, date(year, 12, 31))

    def working_days_between(self, after: date, until: date) -> int:
        """Working days later than `after`, up to and with `until`; negative if `until` comes first."""
        if until < after:
            return -self.working_days_between(until, after)
        return sum(self.is_working_day(day) for day in _days(after + _DAY, until))

    def days_off(self, year: int) -> list[DayOff]:
        """The days off of a year in order, those on weekends among them."""
        self.is_working_day(date(year, 1, 1))
        return [self.off[day] for day in sorted(self.off) if day.year == year]

    def is_estimate(self, first: date, last: date) -> bool:
        """Whether a decree is missing for any year of the stretch: a date reckoned over it may still change."""
        return any(self.decrees.get(year) is None for year in range(first.year, last.year + 1))

    def changed(self, changes: Iterable[Change]) -> "Calendar":
        """The calendar after these decisions, which come in the order in which they were taken."""
        off, opened = dict(self.off), dict(self.opened)
        for change in changes:
            if change.closed:
                opened.pop(change.day, None)
                off[change.day] = DayOff(change.day, change.reason, Why.ADDED, change.decree)
            else:
                off.pop(change.day, None)
                opened[change.day] = change
        return Calendar(MappingProxyType(off), MappingProxyType(opened), self.decrees)


def of_instance(instance: Instance, changes: Iterable[Change] = ()) -> Calendar:
    """The calendar of an office: national days, local closures, an administrator's changes."""
    national = pinned()
    local = {
        closure.tanggal: DayOff(closure.tanggal, closure.keterangan, Why.LOCAL, closure.dasar)
        for closure in instance.libur
    }
    # A day that is off everywhere keeps its national name.
    return Calendar(MappingProxyType(local | dict(national.off)), national.opened, national.decrees).changed(changes)


@cache
def pinned() -> Calendar:
    """The national days of `base/holidays.json`."""
    years = json.loads(files("base").joinpath("holidays.json").read_text(encoding="utf-8"))["years"]
    off = {}
    for year in years.values():
        for entry in year["days"]:
            day = date.fromisoformat(entry["date"])
            decree = entry.get("decree", year["decree"])
            off[day] = DayOff(day, entry["name"], Why(entry["kind"]), decree, entry.get("estimated", False))
    decrees = {int(number): year["decree"] for number, year in years.items()}
    return Calendar(MappingProxyType(off), MappingProxyType({}), MappingProxyType(decrees))


def local_date(moment: datetime, zone: tzinfo) -> date:
    """The date on which an aware moment falls in the office's zone. Naive is a ValueError."""
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone")
    return moment.astimezone(zone).date()


def deadline(day: date, zone: tzinfo) -> datetime:
    """The last second of the day in the office's zone."""
    return datetime.combine(day, _LAST_SECOND, zone)


def _days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += _DAY

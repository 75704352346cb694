"""A document's promise to be up to date: whether it is kept, and how it reads. Pure.

"P1D" means the end of the next working day (DOMAIN §3: no alarm on Sunday); other days are calendar days, rolled
forward to a working day; hours and minutes are those of the clock.
"""

import re
from datetime import date, datetime, timedelta, tzinfo

from base.calendar import IsWorkingDay

_DURATION = re.compile(r"P(?:([0-9]+)([DWMY])|T([0-9]+)([HM]))")
_DAYS = {"D": 1, "W": 7, "M": 31, "Y": 366}
_WORDS = {"D": "hari", "W": "minggu", "M": "bulan", "Y": "tahun", "H": "jam", "m": "menit"}


def is_stale(since: datetime, freshness: str, *, now: datetime, zone: tzinfo, worked: IsWorkingDay) -> bool:
    """Whether the promise is broken, when the newest event (or the opening of the document) was at `since`."""
    match = _DURATION.fullmatch(freshness)
    if match is None:
        return False
    if match[3]:
        unit = timedelta(hours=1) if match[4] == "H" else timedelta(minutes=1)
        return now - since > int(match[3]) * unit
    local, today = since.astimezone(zone).date(), now.astimezone(zone).date()
    if freshness == "P1D":
        return today > next_worked(local, worked)
    return today > next_worked(local + timedelta(days=int(match[1]) * _DAYS[match[2]] - 1), worked)


def span(duration: str) -> timedelta:
    """A duration of a contract as a span that is never too short: months have 31 days, years 366."""
    match = _DURATION.fullmatch(duration)
    if match is None:
        raise ValueError(f"{duration!r} is no duration of a contract")
    if match[3]:
        return int(match[3]) * (timedelta(hours=1) if match[4] == "H" else timedelta(minutes=1))
    return timedelta(days=int(match[1]) * _DAYS[match[2]])


def next_worked(day: date, worked: IsWorkingDay) -> date:
    """The first working day after `day`."""
    day += timedelta(days=1)
    while not worked(day):
        day += timedelta(days=1)
    return day


def worked_days(after: date, until: date, worked: IsWorkingDay) -> int:
    """Working days later than `after`, up to and with `until`."""
    return sum(worked(after + timedelta(days=each)) for each in range(1, (until - after).days + 1))


def promise(freshness: str) -> str:
    """The promise in words: "1 hari kerja", "7 hari"."""
    match = _DURATION.fullmatch(freshness)
    if match is None:
        return freshness
    if freshness == "P1D":
        return "1 hari kerja"
    return f"{match[1] or match[3]} {_WORDS[match[2] or match[4].replace('M', 'm')]}"

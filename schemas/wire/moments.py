"""Moments of RFC 3339 in UTC, many at once: "2026-01-05T07:05:00.000Z", as `headers.rfc3339` writes them."""

from typing import Final

import numpy as np
import numpy.typing as npt

from schemas.wire.cursor import Flags, Places, Spans

_FORM: Final = "0000-00-00T00:00:00.000Z"
_SIGNS: Final = [(place, ord(sign)) for place, sign in enumerate(_FORM) if sign != "0"]
_YEARS: Final = (1850, 2200)
_DAYS: Final = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_DAY_MS: Final = 86_400_000


def milliseconds(spans: Spans) -> tuple[npt.NDArray[np.int64], Flags]:
    """Milliseconds since 1970-01-01 of each text, and which of them are moments of this form at all."""
    good: Flags = spans.sizes == len(_FORM)
    starts = np.where(good, spans.starts, 0)
    for place, sign in _SIGNS:
        good &= spans.buffer[starts + place] == sign
    year = _number(spans.buffer, starts, good, 0, 4)
    month = _number(spans.buffer, starts, good, 5, 2)
    day = _number(spans.buffer, starts, good, 8, 2)
    hour = _number(spans.buffer, starts, good, 11, 2)
    minute = _number(spans.buffer, starts, good, 14, 2)
    second = _number(spans.buffer, starts, good, 17, 2)
    millisecond = _number(spans.buffer, starts, good, 20, 3)
    good &= (year >= _YEARS[0]) & (year <= _YEARS[1]) & (month >= 1) & (month <= 12) & (day >= 1)
    leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0)) & (month == 2)
    good &= (day <= _DAYS[np.minimum(month, 12)] + leap) & (hour < 24) & (minute < 60) & (second < 60)
    seconds = (hour * 60 + minute) * 60 + second
    return _days(year, month, day) * _DAY_MS + seconds * 1_000 + millisecond, good


def _number(buffer: npt.NDArray[np.uint8], starts: Places, good: Flags, first: int, size: int) -> Places:
    """The digits there as a number; where they are none, `good` becomes false."""
    number = np.zeros(len(starts), np.int64)
    for place in range(first, first + size):
        digit = buffer[starts + place] - np.uint8(ord("0"))  # what is less than "0" wraps round to much
        good &= digit <= 9
        number = number * 10 + digit
    return number


def _days(year: Places, month: Places, day: Places) -> Places:
    """Days since 1970-01-01 (proleptic Gregorian): years begin in March, so that the leap day is the last one."""
    year = year - (month <= 2)
    era, of_era = year // 400, year % 400
    of_year = (153 * ((month + 9) % 12) + 2) // 5 + day - 1
    days: Places = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return days

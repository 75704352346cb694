"""When something is decided, and by which rules: what the pure machine is told instead of asking."""

from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import Self

from base.calendar import Calendar, local_date


@dataclass(frozen=True, slots=True)
class Moment:
    """The moment, and the date on which it falls in the office's zone."""

    at: datetime
    on: date

    @classmethod
    def of(cls, at: datetime, zone: tzinfo) -> Self:
        """The moment as the office's clock shows it, to the millisecond, as the topic tells it."""
        whole = at.replace(microsecond=at.microsecond // 1000 * 1000)
        return cls(whole.astimezone(zone), local_date(whole, zone))


@dataclass(frozen=True, slots=True)
class World:
    """What a decision depends on beside the case: the working calendar, and which agency is the Walidata."""

    calendar: Calendar
    walidata: str

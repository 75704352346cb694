"""Profiles of fields for their page, in words and curves; no value of a field that is not open."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from base.indonesian import decimal, number, short_day
from dashboard.sparkline import Spark, spark
from hub_db.profiles.jumps import LEAST_DAYS, LEAST_ROWS
from hub_db.profiles.reading import FieldProfile, Profile, percent
from hub_db.profiles.shapes import Shape, told
from schemas.contract import Kind

DAYS = 30  # of a curve, the day itself among them
CODES = 3  # named in a row


@dataclass(frozen=True, slots=True)
class Row:
    """A field in the table."""

    found: FieldProfile
    content: str
    nulls: Spark | None
    nulls_label: str
    different: Spark | None
    different_label: str

    @property
    def is_judged(self) -> bool:
        return self.found.full_days >= LEAST_DAYS


def rows(found: Profile) -> list[Row]:
    """Those that jumped first, else as the contract has them."""
    return [_row(each) for each in sorted(found.fields, key=lambda each: not each.jumps)]


def sentence(found: Profile) -> str:
    """The state in one sentence."""
    judged = max((each.full_days for each in found.fields), default=0)
    if found.jumped:
        return f"{number(len(found.jumped))} isian tiba-tiba lain daripada delapan minggu kerja sebelumnya."
    if judged < LEAST_DAYS:
        return (
            f"Belum cukup hari untuk membandingkan: {number(judged)} dari {LEAST_DAYS} hari dengan paling sedikit "
            f"{LEAST_ROWS} baris."
        )
    return "Tidak ada isian yang tiba-tiba lain daripada delapan minggu kerja sebelumnya."


def _row(each: FieldProfile) -> Row:
    days = [*each.before, each.today][-DAYS:]
    nulls = [day.null_share for day in days]
    different = [day.different for day in days]
    since = f"sejak {short_day(days[0].day)}"
    return Row(
        each,
        content(each),
        spark(nulls),
        f"Bagian kosong {since}: paling banyak {percent(max(nulls))}",
        spark(different),
        f"Nilai berbeda {since}: {number(min(different))} sampai {number(max(different))}",
    )


def content(each: FieldProfile) -> str:
    """What the values are, in a line: codes with their shares, or from where to where they reach."""
    today = each.today
    if not today.values:
        return "Semua kosong"
    if each.shape is Shape.CODES:
        if not each.is_open:
            return f"{number(today.different)} kode (tidak disebut: isian {each.field.sensitivity.value})"
        shares = list(each.codes.items())
        named = ", ".join(f"{code} {percent(share)}" for code, share in shares[:CODES])
        rest = len(shares) - CODES
        return named + (f" dan {number(rest)} kode lain" if rest > 0 else "")
    if today.low is not None and today.high is not None:
        return _span(_exact(each, today.low), _exact(each, today.high))
    places = sorted(map(int, today.counts))
    if each.shape is Shape.AGES:
        places.reverse()  # the oldest is the earliest
    if each.shape is Shape.LENGTHS and places[0] != places[-1]:
        return f"{places[0]} sampai {told(each.shape, places[-1], today.day)}"
    return _span(told(each.shape, places[0], today.day), told(each.shape, places[-1], today.day))


def _span(low: str, high: str) -> str:
    return low if low == high else f"{low} sampai {high}"


def _exact(each: FieldProfile, text: str) -> str:
    if each.field.kind in (Kind.DATE, Kind.TIMESTAMP):
        day = date.fromisoformat(text[:10])
        return f"{short_day(day)} {day.year}"
    value = float(text)
    return number(int(value)) if value.is_integer() else decimal(round(value, 6))


def around(days: Sequence[date], day: date) -> tuple[date | None, date | None]:
    """The days with a profile before and after one."""
    return max((each for each in days if each < day), default=None), min(
        (each for each in days if each > day), default=None
    )

"""Turns the cells of a row into values of a document's fields, in the forms that offices type."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Final

from schemas.contract import Contract, Field, Kind, Value
from schemas.formats import FORMATS
from schemas.reasons import reject
from schemas.rejection import Rejection
from schemas.shapes import text_shape

# (text, field, the office's time zone) → value, or why not. The text is not empty.
Converter = Callable[[str, Field, tzinfo], Value | Rejection]

_EXPONENT: Final = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]{1,2}")
_WHOLE: Final = re.compile(r"-?[0-9]{1,19}")
_GROUPED: Final = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{3})+,[0-9]+")  # 1.234,5
_DECIMAL: Final = re.compile(r"-?[0-9]{1,40}(?:[.,][0-9]{1,40})?")
_ISO_DATE: Final = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ T]00:00(?::00(?:\.0+)?)?)?")
_DAY_FIRST: Final = re.compile(r"([0-9]{1,2})([-/])([0-9]{1,2})\2([0-9]{4})")
_WORDED: Final = re.compile(r"([0-9]{1,2}) ([A-Za-z]+) ([0-9]{4})")
_CLOCK: Final = re.compile(r"(.+?)[ T](?:pukul )?([0-9]{1,2})[:.]([0-9]{2})(?:[:.]([0-9]{2})(?:[.,]([0-9]{1,6}))?)?")
_OFFSET: Final = re.compile(r"[0-9]{4}-.*(?:Z|[+-][0-9]{2}:?[0-9]{2})")
_MONTHS: Final = (
    "januari", "februari", "maret", "april", "mei", "juni",
    "juli", "agustus", "september", "oktober", "november", "desember",
)  # fmt: skip
_SHORT_MONTHS: Final = {"agt": 8, "ags": 8, "nop": 11, "nopember": 11, "pebruari": 2, "peb": 2} | {
    name[:3]: place for place, name in enumerate(_MONTHS, start=1)
}
_TRUE: Final = frozenset({"ya", "y", "1", "true", "benar"})
_FALSE: Final = frozenset({"tidak", "t", "n", "0", "false", "salah"})


def read_row(contract: Contract, cells: Mapping[str, str], zone: tzinfo) -> dict[str, Value] | tuple[Rejection, ...]:
    """The row's values by field (an empty cell is None), or every reason why a cell cannot be read.

    `zone` is that of times which name none.
    """
    values: dict[str, Value] = {}
    rejections: list[Rejection] = []
    for name, cell in cells.items():
        field = contract.by_name[name]  # type: ignore[index] # the columns were matched with the contract
        text = cell.strip()
        value = _CONVERTERS[field.kind](text, field, zone) if text else None
        if isinstance(value, Rejection):
            rejections.append(value)
        else:
            values[name] = value
    return tuple(rejections) or values


def _text(text: str, field: Field, _zone: tzinfo) -> str | Rejection:
    if field.format is not None and _EXPONENT.fullmatch(text):
        label = FORMATS[field.format].label
        return reject("csv-exponent", field.name, f"{label} berbentuk bilangan berpangkat (E+…)", "teks berisi digit")
    return text


def _whole(text: str, field: Field, _zone: tzinfo) -> int | Rejection:
    return int(text) if _WHOLE.fullmatch(text) else _no_number(text, field)


def _fraction(text: str) -> str | None:
    """With a decimal point; None for what is no number. A dot alone is a decimal point, never a group."""
    if _GROUPED.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    return text.replace(",", ".") if _DECIMAL.fullmatch(text) else None


def _double(text: str, field: Field, _zone: tzinfo) -> float | Rejection:
    fraction = _fraction(text)
    return float(fraction) if fraction is not None else _no_number(text, field)


def _decimal(text: str, field: Field, _zone: tzinfo) -> Decimal | Rejection:
    fraction = _fraction(text)
    return Decimal(fraction) if fraction is not None else _no_number(text, field)


def _no_number(text: str, field: Field) -> Rejection:
    return reject("csv-number", field.name, text_shape(text), "bilangan, misalnya 12 atau 12,5")


def _boolean(text: str, field: Field, _zone: tzinfo) -> bool | Rejection:
    word = text.lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    return reject("csv-boolean", field.name, text_shape(text), "ya atau tidak")


def _date(text: str, field: Field, _zone: tzinfo) -> date | Rejection:
    return read_date(text) or reject(
        "csv-date", field.name, text_shape(text), "tanggal yang ada, seperti 17-08-1990 atau 1990-08-17"
    )


def _moment(text: str, field: Field, zone: tzinfo) -> datetime | Rejection:
    return read_moment(text, zone) or reject(
        "csv-date", field.name, text_shape(text), "waktu, seperti 05-01-2026 14:05 atau 2026-01-05T14:05:00+07:00"
    )


def read_date(text: str) -> date | None:
    """yyyy-mm-dd, dd-mm-yyyy, dd/mm/yyyy or "17 Agustus 1990"; never mm/dd, never two digits of a year."""
    if match := _ISO_DATE.fullmatch(text):
        year, month, day = int(match[1]), int(match[2]), int(match[3])
    elif match := _DAY_FIRST.fullmatch(text):
        year, month, day = int(match[4]), int(match[3]), int(match[1])
    elif match := _WORDED.fullmatch(text):
        word = match[2].lower()
        month = _MONTHS.index(word) + 1 if word in _MONTHS else _SHORT_MONTHS.get(word, 0)
        year, day = int(match[3]), int(match[1])
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def read_moment(text: str, zone: tzinfo) -> datetime | None:
    """A date, with a time of day or at its first minute; in `zone` unless it is ISO 8601 with an offset."""
    try:
        moment = datetime.fromisoformat(text) if _OFFSET.fullmatch(text) else _local_moment(text, zone)
        return None if moment is None or moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):  # an hour that no day has; the first and last days of the calendar
        return None


def _local_moment(text: str, zone: tzinfo) -> datetime | None:
    """Raises ValueError for a time that no day has."""
    if (day := read_date(text)) is not None:
        return datetime(day.year, day.month, day.day, tzinfo=zone)
    match = _CLOCK.fullmatch(text)
    day = read_date(match[1]) if match else None
    if match is None or day is None:
        return None
    micro = int((match[5] or "0").ljust(6, "0"))
    return datetime(day.year, day.month, day.day, int(match[2]), int(match[3]), int(match[4] or 0), micro, zone)


_CONVERTERS: Final[Mapping[Kind, Converter]] = {
    Kind.STRING: _text,
    Kind.INT: _whole,
    Kind.LONG: _whole,
    Kind.DOUBLE: _double,
    Kind.DECIMAL: _decimal,
    Kind.BOOLEAN: _boolean,
    Kind.DATE: _date,
    Kind.TIMESTAMP: _moment,
}

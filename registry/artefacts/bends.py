"""How an example is bent: to another value of its field, or to something that is none."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from schemas import code_lists
from schemas.contract import Field, Kind, Value
from schemas.texts import MAX_TEXT_LENGTH

EXAMPLE_DAY: Final = date(2026, 8, 3)  # on which the examples are sent; "today" in every verdict
_DAYS: Final = tuple(timedelta(days=days) for days in (-1, 1, -400, 400, -7_000, 7_000, 12_000, -25_000))
_ISO_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DIGITS: Final = "0259"  # what a digit is bent to
_FEMALE_DAY: Final = 40  # added to the day of birth in a NIK
_FALLBACK: Final[Mapping[Kind, Value]] = {
    Kind.STRING: "CONTOH",
    Kind.INT: 1,
    Kind.LONG: 1,
    Kind.DOUBLE: 1.0,
    Kind.BOOLEAN: True,
    Kind.DATE: date(2026, 1, 5),
    Kind.TIMESTAMP: datetime(2026, 1, 5, 7, 5, tzinfo=UTC),
    Kind.DECIMAL: Decimal(1),
}

Row = dict[str, Value]


def example_value(field: Field) -> Value:
    """The field's `example` as a logical value, or one that its kind alone suggests."""
    text = field.example
    if text is None:
        words = field.enum or (tuple(code_lists.load(field.codes).codes) if field.codes else ())
        return words[0] if words else _FALLBACK[field.kind]
    match field.kind:
        case Kind.STRING:
            return text
        case Kind.INT | Kind.LONG:
            return int(text)
        case Kind.DOUBLE:
            return float(text)
        case Kind.BOOLEAN:
            return text == "true"
        case Kind.DATE:
            return date.fromisoformat(text)
        case Kind.TIMESTAMP:
            return datetime.fromisoformat(text)
        case Kind.DECIMAL:
            return Decimal(text)


def bad_values(field: Field, good: Value) -> Iterator[Any]:
    """What is no value of the field, one for each way in which the contract can refuse it."""
    yield None
    yield 12_345 if field.kind is Kind.STRING else "bukan nilai"
    match field.kind:
        case Kind.STRING:
            yield from _bad_texts(field, good if isinstance(good, str) else str(example_value(field)))
        case Kind.INT | Kind.LONG | Kind.DOUBLE | Kind.DECIMAL:
            one: Any = {Kind.DOUBLE: 1.0, Kind.DECIMAL: Decimal(1)}.get(field.kind, 1)
            limits = [limit for limit in (field.minimum, field.maximum) if isinstance(limit, Decimal)]
            for limit in limits:
                yield type(one)(limit) - one
                yield type(one)(limit) + one
            if field.format:
                yield from (-1_000.0, 1_000.0)
            if field.kind is Kind.DECIMAL:
                yield Decimal(10) ** (field.precision or 1)
        case Kind.DATE:
            yield date(1849, 12, 31)
            for day in (field.minimum, field.maximum, EXAMPLE_DAY if field.maximum_today else None):
                if isinstance(day, date):
                    yield from (day - timedelta(days=1), day + timedelta(days=1))
        case Kind.TIMESTAMP:
            yield datetime(1849, 12, 31, tzinfo=UTC)


def _bad_texts(field: Field, good: str) -> Iterator[str]:
    if field.enum or field.codes:
        yield "BUKAN PILIHAN"
    yield f"{good[:-1]}\x00"
    yield f"{good[:-1]}\x07"
    yield f"{good[:-1]}\u202e"
    if field.format or field.pattern:
        yield "?"
        yield from _bent_text(good)
        if field.format:
            yield from _bent_runs(good)
    if field.min_length:
        yield good[: field.min_length - 1]
    yield good + "X" * ((field.max_length or MAX_TEXT_LENGTH) + 1 - len(good))


def bent_values(field: Field, value: Value, literals: Sequence[str]) -> list[Value]:
    """Other values near one, whether or not the field takes them."""
    if value is None:
        value = example_value(field)
    bent: list[Value] = [value, None]
    match value:
        case bool():
            bent += [not value]
        case str():
            bent += [*literals, *(word + value[len(word) :] for word in literals), *(field.enum or ())]
            bent += list(code_lists.load(field.codes).codes)[:12] if field.codes else []
            bent += list(_bent_text(value)) if field.format or field.pattern else [f"{value} LAIN"]
        case datetime():
            bent += [value + days for days in _DAYS]
        case date():
            bent += [date.fromisoformat(word) for word in literals if _ISO_DAY.fullmatch(word)]
            bent += [value + days for days in _DAYS]
        case int() | float() | Decimal():
            number: Any = value
            bent += [number + 1, number - 1, number * 0, number * 2]
    return bent


def _bent_text(text: str) -> Iterator[str]:
    """The text with one digit changed, in every place."""
    for place, char in enumerate(text):
        if char.isdigit():
            yield from (f"{text[:place]}{digit}{text[place + 1 :]}" for digit in _DIGITS if digit != char)


def _bent_runs(text: str) -> Iterator[str]:
    """The text with two, four or all digits in a row changed: no such province, month, serial, number."""
    yield re.sub("[0-9]", "0", text)
    for length, places in ((4, range(len(text) - 3)), (2, range(len(text) - 1))):
        for place in places:
            if text[place : place + length].isdigit():
                yield from (f"{text[:place]}{digit * length}{text[place + length :]}" for digit in "09")


def niks_of_dates(field: Field, row: Mapping[str, Value]) -> list[Value]:
    """The row's NIK as it would be with each of its dates as the date of birth, for men and for women."""
    value = row[field.name]
    if field.format != "nik" or not isinstance(value, str):
        return []
    days = [day for day in row.values() if type(day) is date]
    return [
        f"{value[:6]}{day.day + shift:02}{day.month:02}{day.year % 100:02}{value[12:]}"
        for day in days
        for shift in (0, _FEMALE_DAY)
    ]

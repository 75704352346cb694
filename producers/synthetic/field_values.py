"""Random good values of a field, from its format, list, pattern and limits. Nothing of it is anybody's."""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random
from typing import Final, TypeVar

from producers.synthetic.pattern_texts import texts
from schemas import code_lists
from schemas.contract import Field, Kind, Value
from schemas.formats import FORMATS
from schemas.formats.provinces import DISTRICTS

Maker = Callable[[Random], Value]

_DISTRICTS: Final = sorted(DISTRICTS)
_WORDS: Final = ("ABADI", "BARU", "CONTOH", "DAMAI", "ELOK", "FAJAR", "GEMILANG", "HARAPAN", "INDAH", "JAYA", "MULIA")
_YEARS_BACK: Final = 30
_MANY: Final = 1_000  # the most of a number without a maximum; a thousand times that for decimals
_AT_LIMIT: Final = 0.15  # share of values that stand exactly at a limit
_NEAR: Final = 0.5  # share of dates in the last year
_TRIES: Final = 1_000
_T = TypeVar("_T")


def maker(field: Field, accepted_on: date, *, prefix: str | None = None) -> Maker:
    """What makes values of `field`, not null. `prefix`: half of the texts begin so, where that is a value too."""
    match field.kind:
        case Kind.STRING:
            return _text(field, prefix)
        case Kind.INT | Kind.LONG:
            low = int(field.minimum) if isinstance(field.minimum, Decimal) else 0
            high = int(field.maximum) if isinstance(field.maximum, Decimal) else max(low, 0) + _MANY
            return lambda chance: (
                chance.choice((low, high)) if chance.random() < _AT_LIMIT else chance.randint(low, high)
            )
        case Kind.DOUBLE:
            return _double(field)
        case Kind.BOOLEAN:
            return lambda chance: chance.random() < 0.5
        case Kind.DATE:
            return _date(field, accepted_on)
        case Kind.TIMESTAMP:
            end = datetime.combine(accepted_on, time(), UTC)
            return lambda chance: end - timedelta(milliseconds=chance.randrange(365 * 86_400_000))
        case Kind.DECIMAL:
            return _decimal(field)


def _double(field: Field) -> Maker:
    if field.format is not None:
        checks = FORMATS[field.format].checks
        return lambda chance: _first(
            lambda: round(chance.uniform(-12, 142), 6), lambda v: all(c.passes(v) for c in checks)
        )
    low = float(field.minimum) if isinstance(field.minimum, Decimal) else 0.0
    high = float(field.maximum) if isinstance(field.maximum, Decimal) else low + _MANY
    return lambda chance: chance.uniform(low, high)


def _decimal(field: Field) -> Maker:
    step = Decimal(1).scaleb(-(field.scale or 0))
    low = field.minimum if isinstance(field.minimum, Decimal) else Decimal(0)
    high = field.maximum if isinstance(field.maximum, Decimal) else low + _MANY * 1_000
    steps = int((high - low) / step)

    def make(chance: Random) -> Decimal:
        if chance.random() < _AT_LIMIT:
            return (low if chance.random() < 0.5 else low + steps * step).quantize(step)
        return (low + chance.randint(0, steps) * step).quantize(step)

    return make


def _date(field: Field, accepted_on: date) -> Maker:
    last = field.maximum if isinstance(field.maximum, date) else accepted_on
    first = max(accepted_on.replace(day=1, year=accepted_on.year - _YEARS_BACK), _day(field.minimum))
    days = (last - first).days

    def make(chance: Random) -> date:
        if chance.random() < _AT_LIMIT:
            return chance.choice((last, _day(field.minimum) if field.minimum is not None else first))
        return last - timedelta(days=chance.randint(0, min(days, 365) if chance.random() < _NEAR else days))

    return make


def _day(limit: Decimal | date | None) -> date:
    return limit if isinstance(limit, date) else date(1900, 1, 1)


def _text(field: Field, prefix: str | None) -> Maker:
    if field.enum is not None:
        words = field.enum
        return lambda chance: chance.choice(words)
    if field.codes is not None:
        codes = list(code_lists.load(field.codes).codes)
        return lambda chance: chance.choice(codes)
    make = _free(field)
    if prefix is None:
        return make

    def begun(chance: Random) -> Value:
        text = str(make(chance))
        other = (prefix + text[len(prefix) :]) if chance.random() < 0.5 else text
        return other if is_value(field, other) else text

    return begun


def _free(field: Field) -> Maker:
    if field.format in _NUMBERS:
        number = _NUMBERS[field.format]
        return lambda chance: _first(lambda: number(chance), lambda text: is_value(field, text))
    pattern = field.pattern or (FORMATS[field.format].pattern if field.format else None)
    if pattern is not None:
        some = texts(pattern)
        return lambda chance: _first(lambda: some(chance), lambda text: is_value(field, text))
    least, most = field.min_length or 1, field.max_length or 60

    def words(chance: Random) -> str:
        length = chance.choice((least, most)) if chance.random() < _AT_LIMIT else chance.randint(least, most)
        text = " ".join(chance.choice(_WORDS) for _ in range(length // 4 + 1))[:length]
        return (text[:-1] + "X") if text.endswith(" ") else text

    return words


def is_value(field: Field, text: str) -> bool:
    """Whether a text has the form of the field (pattern, format with all its checks, length)."""
    form = FORMATS[field.format] if field.format else None
    pattern = field.pattern or (form.pattern if form else None)
    return (
        (pattern is None or re.fullmatch(pattern, text) is not None)
        and (field.min_length or 0) <= len(text) <= (field.max_length or len(text))
        and (form is None or all(check.passes(text) for check in form.checks))
    )


def _first(make: Callable[[], _T], fits: Callable[[_T], bool]) -> _T:
    for _ in range(_TRIES):
        made = make()
        if fits(made):
            return made
    raise LookupError(f"no good value in {_TRIES} tries")


def _birth(chance: Random, first: int, last: int) -> tuple[int, int, int]:
    year, month = chance.randint(first, last), chance.randint(1, 12)
    return year, month, chance.randint(1, monthrange(year, month)[1])


def _nik(chance: Random) -> str:
    year, month, day = _birth(chance, 1940, 2025)
    day += chance.choice((0, 40))
    return f"{chance.choice(_DISTRICTS)}{day:02}{month:02}{year % 100:02}{chance.randint(9_000, 9_999)}"


def _no_kk(chance: Random) -> str:
    year, month, day = _birth(chance, 2006, 2025)
    return f"{chance.choice(_DISTRICTS)}{day:02}{month:02}{year % 100:02}{chance.randint(9_000, 9_999)}"


def _nip(chance: Random) -> str:
    year, month, day = _birth(chance, 1965, 2000)
    kind = chance.choice((f"{chance.randint(1, 12):02}", "21", "24"))
    return (
        f"{year}{month:02}{day:02}{year + chance.randint(20, 35)}{kind}{chance.randint(1, 2)}{chance.randint(900, 999)}"
    )


def _nama(chance: Random) -> str:
    return " ".join(chance.choice(_WORDS) for _ in range(chance.randint(1, 4)))


def _kbli(chance: Random) -> str:
    """In a group of both editions."""
    return f"{chance.choice(list(code_lists.load('kbli-2025').codes))}{chance.randint(0, 999):03}"


# Serials begin with 9, which no real one reaches.
_NUMBERS: Final[Mapping[str | None, Callable[[Random], str]]] = {
    "nik": _nik,
    "no-kk": _no_kk,
    "nip": _nip,
    "nama-orang": _nama,
    "kbli": _kbli,
}

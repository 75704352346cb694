"""Every way in which one field of a document can break its contract, and values that break it so and no other way."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Final

from producers.synthetic.pattern_texts import texts
from schemas.contract import Field, Kind, Value
from schemas.field_types import BITS, FIRST_DAY
from schemas.formats import FORMATS, Check
from schemas.texts import MAX_TEXT_LENGTH

Bend = Callable[[Random, Value], object]  # a good value → a bad one

_TRIES: Final = 5_000
_OUTSIDE: Final = "~"  # in no form, word or code of ours


@dataclass(frozen=True, slots=True)
class Breach:
    """One known way to be refused."""

    code: str  # as the rejection has it
    place: str  # the field, or the rule's name
    bend: Bend | None = None  # None for a rule
    on_wire: bool = True  # whether the bytes of an event can say it
    accepted: bool = False  # only a warning


def of_field(field: Field, accepted_on: date, *, in_key: bool) -> Iterator[Breach]:
    """All breaches of one field."""
    if not field.nullable:
        yield Breach("required", field.name, _always(None), on_wire=False)
    yield Breach("type", field.name, _always(7 if field.kind is Kind.STRING else "tujuh"), on_wire=False)
    match field.kind:
        case Kind.STRING:
            yield from _of_text(field, in_key=in_key)
        case Kind.INT | Kind.LONG:
            yield from _of_whole_number(field)
        case Kind.DOUBLE:
            yield Breach("number", field.name, _always(float("nan")))
            yield from _of_limits(field, lambda limit, sign: float(limit) + sign)
            yield from _of_checks(field, lambda chance, _good: round(chance.uniform(-90, 180), 6))
        case Kind.DATE:
            yield Breach("date-range", field.name, _always(FIRST_DAY - timedelta(days=1)))
            yield from _of_date(field, accepted_on)
        case Kind.TIMESTAMP:
            yield Breach("date-range", field.name, _always(datetime(1849, 12, 31, tzinfo=UTC)))
        case Kind.DECIMAL:
            step = Decimal(1).scaleb(-(field.scale or 0))
            if field.maximum is None:
                yield Breach(
                    "number", field.name, _always(Decimal(10) ** ((field.precision or 0) - (field.scale or 0)))
                )
            yield from _of_limits(field, lambda limit, sign: limit + sign * step)
        case Kind.BOOLEAN:
            pass


def _always(value: object) -> Bend:
    return lambda _chance, _good: value


def _of_limits(field: Field, beyond: Callable[[Decimal, int], object]) -> Iterator[Breach]:
    if isinstance(field.minimum, Decimal):
        yield Breach("minimum", field.name, _always(beyond(field.minimum, -1)))
    if isinstance(field.maximum, Decimal):
        yield Breach("maximum", field.name, _always(beyond(field.maximum, 1)))


def _of_whole_number(field: Field) -> Iterator[Breach]:
    lowest, highest = BITS[field.kind]
    if isinstance(field.minimum, Decimal) and field.minimum > lowest:
        yield Breach("minimum", field.name, _always(int(field.minimum) - 1))
    if isinstance(field.maximum, Decimal) and field.maximum < highest:
        yield Breach("maximum", field.name, _always(int(field.maximum) + 1))


def _of_date(field: Field, accepted_on: date) -> Iterator[Breach]:
    if isinstance(field.minimum, date):
        yield Breach("minimum", field.name, _always(field.minimum - timedelta(days=1)))
    last = accepted_on if field.maximum_today else field.maximum
    if isinstance(last, date):
        yield Breach("maximum", field.name, _always(last + timedelta(days=1)))


def _of_text(field: Field, *, in_key: bool) -> Iterator[Breach]:
    for code, sign in (("text-nul", "\x00"), ("text-control", "\x07"), ("text-bidi", "\u202e")):
        yield Breach(code, field.name, _added(sign))
    if field.enum is not None:
        yield Breach("enum", field.name, _always(_OUTSIDE))
    elif field.codes is not None:
        yield Breach("codes", field.name, _always(_OUTSIDE))
    elif field.pattern is not None:
        yield Breach("pattern", field.name, _added(_OUTSIDE))
    elif field.format is not None:
        yield Breach(FORMATS[field.format].form_code, field.name, _added(_OUTSIDE))
        yield from _of_checks(field, lambda chance, good: _near(field, chance, str(good)))
        if field.min_length is not None:
            yield Breach("minLength", field.name, _shortened(field))
    else:
        if field.min_length:
            yield Breach("minLength", field.name, _always("X" * (field.min_length - 1)))
        yield Breach("maxLength", field.name, _always("X" * ((field.max_length or MAX_TEXT_LENGTH) + 1)))
        if in_key:
            yield Breach("text-key", field.name, _always("X|X" if (field.min_length or 0) <= 3 else "X|" * 50))


def _added(sign: str) -> Bend:
    return lambda chance, good: _inserted(str(good), chance, sign)


def _inserted(text: str, chance: Random, sign: str) -> str:
    place = chance.randint(0, len(text))
    return text[:place] + sign + text[place:]


def _shortened(field: Field) -> Bend:
    """The longest beginning that still has the format and is too short."""
    pattern = FORMATS[field.format].pattern if field.format else None

    def bend(_chance: Random, good: Value) -> str:
        text, least = str(good), field.min_length or 0
        return next(
            text[:length]
            for length in range(min(len(text), least) - 1, -1, -1)
            if pattern is None or re.fullmatch(pattern, text[:length])
        )

    return bend


def doubts_of(field: Field) -> Iterator[Breach]:
    """Values that fail one check that the field lowers to a warning, and no other."""
    if field.format is not None and field.kind is Kind.STRING:
        checks = FORMATS[field.format].checks
        for check in (each for each in checks if each.code in field.warn_only):
            others = [other for other in checks if other is not check]
            near = _failing(field, check, others, lambda chance, good: _near(field, chance, str(good)))
            yield Breach(f"{field.name}:{check.code}", field.name, near, accepted=True)


def _of_checks(field: Field, candidate: Callable[[Random, Value], object]) -> Iterator[Breach]:
    if field.format is None:
        return
    checks = [check for check in FORMATS[field.format].checks if check.code not in field.warn_only]
    for check in checks:
        others = [other for other in checks if other is not check]
        yield Breach(check.code, field.name, _failing(field, check, others, candidate))


def _failing(field: Field, check: Check, others: list[Check], candidate: Callable[[Random, Value], object]) -> Bend:
    pattern = FORMATS[field.format].pattern if field.format else None

    def bend(chance: Random, good: Value) -> object:
        for _ in range(_TRIES):
            value = candidate(chance, good)
            formed = pattern is None or re.fullmatch(pattern, str(value)) is not None
            if formed and not check.passes(value) and all(other.passes(value) for other in others):
                return value
        raise LookupError(f"{field.name}: no value that fails {check.code} alone")

    return bend


def _near(field: Field, chance: Random, good: str) -> str:
    """A text that is like a good one: cut, doubled, with other digits or zeros somewhere, or any of its form."""
    width = chance.choice((1, 2, 4, len(good)))
    place = chance.randint(0, max(0, len(good) - width))
    match chance.randrange(4):
        case 0:
            return good[:place] + "0" * width + good[place + width :]
        case 1:
            return good[:place] + "".join(chance.choices("0123456789", k=width)) + good[place + width :]
        case 2:
            return " ".join([good] * chance.randint(2, 61))
        case _:
            pattern = FORMATS[field.format].pattern if field.format else None
            return texts(pattern)(chance) if pattern else good

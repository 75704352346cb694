"""What remains to be done with a field's value after pydantic passed it: make it logical, and test what pydantic's
types do not say (inner checks of formats, the date of acceptance)."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from schemas.contract import Field, Kind
from schemas.field_types import EPOCH, EPOCH_ORDINAL
from schemas.formats import FORMATS, Check
from schemas.reasons import reject
from schemas.rejection import Rejection
from schemas.shapes import shape, text_shape
from schemas.texts import fits_key, refused_character
from schemas.wording import word

# (value, date of acceptance) → the logical value, or the reason against it
Finisher = Callable[[Any, date], Any]
_MILLISECOND_US = 1_000


def finisher(field: Field, *, in_key: bool) -> Finisher | None:
    """The finisher of a field, None where pydantic's verdict is all."""
    match field.kind:
        case Kind.DATE:
            return _finish_date(field)
        case Kind.TIMESTAMP:
            return _finish_moment
        case Kind.DOUBLE:
            return _finish_double(field)
        case Kind.STRING:
            return _finish_text(field, in_key=in_key)
        case _:
            return None


def _finish_date(field: Field) -> Finisher:
    minimum = field.minimum if isinstance(field.minimum, date) else date.min
    maximum = field.maximum if isinstance(field.maximum, date) else date.max
    until_today = field.maximum_today

    def finish(value: int | date, accepted_on: date) -> date | Rejection:
        day = date.fromordinal(value + EPOCH_ORDINAL) if isinstance(value, int) else value
        if day < minimum:
            return reject("minimum", field.name, "tanggal terlalu awal", f"paling awal {minimum:%d-%m-%Y}")
        if day > maximum:
            return reject("maximum", field.name, "tanggal terlalu akhir", f"paling akhir {maximum:%d-%m-%Y}")
        if until_today and day > accepted_on:
            return reject("maximum", field.name, "tanggal sesudah hari ini", "paling akhir hari ini")
        return day

    return finish


def _finish_moment(value: int | datetime, _accepted_on: date) -> datetime:
    """UTC, whole milliseconds."""
    if isinstance(value, int):
        return EPOCH + timedelta(milliseconds=value)
    whole = value.microsecond - value.microsecond % _MILLISECOND_US
    return value.astimezone(UTC).replace(microsecond=whole)


def _finish_double(field: Field) -> Finisher:
    checks = _checks(field)

    def finish(value: float, _accepted_on: date) -> float | Rejection:
        for check in checks:
            if not check.passes(value):
                return reject(check.code, field.name, shape(value), check.expected, remedy=check.remedy)
        return float(value) + 0.0  # −0.0 becomes 0.0: equal numbers have one spelling

    return finish


def _finish_text(field: Field, *, in_key: bool) -> Finisher | None:
    checks = _checks(field)
    if len(checks) == 0 and field.pattern is None and not (in_key and field.format is None):
        return None
    if field.format is None:
        return _finish_free_text(field, in_key=in_key)

    def finish(value: str, _accepted_on: date) -> str | Rejection:
        for check in checks:
            if not check.passes(value):
                return reject(check.code, field.name, text_shape(value), check.expected, remedy=check.remedy)
        return value

    return finish


def _finish_free_text(field: Field, *, in_key: bool) -> Finisher:
    def finish(value: str, _accepted_on: date) -> str | Rejection:
        if refused_character(value) or (in_key and not fits_key(value)):
            return word(field, value, in_key=in_key)
        return value

    return finish


def _checks(field: Field) -> tuple[Check, ...]:
    """The checks that refuse: not those that the field lowers to warnings."""
    if field.format is None:
        return ()
    return tuple(check for check in FORMATS[field.format].checks if check.code not in field.warn_only)

"""Measures a document's rows field by field; what two measures say of one day adds up."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import polars as pl

from hub_db.profiles import shapes
from hub_db.profiles.shapes import Shape, shape_of
from schemas.contract import Contract, Field, Kind, Sensitivity
from schemas.names import FieldName

# How many values differ is estimated from the rarest hash seen in each of 512 groups (HyperLogLog): about 5 % off.
GROUPS: Final = 512
_GROUP_BITS: Final = 9
_REST_BITS: Final = 64 - _GROUP_BITS
_ALPHA: Final = 0.7213 / (1 + 1.079 / GROUPS)
MOST_CODES: Final = 100  # kept of a field; the commonest
Registers = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Measured:
    """A field in some rows. `counts` is by code, or by class (`shapes`); `low` and `high` are of open fields only."""

    looked_at: int = 0
    nulls: int = 0
    registers: Registers = field(default_factory=lambda: np.zeros(GROUPS, np.uint8))
    counts: Mapping[str, int] = field(default_factory=dict)
    low: str | None = None
    high: str | None = None

    @property
    def different(self) -> int:
        """About how many values there are."""
        free = int((self.registers == 0).sum())
        estimate = _ALPHA * GROUPS**2 / float(np.exp2(-self.registers.astype(np.float64)).sum())
        if free and estimate < 2.5 * GROUPS:
            estimate = GROUPS * float(np.log(GROUPS / free))
        return min(round(estimate), self.looked_at - self.nulls)


def measure(contract: Contract, rows: pl.DataFrame, on: date) -> dict[FieldName, Measured]:
    """Each field of rows that came on a day. `rows` has the contract's columns with logical values."""
    return {each.name: _measure(each, rows[each.name], on) for each in contract.fields}


def _measure(told: Field, column: pl.Series, on: date) -> Measured:
    values = column.drop_nulls()
    low, high = _range(told, values)
    return Measured(len(column), column.null_count(), _registers(values), _counts(told, values, on), low, high)


def _registers(values: pl.Series) -> Registers:
    registers = np.zeros(GROUPS, np.uint8)
    hashes = values.hash(seed=0).to_numpy()
    rest = (hashes >> np.uint64(_GROUP_BITS)) | np.uint64(1)
    # the place of the highest bit, by the exponent of the number as a float: rounding up at the top is one in 2^50
    zeros = _REST_BITS - np.frexp(rest.astype(np.float64))[1] + 1
    np.maximum.at(registers, (hashes & np.uint64(GROUPS - 1)).astype(np.intp), zeros.astype(np.uint8))
    return registers


def _counts(told: Field, values: pl.Series, on: date) -> dict[str, int]:
    if values.is_empty():
        return {}
    shape = shape_of(told)
    if shape is Shape.CODES:
        texts = values.cast(pl.String).value_counts(name="rows")
        return _most(dict(zip(texts.to_series(0), texts["rows"], strict=True)))
    if shape is Shape.LENGTHS:
        classes = shapes.lengths(values)
    elif shape is Shape.SIZES:
        classes = shapes.sizes(values)
    else:
        classes = shapes.ages(values, on)
    lowest = int(classes.min())
    found = np.bincount(classes - lowest)
    return {str(place + lowest): int(found[place]) for place in np.flatnonzero(found)}


def _most(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(Counter(counts).most_common(MOST_CODES))


def _range(told: Field, values: pl.Series) -> tuple[str | None, str | None]:
    """Lowest and highest value of a number or date that everybody may see."""
    if told.sensitivity is not Sensitivity.UMUM or told.specific or values.is_empty():
        return None, None
    if shape_of(told) not in (Shape.SIZES, Shape.AGES):
        return None, None
    low, high = values.min(), values.max()
    return _text(low), _text(high)


def _text(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def add(told: Field, one: Measured, other: Measured) -> Measured:
    """Both together; which is which does not matter."""
    return Measured(
        one.looked_at + other.looked_at,
        one.nulls + other.nulls,
        np.maximum(one.registers, other.registers),
        _most(Counter(one.counts) + Counter(other.counts)),
        _outer(told, min, one.low, other.low),
        _outer(told, max, one.high, other.high),
    )


def _outer(told: Field, which: Any, *texts: str | None) -> str | None:
    found = [text for text in texts if text is not None]
    by_date = told.kind in (Kind.DATE, Kind.TIMESTAMP)
    return which(found, key=str if by_date else float) if found else None

"""Classes of values: rows of a field are counted by code, or by a class of length, size or age that tells no value."""

from datetime import date, timedelta
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from base.indonesian import number
from schemas.contract import Field, Kind

Classes = npt.NDArray[np.int64]
SIZES_PER_DECADE: Final = 4  # a class of sizes reaches from a number to 1.8 times it
_ZERO: Final = 40  # classes below the one of 1: down to 1e-10
AGES_PER_OCTAVE: Final = 8
_MONTH_DAYS: Final = 30.0  # ages are told apart by fractions of a month first, by years later
LONGEST: Final = 60  # letters; longer texts are one class
_DAY_MS: Final = 86_400_000
_BY_SIZE: Final = frozenset({Kind.INT, Kind.LONG, Kind.DOUBLE, Kind.DECIMAL})


class Shape(StrEnum):
    """By what the rows of a field are counted."""

    CODES = "codes"
    LENGTHS = "lengths"  # of texts, in letters
    SIZES = "sizes"  # of numbers
    AGES = "ages"  # of dates and moments: how long before the day on which the row came


def shape_of(field: Field) -> Shape:
    """Of a field's rows."""
    if field.codes is not None or field.enum is not None or field.kind is Kind.BOOLEAN:
        return Shape.CODES
    if field.kind in (Kind.DATE, Kind.TIMESTAMP):
        return Shape.AGES
    return Shape.SIZES if field.kind in _BY_SIZE else Shape.LENGTHS


def lengths(values: pl.Series) -> Classes:
    """The class of each text."""
    found: Classes = np.minimum(values.str.len_chars().to_numpy().astype(np.int64), LONGEST)
    return found


def sizes(values: pl.Series) -> Classes:
    """The class of each number: its sign and its magnitude."""
    numbers = values.cast(pl.Float64).to_numpy()
    magnitude = np.maximum(np.abs(numbers), 10.0 ** (-_ZERO / SIZES_PER_DECADE))
    classes = np.rint(SIZES_PER_DECADE * np.log10(magnitude)).astype(np.int64) + _ZERO
    found: Classes = np.where(numbers < 0, -classes, classes)
    return found


def ages(values: pl.Series, on: date) -> Classes:
    """The class of each date or moment: how long before the day it lies, or behind it."""
    first = pl.Series([on]).cast(pl.Datetime("ms")).dt.timestamp("ms")[0]
    moments = values.cast(pl.Datetime("ms")).dt.timestamp("ms").to_numpy()
    days = (first - moments) / _DAY_MS
    classes = np.rint(AGES_PER_OCTAVE * np.log2(1 + np.abs(days) / _MONTH_DAYS)).astype(np.int64)
    found: Classes = np.where(days < 0, -classes, classes)
    return found


def size_at(place: int) -> float:
    """About the number that a class of sizes holds."""
    found = 10.0 ** ((abs(place) - _ZERO) / SIZES_PER_DECADE)
    return 0.0 if abs(place) == 0 else float(np.copysign(found, place))


def age_at(place: int) -> float:
    """About the age in days that a class of ages holds."""
    days = _MONTH_DAYS * (float(2.0 ** (abs(place) / AGES_PER_OCTAVE)) - 1)
    return -days if place < 0 else days


def told(shape: Shape, place: int, on: date) -> str:
    """A class in words, roughly: "12 huruf", "sekitar 1.500", "tahun 1987". Not for codes."""
    if shape is Shape.LENGTHS:
        return f"{place} huruf" if place < LONGEST else f"{LONGEST} huruf atau lebih"
    if shape is Shape.SIZES:
        return f"sekitar {_rounded(size_at(place))}"
    day = on - timedelta(days=age_at(place))
    return f"sekitar {day:%m/%Y}" if abs(age_at(place)) < 2 * 365 else f"sekitar tahun {day.year}"


def _rounded(value: float) -> str:
    """With two digits that count."""
    if abs(value) < 1:
        return f"{value:.2g}".replace(".", ",")
    return number(int(round(value, 2 - len(str(int(abs(value)))))))

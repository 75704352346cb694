"""Columns of bytes that should be UTF-8."""

from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

_PIECE: Final = 64  # values among which one that is no text is looked for


def texts(raw: pl.Series) -> tuple[pl.Series, npt.NDArray[np.bool_] | None]:
    """The bytes as texts; what is not UTF-8 is null, and told (None: all of it is)."""
    try:
        return raw.cast(pl.String), None
    except pl.exceptions.ComputeError:
        pieces = [_piece(raw.slice(first, _PIECE)) for first in range(0, len(raw), _PIECE)]
        column = pl.concat(pieces).alias(raw.name)
        return column, (column.is_null() & raw.is_not_null()).to_numpy()


def _piece(raw: pl.Series) -> pl.Series:
    try:
        return raw.cast(pl.String)
    except pl.exceptions.ComputeError:
        return pl.Series([None if value is None else _decoded(value) for value in raw], dtype=pl.String)


def _decoded(value: bytes) -> str | None:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return None

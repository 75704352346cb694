"""Many Avro bodies of one flat schema read at once, into columns.

Each field is read in all bodies with a few vector operations: where it begins follows from where the one before it
ended. Texts are not copied: a column of texts is a list of views into the buffer. Like the lane for single records,
this reader never decides that something is wrong: a body that is not plainly right is left out, whatever its
neighbours are, and is for fastavro to decode or to refuse (`docs/decisions/0007`). A property test holds the two
against each other for any bytes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import fastavro
import numpy as np
import numpy.typing as npt
import polars as pl

from schemas.avro_types import strip_logical_types
from schemas.contract import Contract, Field, Kind
from schemas.rules import dtype
from schemas.wire import flat_records
from schemas.wire.binary_texts import texts
from schemas.wire.cursor import Cursor, Flags, Places, Spans, at_each_byte
from schemas.wire.flat_records import Step

_DOUBLE_BYTES: Final = 8
_DECIMAL_BYTES: Final = 8  # longer unscaled numbers go one by one
_SURE_DIGITS: Final = 18  # that every number of eight bytes can have
_PHYSICAL: Final = {
    Kind.STRING: "string",
    Kind.INT: "int",
    Kind.LONG: "long",
    Kind.DOUBLE: "double",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "int",
    Kind.TIMESTAMP: "long",
    Kind.DECIMAL: "bytes",
}


@dataclass(frozen=True, slots=True)
class _Found:
    """A field in all bodies: byte strings or numbers; `null` says where an optional one is absent."""

    values: Spans | npt.NDArray[Any]
    null: Flags | None


class ColumnReader:
    """Reads bodies that were written with one schema, as the contract's columns."""

    def __init__(self, contract: Contract, steps: list[Step]) -> None:
        self._contract, self._steps = contract, steps

    @classmethod
    def of(cls, contract: Contract, writer_schema: Mapping[str, Any]) -> "ColumnReader | None":
        """None when the writer's schema is not flat, or differs from the contract in more than absent fields."""
        steps = flat_records.plan(fastavro.parse_schema(strip_logical_types(writer_schema)))
        if steps is None:
            return None
        written = {step.name: step.kind for step in steps}
        known = {str(field.name): _PHYSICAL[field.kind] for field in contract.fields}
        return cls(contract, steps) if written.items() <= known.items() else None

    def read(self, bodies: Spans) -> tuple[pl.DataFrame, Places]:
        """The contract's columns of the bodies that are plainly right, and which those are.

        Days are Int32, moments Int64 milliseconds, as they are written; no value is held against a limit yet.
        """
        cursor = Cursor(bodies)
        found = {step.name: _field(cursor, step) for step in self._steps}
        whole = np.flatnonzero(cursor.whole())
        some = whole if len(whole) < len(bodies) else None
        spoiled: Flags = np.zeros(len(whole), np.bool_)
        columns: list[pl.Series] = []
        for field in self._contract.fields:
            column, bad = _column(field, found.get(field.name), some, len(whole))
            columns.append(column)
            if bad is not None:
                spoiled = spoiled | bad
        frame = pl.DataFrame(columns)
        if spoiled.any():
            frame, whole = frame.filter(pl.Series(~spoiled)), whole[~spoiled]
        return frame, whole


def _field(cursor: Cursor, step: Step) -> _Found:
    """Read a field in every body."""
    if step.null is None:
        values, behind = _value(cursor, step.kind)
        cursor.move(behind)
        return _Found(values, None)
    branch = cursor.byte()
    null: Flags = branch == step.null
    cursor.lose(~null & (branch != step.value))
    cursor.move(cursor.at + 1)
    values, behind = _value(cursor, step.kind)
    if not null.any():
        cursor.move(behind)
        return _Found(values, None)
    cursor.move(np.where(null, cursor.at, behind))
    return _Found(values, null)


def _value(cursor: Cursor, kind: str) -> tuple[Spans | npt.NDArray[Any], Places]:
    match kind:
        case "string" | "bytes":
            return cursor.look_spans()
        case "int" | "long":
            return cursor.look_number()
        case "double":
            return at_each_byte(cursor.buffer, "<f8")[cursor.at], cursor.at + _DOUBLE_BYTES
        case _:
            return cursor.byte(), cursor.at + 1


def _column(field: Field, found: _Found | None, some: Places | None, count: int) -> tuple[pl.Series, Flags | None]:
    """The field in `count` bodies, all or `some`, and which of those do not have it plainly right after all."""
    name = str(field.name)
    if found is None:
        return pl.Series(name, [None], _physical_dtype(field)).new_from_index(0, count), None
    null = found.null if found.null is None or some is None else found.null[some]
    if isinstance(found.values, Spans):
        spans = found.values if some is None else found.values.take(some)
        if null is not None:
            spans = spans.with_nulls(null)
        return _decimals(field, spans) if field.kind is Kind.DECIMAL else texts(spans.column(name))
    values, bad = _plain(field, found.values if some is None else found.values[some])
    column = pl.Series(name, values)
    if null is None:
        return column, bad
    present = pl.Series(~null)
    return column.to_frame().select(pl.when(present).then(pl.first())).to_series(), None if bad is None else bad & ~null


def _plain(field: Field, values: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], Flags | None]:
    """Numbers and truth values in the field's own type, and which of them it cannot hold."""
    match field.kind:
        case Kind.BOOLEAN:
            return values == 1, values > 1
        case Kind.INT | Kind.DATE:
            narrow = values.astype(np.int32)
            return narrow, narrow != values
        case Kind.DOUBLE:
            with np.errstate(invalid="ignore"):  # where the field is null stand whatever bytes come next
                return values + 0.0, None  # −0.0 becomes 0.0, as in the finishers
        case _:
            return values, None


def _decimals(field: Field, spans: Spans) -> tuple[pl.Series, Flags]:
    """Unscaled big-endian numbers of at most eight bytes, and which are longer, empty or have too many digits."""
    import pyarrow as pa  # here and in the cursor, so that no process loads it that reads no columns

    fits = np.clip(spans.sizes, 1, _DECIMAL_BYTES)
    last = at_each_byte(spans.buffer, ">i8")[spans.starts + fits - _DECIMAL_BYTES].astype(np.int64)
    spare = (_DECIMAL_BYTES - fits) * 8  # bits of what stands before the number
    unscaled = (last << spare) >> spare
    precision = field.precision or 1
    odd: Flags = (fits != spans.sizes) | (np.abs(unscaled.astype(np.float64)) >= 10.0 ** min(precision, _SURE_DIGITS))
    wide = np.stack((unscaled, unscaled >> 63), axis=1)  # little-endian, 128 bits
    wide[odd] = 0
    valid = None if spans.null is None else pa.py_buffer(np.packbits(~spans.null, bitorder="little"))
    kind = pa.decimal128(precision, field.scale or 0)
    array = pa.Array.from_buffers(kind, len(spans), [valid, pa.py_buffer(wide)])
    return pl.Series(str(field.name), pl.from_arrow(array)), odd if spans.null is None else odd & ~spans.null


def _physical_dtype(field: Field) -> Any:
    match field.kind:
        case Kind.DATE:
            return pl.Int32
        case Kind.TIMESTAMP:
            return pl.Int64
        case _:
            return dtype(field)

"""All rows of an entity as one file: NDJSON, CSV or Parquet, in memory that does not grow with their number."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from dashboard.database import Pool, snapshot
from dashboard.rest.answers import plain_values
from identity.masking import Shown, Viewer
from identity.records import Record, all_records
from schemas.contract import Contract, Field, Kind
from schemas.names import FieldName

AT_ONCE: Final = 2  # exports in this process: each holds a connection for as long as its reader takes
ROWS_AT_ONCE: Final = 5_000
_TYPES: Final = {
    Kind.INT: pa.int32(),
    Kind.LONG: pa.int64(),
    Kind.DOUBLE: pa.float64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.DATE: pa.date32(),
    Kind.TIMESTAMP: pa.timestamp("us", tz="UTC"),
}
Rows = Iterator[list[Record]]
turns = BoundedSemaphore(AT_ONCE)


@dataclass(frozen=True, slots=True)
class Form:
    """One form of file."""

    suffix: str
    media_type: str
    write: Callable[[Contract, Sequence[FieldName], Rows], Iterator[bytes]]


def export(pool: Pool, contract: Contract, viewer: Viewer, fields: Sequence[FieldName], form: Form) -> Iterator[bytes]:
    """The pieces of the file, in one snapshot. The caller holds a turn, which this gives back at the end."""
    try:
        with snapshot(pool) as conn, closing(all_records(conn, contract, viewer, fields, ROWS_AT_ONCE)) as rows:
            yield from form.write(contract, fields, rows)
    finally:
        turns.release()


def ndjson(contract: Contract, fields: Sequence[FieldName], rows: Rows) -> Iterator[bytes]:
    """A JSON object of the values on each line."""
    for some in rows:
        lines = (json.dumps(plain_values(contract, each), ensure_ascii=False, separators=(",", ":")) for each in some)
        yield ("\n".join(lines) + "\n").encode()


def csv_file(contract: Contract, fields: Sequence[FieldName], rows: Rows) -> Iterator[bytes]:
    """RFC 4180 in UTF-8 with a head; null is an empty cell. Values are as they are: programs read this file."""
    yield _lines([fields])
    for some in rows:
        plain = (plain_values(contract, each) for each in some)
        yield _lines([_cell(values[name]) for name in fields] for values in plain)


def parquet(contract: Contract, fields: Sequence[FieldName], rows: Rows) -> Iterator[bytes]:
    """One row group per piece. Masked values are texts."""
    sink = _Sink()
    writer: pq.ParquetWriter | None = None
    for some in rows:
        if writer is None:
            schema = pa.schema([(name, _type(contract.by_name[name], some[0].shown[name])) for name in fields])
            writer = pq.ParquetWriter(sink, schema, compression="zstd")
        columns = {name: [each.values[name] for each in some] for name in fields}
        writer.write_table(pa.table(columns, schema=writer.schema))
        yield sink.take()
    if writer is None:
        empty = pa.schema([(name, _type(contract.by_name[name], Shown.OPEN)) for name in fields])
        writer = pq.ParquetWriter(sink, empty, compression="zstd")
    writer.close()
    yield sink.take()


FORMS: Final[Mapping[str, Form]] = {
    "ndjson": Form(".ndjson", "application/x-ndjson", ndjson),
    "csv": Form(".csv", "text/csv; charset=utf-8", csv_file),
    "parquet": Form(".parquet", "application/vnd.apache.parquet", parquet),
}


class _Sink(io.RawIOBase):
    """Where the Parquet writer writes; what is there is taken away after each row group."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._written = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._written

    def write(self, piece: Any) -> int:
        data = bytes(piece)
        self._pieces.append(data)
        self._written += len(data)
        return len(data)

    def take(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _cell(value: Any) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def _lines(rows: Iterable[Sequence[str]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _type(field: Field, how: Shown) -> pa.DataType:
    if how is Shown.OPEN and field.kind is Kind.DECIMAL:
        return pa.decimal128(field.precision or 38, field.scale or 0)
    return _TYPES.get(field.kind, pa.string()) if how is Shown.OPEN else pa.string()

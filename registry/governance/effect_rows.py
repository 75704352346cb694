"""The stored rows of a document as frames, a chunk at a time: one COPY, so one snapshot, and bounded memory."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any, Final

import polars as pl
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composed, Identifier

from hub_db import layouts
from hub_db.connection import translated
from schemas.contract import Contract, Field, Kind
from schemas.rules import dtype

CHUNK: Final = 100_000  # rows
_END: Final = "_"  # a last column that is never null: a line of nothing would be none
# How PostgreSQL writes what frames hold as numbers: days, milliseconds, truth as 0 and 1.
_WRITTEN: Final = {
    Kind.DATE: "({} - date '1970-01-01')",
    Kind.TIMESTAMP: "(extract(epoch from {}) * 1000)::bigint",
    Kind.BOOLEAN: "{}::int",
}
_READ: Final[dict[Kind, Any]] = {
    Kind.STRING: pl.String,
    Kind.INT: pl.Int32,
    Kind.LONG: pl.Int64,
    Kind.DOUBLE: pl.Float64,
    Kind.BOOLEAN: pl.Int8,
    Kind.DATE: pl.Int32,
    Kind.TIMESTAMP: pl.Int64,
    Kind.DECIMAL: pl.String,
}


def frames(conn: Connection[TupleRow], old: Contract, new: Contract) -> Iterator[pl.DataFrame]:
    """The live rows of the document with the new contract's columns, physical as the column judge wants them.

    They are what the document itself said last, also where others speak about its entity. A field that the table does
    not have yet is null. Nothing for a document without a table.
    """
    with translated():
        table = layouts.table_of(conn, old)
    if table is None:
        return
    there = _columns(conn, table)
    before = old.by_name
    stored = [before.get(field.name, field) for field in new.fields if field.name in there]
    finish = [_finished(field, before.get(field.name, field), there) for field in new.fields]
    schema = {str(field.name): _READ[field.kind] for field in stored} | {_END: pl.Int8}
    for text in _chunks(conn, _copy(table, stored)):
        yield pl.read_csv(text, has_header=False, schema=schema, quote_char='"').select(finish)


def _columns(conn: Connection[TupleRow], table: tuple[str, str]) -> frozenset[str]:
    """The columns that the table has now."""
    with translated():
        rows = conn.execute(
            "select attname from pg_attribute where attrelid = to_regclass(%s) and attnum > 0 and not attisdropped",
            [Identifier(*table).as_string(conn)],
        ).fetchall()
    return frozenset(name for (name,) in rows)


def _copy(table: tuple[str, str], stored: list[Field]) -> Composed:
    selected = [SQL(_WRITTEN.get(field.kind, "{}")).format(Identifier(field.name)) for field in stored]
    texts = [Identifier(field.name) for field in stored if field.kind is Kind.STRING]
    # A text is always quoted, so that an empty one is not taken for none.
    names = [SQL("{} as {}").format(each, Identifier(f.name)) for each, f in zip(selected, stored, strict=True)]
    return SQL(
        "copy (select {columns}, 1 as {end} from {table} where not _deleted) to stdout (format csv{quoted})"
    ).format(
        columns=SQL(", ").join(names),
        end=Identifier(_END),
        table=Identifier(*table),
        quoted=SQL(", force_quote ({})").format(SQL(", ").join(texts)) if texts else SQL(""),
    )


def _chunks(conn: Connection[TupleRow], statement: Composed) -> Iterator[BytesIO]:
    """The lines of a COPY, 100,000 rows at a time. The server sends each row whole."""
    with translated(), conn.cursor() as cursor, cursor.copy(statement) as copy:
        gathered, count = BytesIO(), 0
        for line in copy:
            gathered.write(line)
            count += 1
            if count == CHUNK:
                gathered.seek(0)
                yield gathered
                gathered, count = BytesIO(), 0
        if count:
            gathered.seek(0)
            yield gathered


def _finished(field: Field, stored: Field, there: frozenset[str]) -> pl.Expr:
    """The column as the judge wants it. What another type cannot hold is null."""
    wanted = {Kind.DATE: pl.Int32, Kind.TIMESTAMP: pl.Int64}.get(field.kind) or dtype(field)
    if field.name not in there:
        return pl.lit(None, dtype=wanted).alias(field.name)
    column = pl.col(field.name)
    if stored.kind is Kind.DECIMAL:
        column = column.cast(dtype(stored))
    elif stored.kind is Kind.BOOLEAN:
        column = column.cast(pl.Boolean)
    same = dtype(stored) == dtype(field)
    return column if same else column.cast(wanted, strict=False)

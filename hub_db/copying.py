"""Binary COPY of rows and of frames into a table."""

from collections.abc import Iterable, Sequence
from typing import Any, LiteralString

import pgpq
import polars as pl
from psycopg import Connection
from psycopg.rows import TupleRow

from base import faults

# Rows that are encoded and sent at once: the bytes of some thousand lie in the processor's cache and in memory that is
# used again, those of a whole batch in fresh memory each time.
SLICE = 2_000


def copy_rows(
    conn: Connection[TupleRow],
    statement: LiteralString | bytes,
    types: Sequence[str],
    rows: Iterable[Sequence[Any]],
) -> None:
    """Write `rows` through `statement` (`copy … from stdin (format binary)`); `types` are PostgreSQL type names."""
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        copy.set_types(list(types))
        write = copy.write_row
        for row in rows:
            faults.point("copy.row")
            write(row)


def copy_frame(conn: Connection[TupleRow], statement: LiteralString | bytes, frame: pl.DataFrame) -> None:
    """Write a frame through `statement`; its columns' types must be the table's (text, int4, int8, timestamptz, …)."""
    table = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    encoder = pgpq.ArrowToPostgresBinaryEncoder(table.schema)
    with conn.cursor() as cursor, cursor.copy(statement) as copy:
        copy.write(encoder.write_header())
        for batch in table.to_batches(max_chunksize=SLICE):
            faults.point("copy.row")
            copy.write(encoder.write_batch(batch))
        copy.write(encoder.finish())

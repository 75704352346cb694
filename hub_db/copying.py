"""Binary COPY of rows into a table."""

from collections.abc import Iterable, Sequence
from typing import Any, LiteralString

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import Composed

from base import faults


def copy_rows(
    conn: Connection[TupleRow],
    statement: LiteralString | Composed,
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

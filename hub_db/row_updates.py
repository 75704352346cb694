"""Rows of keys that have one already, brought up to date and asked what they were, in one visit of each.

Asking first for the marks of a batch's keys and then writing looks each row up twice, and an upsert locks it before it
changes it. Where nearly all keys of a document have a row, it is cheaper to write at once: PostgreSQL tells what
each changed row was (`returning old`). What it does not change is asked for afterwards: keys without a row, and
those whose row is as new as the event or newer.
"""

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, Final
from weakref import WeakKeyDictionary
from zlib import crc32

import numpy as np
import numpy.typing as npt
import polars as pl
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from hub_db.copying import copy_frame
from hub_db.reference_tables import MARKS, WARNINGS, Statement, ready
from schemas.contract import Contract

NUMBER: Final = "_number"  # of the key in the batch, from 0
MOSTLY: Final = 0.5  # of a batch's keys have a row: the next one is written first
# A stage of some thousand rows beside a table of any size: PostgreSQL would rather read the whole table and hash it.
BY_KEY: Final = "select set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)"

_habits: "WeakKeyDictionary[Connection[Any], dict[str, float]]" = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class UpdateStatements:
    """The statements of one table of rows."""

    table: str
    make_stage: Statement
    copy_stage: Statement
    update: Statement  # one row of arrays: the keys' numbers, then the marks that their rows had


def for_document(contract: Contract, table: tuple[str, str] | None = None) -> UpdateStatements:
    """Of a table (its schema and name) with the document's rows; the entity's, unless told."""
    schema, name = table or ("reference", contract.entity)
    return _statements(schema, name, tuple(field.name for field in contract.fields), contract.key)


@lru_cache(maxsize=256)
def _statements(schema: str, name: str, columns: tuple[str, ...], key: tuple[str, ...]) -> UpdateStatements:
    names = [*columns, *MARKS, WARNINGS]
    # A session's stage is made once, so that one from before a new column must not be met again.
    mark = crc32(",".join(names).encode())
    table, stage = Identifier(schema, name), Identifier(f"update_{schema}_{name}_{mark:08x}")
    values = SQL(", ").join(SQL("{0} = s.{0}").format(Identifier(each)) for each in names if each not in key)
    is_key = SQL(" and ").join(SQL("t.{0} = s.{0}").format(Identifier(each)) for each in key)
    before = [Identifier(each) for each in ("_epoch", "_sequence", "_topic_no", "_partition", "_offset")]
    made = partial(ready, table=table, stage=stage, number=Identifier(NUMBER))
    return UpdateStatements(
        table=f"{schema}.{name}",
        make_stage=made(
            "create temporary table if not exists {stage} (like {table}, {number} integer) on commit delete rows"
        ),
        copy_stage=made(
            "copy {stage} ({columns}, {number}) from stdin (format binary)",
            columns=SQL(", ").join(map(Identifier, names)),
        ),
        # The stage is read as it was written, by key: two transactions that touch the same rows meet in one order.
        update=made(
            "with changed as (update {table} t set {values} from {stage} s where {is_key}"
            " and (t._epoch, t._sequence) < (s._epoch, s._sequence) returning s.{number} as number, {old})"
            " select array_agg(number), {arrays} from changed",
            values=values,
            is_key=is_key,
            old=SQL(", ").join(SQL("old.{}").format(each) for each in before),
            arrays=SQL(", ").join(SQL("array_agg({})").format(each) for each in before),
        ),
    )


def stage(
    conn: Connection[TupleRow], table: UpdateStatements, rows: pl.DataFrame, numbers: npt.NDArray[np.int64]
) -> None:
    """Put one row of each key there, sorted by key; `numbers` tells which keys they are."""
    conn.execute(table.make_stage)
    copy_frame(conn, table.copy_stage, rows.with_columns(pl.Series(NUMBER, numbers, pl.Int32)))
    conn.execute(BY_KEY)


def is_habit(conn: Connection[TupleRow], table: UpdateStatements) -> bool:
    """Whether most keys of the session's last batch of this table had a row. A hint: both ways come to the same."""
    return _habits.get(conn, {}).get(table.table, 0.0) >= MOSTLY


def note(conn: Connection[TupleRow], table: UpdateStatements, existing: float) -> None:
    """Remember which share of a batch's keys had a row."""
    _habits.setdefault(conn, {})[table.table] = existing

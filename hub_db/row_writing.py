"""Writes what a fold has accepted: the newest row of each key, and every event into the history."""

from collections.abc import Sequence
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import frame_settle, reference_tables
from hub_db.copying import copy_rows
from hub_db.errors import Contended
from hub_db.events import Event
from hub_db.frame_merge import FoldedFrame
from hub_db.layouts import Layout
from hub_db.merge import Accepted, Merged
from hub_db.reference_tables import TableStatements
from hub_db.statements import load
from schemas.contract import Contract

SQL = load("hub_db", "sql/settle.sql")
FEW: Final = 10  # rows go in without a stage
HISTORY_TYPES: Final = (
    *("int4", "int4", "int8", "text", "int4", "int8", "int4"),  # place, key, version, schema
    *("text", "timestamptz", "text", "bytea"),  # ce_id, event time, load, value
    *("int4", "int4", "int8"),  # place of the key's previous event
)
Row = tuple[object, ...]


def write_all(
    conn: Connection[TupleRow], contract: Contract, layout: Layout, merged: Merged, folded: FoldedFrame | None = None
) -> None:
    """Rows and history of both folds. Raises Contended when another worker's event has become a row meanwhile."""
    if not write(conn, contract, layout, merged, folded):
        raise Contended("a row was changed by another worker meanwhile")


def write(
    conn: Connection[TupleRow], contract: Contract, layout: Layout, merged: Merged, folded: FoldedFrame | None = None
) -> bool:
    """Rows and history of both folds; whether each row was older than what was to be written."""
    rows = [reference_row(contract, merged.rows[key]) for key in sorted(merged.rows)]
    history = [_history_row(each) for each in (*merged.released, *merged.accepted)]
    if folded is not None and len(folded.events):
        frame_settle.add_rows(conn, layout.rows, folded)
        staged = frame_settle.stage_rows(conn, layout.rows, folded)
        written = _merge_staged(conn, contract, layout.rows, rows, staged)
        frame_settle.write_history(conn, folded)
    elif len(rows) > FEW:
        written = _merge_staged(conn, contract, layout.rows, rows, 0)
    else:
        written = _merge_few(conn, layout.rows, rows)
    if history:
        copy_rows(conn, SQL["copy_history"], HISTORY_TYPES, history)
    return written


def _merge_staged(
    conn: Connection[TupleRow], contract: Contract, statements: TableStatements, rows: Sequence[Row], staged: int
) -> bool:
    """Rows through the stage, where so many are already."""
    if rows:
        conn.execute(statements.make_stage)
        copy_rows(conn, statements.copy_stage, reference_tables.column_types(contract), rows)
    staged += len(rows)
    return not staged or conn.execute(statements.merge_stage).rowcount == staged


def _merge_few(conn: Connection[TupleRow], statements: TableStatements, rows: Sequence[Row]) -> bool:
    """Rows as they are: making a stage and copying into it costs more than it saves."""
    if not rows:
        return True
    with conn.cursor() as cursor:
        cursor.executemany(statements.merge_row, rows)
        return cursor.rowcount == len(rows)


def reference_row(contract: Contract, event: Event) -> Row:
    """The event as a row of its document's table, in the order of `reference_tables.column_types`."""
    if event.row is None:
        parts = dict(zip(contract.key, event.key.split("|"), strict=True))
        values: Row = tuple(parts.get(field.name) for field in contract.fields)
    else:
        values = tuple(event.row.values())
    return (*values, *event.version, event.row is None, *event.place, event.event_time, event.warnings)


def _history_row(each: Accepted) -> Row:
    event = each.event
    return (
        *event.place,
        event.key,
        *event.version,
        event.schema_id,
        event.ce_id,
        event.event_time,
        event.load,
        event.value,
        *(each.before or (None, None, None)),
    )

"""The rows of a round: those that are just what one of its events says, and those that are put together from columns.

The one source of an entity writes the entity's rows itself. Of these the event's own bytes are published, as they
lie in the history: reading 23 columns of a row and encoding them again takes four times as long.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from psycopg import Connection, sql
from psycopg.rows import TupleRow
from psycopg.sql import Composable, Composed, Identifier, Literal

from hub_db import reference_tables
from hub_db.rounds import RoundNumber
from schemas.contract import Value
from schemas.names import EntityName, EventKey, FieldName, SchemaId

ROWS_AT_ONCE = 5_000  # fetched from the server-side cursor

# Events `h` of batches `b`, with their topics `n`.
EVENTS: Final = sql.SQL(
    "hub.batch b join hub.topic n using (topic_id)"
    " join hub.history h on h.topic_no = n.topic_no and h.partition = b.partition"
    ' and h."offset" >= b.first_offset and h."offset" < b.next_offset'
)
# Whether the row `t` is what the event `h` says, in bytes that are published.
IS_SAID: Final = sql.SQL(
    't._topic_no = h.topic_no and t._partition = h.partition and t._offset = h."offset"'
    " and (t._deleted or h.schema_id = {schema_id})"
)


def said(
    conn: Connection[TupleRow],
    entity: EntityName,
    key: Sequence[FieldName],
    schema_id: SchemaId,
    replaced_by: FieldName | None,
    number: RoundNumber,
) -> Iterator[tuple[EventKey, bytes | None, Value]]:
    """Of an entity with one source: the keys of which a row is what an event of the round says, each once, with the
    event's bytes, and with what stands in `replaced_by`. Events of another schema are left to `rows`."""
    # With a limit inside there is no other plan than a look-up by the index, however large the table has grown.
    statement = sql.SQL(
        "select h.key, case when not t._deleted then h.value end, t.replaced_by"
        " from {events} join hub.document d on d.topic = n.name"
        " cross join lateral (select t._deleted, {replaced_by} replaced_by from {table} t"
        "  where {is_key} and {is_said} limit 1) t"
        " where b.round = {number} and d.entity = {entity}"
    ).format(
        replaced_by=sql.SQL("null") if replaced_by is None else sql.SQL("t.{}").format(Identifier(replaced_by)),
        events=EVENTS,
        table=reference_tables.table_name(entity),
        is_key=reference_tables.is_key(key, sql.SQL("h.key")),
        number=Literal(number),
        entity=Literal(entity),
        is_said=IS_SAID.format(schema_id=Literal(schema_id)),
    )
    with conn.cursor(name="rows_said") as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(statement, binary=True)
        for found, value, successor in cursor:
            yield EventKey(found), value, successor


def rows(
    conn: Connection[TupleRow],
    entity: EntityName,
    key: Sequence[FieldName],
    columns: Sequence[FieldName],
    number: RoundNumber,
    *,
    besides: SchemaId | None = None,
) -> Iterator[tuple[EventKey, tuple[Value, ...] | None]]:
    """The changed keys of one entity, each once, with their rows in the snapshot; None is a tombstone. Without those
    that `said` yields, where its schema is given.

    A key without a row, not even a tombstone, is left out: no source that may create such a record knows it.
    """
    with conn.cursor(name="round_rows") as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(_rows_statement(entity, key, columns, number, besides), binary=True)
        for found, deleted, *values in cursor:
            yield EventKey(found), None if deleted else tuple(values)


def every_row(
    conn: Connection[TupleRow], entity: EntityName, key: Sequence[FieldName], columns: Sequence[FieldName]
) -> Iterator[tuple[EventKey, tuple[Value, ...] | None]]:
    """Every key of one entity with its row in the snapshot; None is a tombstone."""
    with conn.cursor(name="every_row") as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(_every_row_statement(entity, key, columns), binary=True)
        for found, deleted, *values in cursor:
            yield EventKey(found), None if deleted else tuple(values)


def _every_row_statement(entity: EntityName, key: Sequence[FieldName], columns: Sequence[FieldName]) -> Composed:
    return sql.SQL("select {key}, t._deleted, {columns} from {table} t order by {order}").format(
        key=sql.SQL(" || '|' || ").join(sql.SQL("t.{}").format(Identifier(name)) for name in key),
        columns=sql.SQL(", ").join(sql.SQL("t.{}").format(Identifier(name)) for name in columns),
        table=reference_tables.table_name(entity),
        order=sql.SQL(", ").join(sql.SQL("t.{}").format(Identifier(name)) for name in key),
    )


def _rows_statement(
    entity: EntityName,
    key: Sequence[FieldName],
    columns: Sequence[FieldName],
    number: RoundNumber,
    besides: SchemaId | None,
) -> Composed:
    told: Composable = sql.SQL("true")
    other: Composable = sql.SQL("true")
    if besides is not None:
        other = sql.SQL("h.schema_id <> {}").format(Literal(besides))
        told = sql.SQL("not exists (select from {events} where b.round = {number} and {is_said})").format(
            events=EVENTS, number=Literal(number), is_said=IS_SAID.format(schema_id=Literal(besides))
        )
    return sql.SQL(
        "select k.key, t._deleted, {columns} from ("
        " select h.key from {events} join hub.document d on d.topic = n.name"
        " where b.round = {number} and d.entity = {entity} and {other}"
        " union"
        " select r.key from hub.release l join hub.topic n using (topic_id)"
        " join hub.document d on d.topic = n.name"
        " join hub.release_key r on r.release_id = l.id"
        " where l.round = {number} and d.entity = {entity}"
        " union"
        " select r.key from hub.change c join hub.change_key r on r.change_id = c.id"
        " where c.round = {number} and c.entity = {entity}"
        ") k join {table} t on {is_key} where {told} order by k.key"
    ).format(
        columns=sql.SQL(", ").join(sql.SQL("t.{}").format(Identifier(name)) for name in columns),
        events=EVENTS,
        number=Literal(number),
        entity=Literal(entity),
        other=other,
        table=reference_tables.table_name(entity),
        is_key=reference_tables.is_key(key, sql.SQL("k.key")),
        told=told,
    )

"""The rows of a round: each changed key once, with its row in the round's snapshot.

The one source of an entity writes the entity's rows itself. What one of its events says is published as the event's own
bytes, which lie in the history: nothing is read out of columns and encoded again. Which rows are not what their events
say, the intake lists (`hub_db/settle.py`).
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

from psycopg import Connection, sql
from psycopg.rows import TupleRow
from psycopg.sql import Composed, Identifier, Literal

from hub_db import reference_tables
from hub_db.rounds import RoundNumber
from schemas.contract import Value
from schemas.names import EntityName, EventKey, FieldName, SchemaId

ROWS_AT_ONCE: Final = 5_000  # fetched from the server-side cursor

Row = tuple[Value, ...]


class Said(NamedTuple):
    """A row that an event says: the event's bytes, and what stands in the field that names the row's successor."""

    value: bytes
    successor: Value


def rows(
    conn: Connection[TupleRow],
    entity: EntityName,
    key: Sequence[FieldName],
    columns: Sequence[FieldName],
    number: RoundNumber,
) -> Iterator[tuple[EventKey, Row | None]]:
    """The changed keys of one entity, each once, with their rows in the snapshot; None is a tombstone.

    A key without a row, not even a tombstone, is left out: no source that may create such a record knows it.
    """
    statement = sql.SQL(
        "select k.key, t._deleted, {columns} from ({keys}) k join {table} t on {is_key} order by k.key"
    ).format(
        columns=_columns(columns),
        keys=_keys(entity, number),
        table=reference_tables.table_name(entity),
        is_key=reference_tables.is_key(key, sql.SQL("k.key")),
    )
    with conn.cursor(name="round_rows") as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(statement, binary=True)
        for found, deleted, *values in cursor:
            yield EventKey(found), None if deleted else tuple(values)


def rows_said(
    conn: Connection[TupleRow],
    entity: EntityName,
    key: Sequence[FieldName],
    columns: Sequence[FieldName],
    number: RoundNumber,
    schema_id: SchemaId,
    replaced_by: FieldName | None,
) -> Iterator[tuple[EventKey, Said | Row | None]]:
    """The same of an entity with one source: a row that an event of this schema says comes as its bytes."""
    statement = sql.SQL(
        "select k.key, x._deleted, x.said, x.successor, {of_row} from ({newest}) k"
        # With a limit inside there is no other plan than a look-up by the index, however large the table has grown.
        " cross join lateral (select t._deleted, {successor} successor,"
        '  case when (t._topic_no, t._partition, t._offset) = (k.topic_no, k.partition, k."offset")'
        "   and k.schema_id = {schema_id} then k.value end said"
        "  from {table} t where {is_key} limit 1) x"
        " left join lateral (select {columns} from {table} t where x.said is null and {is_key} limit 1) r on true"
    ).format(
        of_row=_columns(columns, "r"),
        columns=_columns(columns),
        newest=_newest(entity, number),
        successor=sql.SQL("null") if replaced_by is None else sql.SQL("t.{}").format(Identifier(replaced_by)),
        table=reference_tables.table_name(entity),
        is_key=reference_tables.is_key(key, sql.SQL("k.key")),
        schema_id=Literal(schema_id),
    )
    with conn.cursor(name="round_rows") as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(statement, binary=True)
        for found, deleted, value, successor, *values in cursor:
            if deleted:
                yield EventKey(found), None
            else:
                yield EventKey(found), tuple(values) if value is None else Said(value, successor)


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
        columns=_columns(columns),
        table=reference_tables.table_name(entity),
        order=_columns(key),
    )


def _columns(names: Sequence[FieldName], of: str = "t") -> Composed:
    return sql.SQL(", ").join(Identifier(of, name) for name in names)


# Events `h` of the entity that were accepted in the round's batches.
EVENTS: Final = sql.SQL(
    "hub.batch b join hub.topic n using (topic_id) join hub.document d on d.topic = n.name"
    " join hub.history h on h.topic_no = n.topic_no and h.partition = b.partition"
    ' and h."offset" >= b.first_offset and h."offset" < b.next_offset'
    " where b.round = {number} and d.entity = {entity}"
)
# Keys that are put together from columns: of releases, of what is no event of the entity's own, of texts restated.
LISTED: Final = sql.SQL(
    "select r.key from hub.release l join hub.topic n using (topic_id) join hub.document d on d.topic = n.name"
    " join hub.release_key r on r.release_id = l.id"
    " where l.round = {number} and d.entity = {entity}"
    " union"
    " select r.key from hub.change c join hub.change_key r on r.change_id = c.id"
    " where c.round = {number} and c.entity = {entity}"
)


def _keys(entity: EntityName, number: RoundNumber) -> Composed:
    """The keys that the round touches, each once."""
    return sql.SQL("select h.key from {events} union {listed}").format(**_of_round(entity, number))


def _newest(entity: EntityName, number: RoundNumber) -> Composed:
    """The same, each with its newest event of the round; null where it is listed: then its row is not taken for what
    that event says."""
    return sql.SQL(
        "select distinct on (key) * from ("
        ' select h.key, h.topic_no, h.partition, h."offset", h.schema_id, h.value, h.epoch, h.sequence from {events}'
        " union all select l.key, null, null, null, null, null, null, null from ({listed}) l"
        ") k order by key, epoch desc nulls first, sequence desc nulls first"
    ).format(**_of_round(entity, number))


def _of_round(entity: EntityName, number: RoundNumber) -> dict[str, Composed]:
    given = {"number": Literal(number), "entity": Literal(entity)}
    return {"events": EVENTS.format(**given), "listed": LISTED.format(**given)}

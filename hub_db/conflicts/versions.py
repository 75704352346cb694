"""One version of a row with two contents: what its source said twice, differently, under one number."""

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composed, Identifier

from hub_db import pasts
from hub_db.conflicts.causes import Found, Kind, Side
from hub_db.contents import content_of
from hub_db.golden import Entity, Source
from hub_db.reference_tables import is_key
from schemas.contract import Value
from schemas.names import EventKey, FieldName, SchemaId
from schemas.stored_rows import stored_rows

Row = Mapping[FieldName, Value]


def find(conn: Connection[TupleRow], entity: Entity, source: Source, keys: Sequence[EventKey]) -> list[Found]:
    """Among a source's rows with these keys, those whose very version has said something else, too: side A is what
    holds, side B the first of those that gave way. A version that was followed by another one is nobody's question."""
    if not keys:
        return []
    rows = conn.execute(_statement(source), {"topic": source.topic, "keys": list(keys)}).fetchall()
    texts = pasts.schemas_of(conn, {SchemaId(number) for row in rows for number in (row[1], row[3]) if number})
    losers: dict[EventKey, list[Row]] = {}
    winners: dict[EventKey, Row] = {}
    for key, own_schema, own, schema_id, value in rows:
        winner, loser = _read(texts, own_schema, own), _read(texts, schema_id, value)
        if content_of(winner or None) != content_of(loser or None):
            winners[EventKey(key)] = winner
            losers.setdefault(EventKey(key), []).append(loser)
    return [_found(entity, source, key, winners[key], losers[key]) for key in sorted(losers)]


def _found(entity: Entity, source: Source, key: EventKey, winner: Row, losers: Sequence[Row]) -> Found:
    contents = [content_of(each or None) for each in (winner, *losers)]
    first = max(losers, key=lambda row: content_of(row or None))
    return Found(
        Kind.VERSION,
        entity.name,
        key,
        "",
        Side(source.name, winner),
        Side(source.name, first),
        tuple(sorted(each.digest.hex() for each in contents)),
        () if all(each.is_row for each in contents) else ("versi.hapus",),
    )


def _read(texts: Mapping[int, str], schema_id: int | None, value: bytes | None) -> dict[FieldName, Value]:
    """What an event says; nothing for a delete, or where its schema no longer reads it."""
    text = None if value is None or schema_id is None else texts.get(schema_id)
    said: Any = None if text is None or value is None else stored_rows(text).read(value)
    return dict(said or {})


def _statement(source: Source) -> Composed:
    """What a row's own version said else, with what the row says. Indexes: contested_is_one_content, the primary key of
    the source's table, history_pkey."""
    return SQL(
        "select c.key, h.schema_id, h.value, c.schema_id, c.value"
        " from hub.contested c join {table} t on {same} and (t._epoch, t._sequence) = (c.epoch, c.sequence)"
        ' join hub.history h on (h.topic_no, h.partition, h."offset") = (t._topic_no, t._partition, t._offset)'
        " where c.topic = %(topic)s and c.key = any(%(keys)s)"
        ' and (c.topic_no, c.partition, c."offset") <> (t._topic_no, t._partition, t._offset)'
        " order by c.key, c.digest"
    ).format(table=Identifier(*source.table), same=is_key(source.row_key, SQL("c.key")))

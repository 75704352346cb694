"""A key that its own source gives to another person: found along the links of the history."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composed, Identifier, Literal

from hub_db import pasts
from hub_db.conflicts.agreement import ALIKE, hints_of
from hub_db.conflicts.causes import Found, Kind, Side
from hub_db.golden import Entity, Source
from hub_db.matching.likeness import likeness
from hub_db.matching.names import bare, spelled
from hub_db.reference_tables import is_key
from schemas.contract import Value
from schemas.names import EventKey, FieldName, SchemaId
from schemas.stored_rows import stored_rows

DEEPEST: Final = 12  # events of a key that are looked at
NAME, BORN, MOTHER = FieldName("nama"), FieldName("tanggal_lahir"), FieldName("nama_ibu")
Row = Mapping[FieldName, Value]


def names_persons(source: Source) -> bool:
    """Whether the document has what tells one person from another."""
    return not source.feeds and len(source.key) == 1 and NAME in source.fields and BORN in source.fields


def find(conn: Connection[TupleRow], entity: Entity, source: Source, keys: Sequence[EventKey]) -> list[Found]:
    """Keys whose live row is of another person than an event before it was, and whom no earlier one names.

    Who comes back to a key that was given away by mistake ends it; deletes in between say nothing.
    """
    if not keys:
        return []
    rows = conn.execute(_statement(source), {"keys": list(keys)}).fetchall()
    texts = pasts.schemas_of(conn, {SchemaId(number) for _, number, _ in rows})
    said: dict[EventKey, list[Row]] = {}
    for key, schema_id, value in rows:
        row = stored_rows(texts[schema_id]).read(value) if schema_id in texts else None
        if row is not None:
            said.setdefault(EventKey(key), []).append(row)
    found = []
    for key, events in said.items():
        now, *earlier = events
        others = [place for place, each in enumerate(earlier) if are_two(each, now)]
        if others and all(are_two(each, now) for each in earlier[others[0] :]):
            found.append(_found(entity, source, key, earlier[others[0]], now))
    return found


def are_two(one: Row, other: Row) -> bool:
    """Whether two rows are of two persons: the names are not alike, and neither the date of birth or the mother's name
    is. A date of which one part differs, or day and month are swapped, is a typing error."""
    return _unlike(one.get(NAME), other.get(NAME)) and (
        _other_day(one.get(BORN), other.get(BORN)) or _unlike(one.get(MOTHER), other.get(MOTHER))
    )


def _unlike(one: Value, other: Value) -> bool:
    if not one or not other or bare(str(one)) == bare(str(other)):
        return False
    return likeness(spelled(str(one)), spelled(str(other)), usual=()) < ALIKE


def _other_day(one: Value, other: Value) -> bool:
    if not isinstance(one, date) or not isinstance(other, date):
        return False
    swapped = (one.year, one.month, one.day) == (other.year, other.day, other.month)
    same = sum(a == b for a, b in zip(one.timetuple()[:3], other.timetuple()[:3], strict=True))
    return not swapped and same < 2


def _found(entity: Entity, source: Source, key: EventKey, before: Row, now: Row) -> Found:
    fields = {field.name: field for field in entity.columns}
    hints = [
        hint
        for name in (NAME, BORN)
        if before.get(name) is not None and now.get(name) is not None
        for hint in hints_of(fields[name], key, before[name], now[name])
    ]
    compared = tuple(row.get(name) for name in (NAME, BORN, MOTHER) for row in (before, now))
    sides = Side(source.name, before), Side(source.name, now)
    return Found(Kind.NEW_PERSON, entity.name, key, "", *sides, compared, tuple(dict.fromkeys(hints)))


def _statement(source: Source) -> Composed:
    """The events of live rows with these keys, newest first, as far as they say something; nothing of a row of which
    there is one event. Indexes: the primary key of the source's table, history_pkey."""
    return SQL(
        "with recursive chain as ("
        " select k.key, 1 as depth, h.schema_id, h.value, h.before_topic_no, h.before_partition, h.before_offset"
        " from unnest(%(keys)s::text[]) as k (key) join {table} t on {same} and not t._deleted"
        ' join hub.history h on (h.topic_no, h.partition, h."offset") = (t._topic_no, t._partition, t._offset)'
        " and h.before_offset is not null"
        " union all"
        " select c.key, c.depth + 1, h.schema_id, h.value, h.before_topic_no, h.before_partition, h.before_offset"
        ' from chain c join hub.history h on (h.topic_no, h.partition, h."offset") ='
        " (c.before_topic_no, c.before_partition, c.before_offset) where c.depth < {deepest})"
        " select key, schema_id, value from chain where value is not null order by key, depth"
    ).format(table=Identifier(*source.table), same=is_key(source.row_key, SQL("k.key")), deepest=Literal(DEEPEST))

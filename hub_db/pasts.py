"""The accepted events of one record, read out of the history: whose, where, when, and what they said.

Their bytes are read by the schema that they were written with. A field is called here as the entity calls it.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.entities import SOURCE_CHANGED
from hub_db.events import Place, Version
from hub_db.golden import Entity, Source, SourceRow
from hub_db.statements import load
from schemas.contract import Value
from schemas.names import EventKey, FieldName, SchemaId, TopicName
from schemas.stored_rows import stored_rows

SQL = load("hub_db", "sql/pasts.sql")
USUAL_DEPTH = 50  # events of each row that speaks about the record


@dataclass(frozen=True, slots=True)
class HeldEvent:
    """One accepted event as the history has it."""

    topic: TopicName
    row_key: EventKey  # of the document's row
    place: Place
    version: Version
    schema_id: SchemaId | None  # None is a delete
    ce_id: str
    event_time: datetime | None
    load: str | None
    value: bytes | None
    taken_at: datetime  # when the hub took it
    went_in_at: datetime  # later, if it waited in the parking lot
    has_earlier: bool  # whether the row had an accepted event before

    @property
    def row(self) -> tuple[TopicName, EventKey]:
        """The row that it is about."""
        return self.topic, self.row_key


@dataclass(frozen=True, slots=True)
class Statement:
    """What an event said of the record. Its `row` is deleted where it said nothing of it: a delete, another's key."""

    event: HeldEvent
    row: SourceRow
    readable: bool = True


def held_events(rows: Iterable[Sequence[Any]]) -> list[HeldEvent]:
    """Out of rows of `hub.past`, in its order: newest first for each row that speaks."""
    found = []
    for row in rows:
        topic, key, _, topic_no, partition, offset, epoch, sequence, schema_id, ce_id, at, load_id, value, *rest = row
        found.append(
            HeldEvent(
                TopicName(topic),
                EventKey(key),
                Place(topic_no, partition, offset),
                Version(epoch, sequence),
                None if schema_id is None else SchemaId(schema_id),
                ce_id,
                at,
                load_id,
                value,
                *rest,
            )
        )
    return found


def past(
    conn: Connection[TupleRow],
    entity: Entity,
    key: EventKey,
    *,
    until: datetime | None = None,
    most: int = USUAL_DEPTH,
) -> list[HeldEvent]:
    """The events of a record, for who may read the history: at most `most` of each row or, with `until`, those that
    held then."""
    values = {"entity": entity.name, "key": key, "until": until, "most": most}
    return held_events(conn.execute(SQL["past"], values))


def statements_of(
    conn: Connection[TupleRow], entity: Entity, key: EventKey, events: Iterable[HeldEvent]
) -> list[Statement]:
    """What the events said of the record with this key. Of documents that no longer speak, nothing is told."""
    sources = {source.topic: source for source in entity.sources}
    known = [event for event in events if event.topic in sources]
    schemas = schemas_of(conn, {event.schema_id for event in known if event.schema_id is not None})
    return [_statement(sources[event.topic], key, event, schemas) for event in known]


def schemas_of(conn: Connection[TupleRow], ids: set[SchemaId]) -> dict[int, str]:
    """Schemas by their numbers, as texts."""
    if not ids:
        return {}
    return dict(conn.execute(SQL["schemas"], {"ids": sorted(ids)}).fetchall())


def _statement(source: Source, key: EventKey, event: HeldEvent, schemas: Mapping[int, str]) -> Statement:
    gone = SourceRow(
        source=source,
        row_key=event.row_key,
        deleted=True,
        version=event.version,
        place=event.place,
        event_time=event.event_time,
        changed_at=None,
        accepted_at=event.taken_at,
        values={},
    )
    if event.value is None:
        return Statement(event, gone)
    text = schemas.get(event.schema_id or 0)
    said = None if text is None else stored_rows(text).read(event.value)
    if said is None:
        return Statement(event, gone, readable=False)
    if source.feeds and said.get(source.key[0]) != key:
        return Statement(event, gone)
    changed = said.get(SOURCE_CHANGED)
    row = replace(
        gone,
        deleted=False,
        changed_at=changed if isinstance(changed, datetime) else None,
        values=_values(source, key, said),
    )
    return Statement(event, row)


def _values(source: Source, key: EventKey, said: Mapping[FieldName, Value]) -> dict[FieldName, Value]:
    """By field of the entity. A feed says nothing of the record's key, which it only names."""
    values = {name: said.get(own) for name, own in source.fields.items()}
    if source.feeds:
        return values
    return dict(zip(source.key, key.split("|"), strict=True)) | values

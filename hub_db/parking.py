"""The parking lot: events that wait for a record they refer to."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

import polars as pl
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from hub_db.copying import copy_rows
from hub_db.events import Arrival, Event, Missing, Place, Stretch, Version
from hub_db.merge import Waiting
from hub_db.statements import load
from schemas.contract import Contract, Value
from schemas.names import EntityName, EventKey, FieldName, SchemaId, TopicName

SQL = load("hub_db", "sql/parking.sql")
TYPES = (
    *("int4", "int4", "int8", "text", "text", "int4", "int8", "int4"),  # place, topic, key, version, schema
    *("text", "timestamptz", "text", "bytea"),  # ce_id, event time, load, value
    *("text", "text", "text", "date"),  # what is missing, day of the verdict
    *("jsonb", "timestamptz"),  # headers, log time
)


class GivenUp(NamedTuple):
    """A parked event as it is returned: its bytes, what it missed, and since when it waited."""

    offset: int
    key: str
    value: bytes | None
    headers: Sequence[tuple[str, str]] | None  # in base64; null where it was parked before headers were kept
    appended_at: datetime | None
    field: str
    entity: str
    parked_at: datetime


FEW = 2_000  # parked events of a topic on an ordinary day


class Again(NamedTuple):
    """What a stored event says: its values in contract order (None: it deletes), and what is told of them."""

    values: Mapping[str, Value] | None
    warnings: str | None


DELETE: Final = Again(None, None)


# Reads stored events again, as a set: (schema id, bytes, day of the verdict).
Reread = Callable[[Sequence[tuple[SchemaId, bytes, date]]], Sequence[Again]]


@dataclass(frozen=True, slots=True)
class ParkedPartition:
    """A partition that has parked events, and the entities they wait for."""

    topic: TopicName
    topic_id: UUID
    topic_no: int
    partition: int
    entities: frozenset[EntityName]

    def stretch(self) -> Stretch:
        """No stretch of its log, but whose events these are."""
        return Stretch(self.topic, self.topic_id, self.topic_no, self.partition, 0, 0, 0)


def park(
    conn: Connection[TupleRow],
    contract: Contract,
    waiting: Sequence[Waiting],
    accepted_on: date,
    arrival: Callable[[Place], Arrival | None],
) -> None:
    """Put new events into the lot, with the headers in which they came."""
    if waiting:
        copy_rows(conn, SQL["copy_parked"], TYPES, (_row(contract, each, accepted_on, arrival) for each in waiting))


def overdue(
    conn: Connection[TupleRow], parked: ParkedPartition, span: timedelta, *, limit: int
) -> dict[Place, EventKey]:
    """Events of a partition that have waited for longer than `span`, the oldest first."""
    names = {"topic": parked.topic, "topic_no": parked.topic_no, "partition": parked.partition}
    rows = conn.execute(SQL["overdue"], {**names, "span": span, "limit": limit})
    return {Place(parked.topic_no, parked.partition, offset): EventKey(key) for offset, key in rows}


def give_up(conn: Connection[TupleRow], places: Sequence[Place]) -> list[GivenUp]:
    """Take events out of the lot for good, whole, in the order of the log."""
    topic_nos, numbers, offsets = zip(*places, strict=True)
    rows = conn.execute(
        SQL["give_up"], {"topic_nos": list(topic_nos), "partitions": list(numbers), "offsets": list(offsets)}
    )
    return sorted((GivenUp(*row) for row in rows), key=lambda each: each.offset)


def some_of_keys(conn: Connection[TupleRow], contract: Contract, keys: pl.Series) -> list[EventKey]:
    """Those of many keys of which events are parked."""
    some = conn.execute(SQL["some_parked_keys"], {"topic": contract.topic, "limit": FEW}).fetchall()
    if len(some) == FEW:
        lines = keys.unique().str.join("\n").item()
        some = conn.execute(SQL["parked_among"], {"topic": contract.topic, "lines": lines}).fetchall()
    return [EventKey(row[0]) for row in some]


def of_keys(conn: Connection[TupleRow], contract: Contract, keys: Sequence[EventKey], reread: Reread) -> list[Waiting]:
    """Every parked event of the keys, as they came, its values read again."""
    some = conn.execute(SQL["some_parked_keys"], {"topic": contract.topic, "limit": FEW}).fetchall()
    if len(some) < FEW:  # all of them: cheaper to look for here than to ask for each key of a batch
        parked = {row[0] for row in some}
        keys = [key for key in keys if key in parked]
    if not keys:
        return []
    found = conn.execute(SQL["parked_of_keys"], {"topic": contract.topic, "keys": list(keys)}).fetchall()
    read = iter(reread([(SchemaId(row[6]), row[10], row[14]) for row in found if row[10] is not None]))
    return [_waiting(row, DELETE if row[10] is None else next(read)) for row in found]


def partitions(conn: Connection[TupleRow]) -> list[ParkedPartition]:
    """Every partition that has parked events."""
    return [
        ParkedPartition(TopicName(topic), topic_id, topic_no, partition, frozenset(entities))
        for topic, topic_id, topic_no, partition, entities in conn.execute(SQL["missing_entities"])
    ]


def unpark(conn: Connection[TupleRow], places: Sequence[Place]) -> None:
    """Take events out of the lot."""
    if places:
        topic_nos, numbers, offsets = zip(*places, strict=True)
        conn.execute(
            SQL["unpark"], {"topic_nos": list(topic_nos), "partitions": list(numbers), "offsets": list(offsets)}
        )


def wait_on(conn: Connection[TupleRow], waiting: Sequence[Waiting]) -> None:
    """Note what parked events wait for now."""
    if waiting:
        conn.execute(
            SQL["wait_on"],
            {
                "topic_nos": [each.event.place.topic_no for each in waiting],
                "partitions": [each.event.place.partition for each in waiting],
                "offsets": [each.event.place.offset for each in waiting],
                "fields": [each.missing.field for each in waiting],
                "entities": [each.missing.entity for each in waiting],
                "keys": [each.missing.key for each in waiting],
            },
        )


def _row(
    contract: Contract, waiting: Waiting, accepted_on: date, arrival: Callable[[Place], Arrival | None]
) -> tuple[object, ...]:
    event, missing = waiting.event, waiting.missing
    came = arrival(event.place)
    return (
        *event.place,
        contract.topic,
        event.key,
        *event.version,
        event.schema_id,
        event.ce_id,
        event.event_time,
        event.load,
        event.value,
        missing.field,
        missing.entity,
        missing.key,
        accepted_on,
        None if came is None else Jsonb(stored_headers(came.headers)),
        None if came is None else came.appended_at,
    )


def stored_headers(headers: Sequence[tuple[bytes, bytes]]) -> list[list[str]]:
    """Headers as the database keeps them: names and values in base64, as they may be any bytes."""
    return [[base64.b64encode(part).decode("ascii") for part in header] for header in headers]


def _waiting(row: Sequence[Any], again: Again) -> Waiting:
    topic_no, partition, offset, key, epoch, sequence, schema_id, ce_id, event_time, load_id, value, *rest = row
    field, entity, missing_key, _ = rest
    place, version = Place(topic_no, partition, offset), Version(epoch, sequence)
    schema = None if schema_id is None else SchemaId(schema_id)
    event = Event(place, EventKey(key), version, schema, ce_id, event_time, load_id, value, *again)
    return Waiting(event, Missing(FieldName(field), EntityName(entity), EventKey(missing_key)))

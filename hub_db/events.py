"""What one partition brings to the database: valid events, dead letters, and the stretch of log they came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from schemas.contract import Value
from schemas.names import EntityName, EventKey, FieldName, SchemaId, TopicName
from schemas.rejection import Rejection


class Version(NamedTuple):
    """The source's version of a key; compared as a pair of numbers."""

    epoch: int
    sequence: int


class Place(NamedTuple):
    """Where an event stands: the hub's number of the topic's incarnation, partition, offset."""

    topic_no: int
    partition: int
    offset: int


class Missing(NamedTuple):
    """The record that an event waits for."""

    field: FieldName
    entity: EntityName
    key: EventKey


class Arrival(NamedTuple):
    """How a record came: what an event does not keep, and a dead letter must have."""

    headers: Sequence[tuple[bytes, bytes]]
    appended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Replayed:
    """The dead letter that a record is a replay of."""

    letter: int
    first: Place  # where its event stood before it was ever replayed
    tries: int  # how often it was replayed and refused again


@dataclass(slots=True)
class Event:
    """A valid event. `row` holds the document's values in contract order, None for a delete.

    `warnings` is what is told of the row, as it is stored with it (`schemas.row_warnings.joined`). `restated`: the row
    has a text in its normal form, which the bytes have otherwise.
    """

    place: Place
    key: EventKey
    version: Version
    schema_id: SchemaId | None
    ce_id: str
    event_time: datetime | None
    load: str | None
    value: bytes | None
    row: Mapping[str, Value] | None
    warnings: str | None = None
    replayed: Replayed | None = None
    restated: bool = False


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An event that may not go in, with its original bytes and every reason found, the first one first.

    A batch that was not unpacked is one letter for all its `records`.
    """

    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[bytes, bytes]]
    appended_at: datetime | None
    reasons: Sequence[Rejection]
    records: int = 1
    replayed: Replayed | None = None


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of one partition's log, [first_offset, next_offset), and how many records it held."""

    topic: TopicName
    topic_id: UUID
    topic_no: int
    partition: int
    first_offset: int
    next_offset: int
    records: int
    fetched_at: datetime | None = None
    appended_at: datetime | None = None  # log time of its last record


@dataclass(frozen=True, slots=True)
class Tally:
    """How many records ended how."""

    accepted: int = 0
    known: int = 0
    parked: int = 0
    dead: int = 0
    released: int = field(default=0)  # earlier parked events that went in beside them
    outdated: int = field(default=0)  # earlier parked events that are known by now

    def total(self) -> int:
        return self.accepted + self.known + self.parked + self.dead

"""What the hub knows about the exchange at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from schemas.names import DocumentName, EntityName, OpdCode, TopicName


@dataclass(frozen=True, slots=True)
class Tally:
    """Events in final states: records = accepted + known + parked + dead."""

    records: int = 0
    accepted: int = 0
    known: int = 0
    parked: int = 0
    dead: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.records + other.records,
            self.accepted + other.accepted,
            self.known + other.known,
            self.parked + other.parked,
            self.dead + other.dead,
        )


@dataclass(frozen=True, slots=True)
class Document:
    """An interchange document that the hub takes."""

    topic: TopicName
    opd: OpdCode
    document: DocumentName
    entity: EntityName

    @property
    def name(self) -> str:
        return f"{self.opd}.{self.document}"


@dataclass(frozen=True, slots=True)
class Position:
    """Where the hub stands in one partition of one incarnation of a topic."""

    topic: TopicName
    partition: int
    current: bool  # of the topic's newest incarnation; older ones only add to the totals
    next_offset: int
    appended_at: datetime | None  # log time of the last settled record
    tally: Tally
    rests: bool = False  # a flood has stopped it


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Why one event was sent back. Carries shapes, never values."""

    id: int
    topic: TopicName
    partition: int
    offset: int
    fault: str
    code: str
    field: str | None
    found: str
    expected: str
    remedy: str
    received_at: datetime

    @property
    def place(self) -> str:
        return f"{self.topic}[{self.partition}]@{self.offset}"


@dataclass(frozen=True, slots=True)
class Round:
    """A round of publication that Kafka has."""

    id: int
    published_at: datetime
    records: int


@dataclass(frozen=True, slots=True)
class Reading:
    """All that PostgreSQL said in one snapshot."""

    taken_at: datetime
    documents: tuple[Document, ...]  # by OPD and name
    positions: tuple[Position, ...]
    rows: Mapping[EntityName, int]  # live rows of each reference table
    unpublished: Mapping[TopicName, int]  # accepted events that no round has taken yet
    letters: tuple[DeadLetter, ...]  # newest first
    round: Round | None  # the newest published

    def tally(self, topic: TopicName) -> Tally:
        return sum((position.tally for position in self.positions if position.topic == topic), Tally())

    def rests(self, topic: TopicName) -> bool:
        """Whether a partition of the topic has been stopped."""
        return any(position.rests for position in self.positions if position.topic == topic)


@dataclass(frozen=True, slots=True)
class LogEnds:
    """First and next offset of each partition, as the broker told them at `seen_at`."""

    seen_at: datetime
    ends: Mapping[tuple[TopicName, int], tuple[int, int]]

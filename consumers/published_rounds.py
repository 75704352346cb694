"""What the broker has of rounds that the database does not know: the database was put back to an earlier state.

Rounds only grow in every partition, as one publisher writes them; so it is enough to read backwards until there is one
that the database knows. Ordinarily that is the last record.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from hub_db.errors import Unreachable
from hub_db.rounds import RoundNumber
from schemas.names import EventKey, TopicName
from schemas.wire.kafka import KafkaSettings

TAIL: Final = 100  # records of a partition that are read first
FURTHER: Final = 10  # times as many, while none of them is of a round that is known
SILENCE_S: Final = 20.0  # so long without an answer is a broker that is away
POLL_MS: Final = 500


@dataclass(slots=True)
class Later:
    """Rounds after the one that is `known`: the highest of them, and the keys in them by topic."""

    known: RoundNumber
    highest: RoundNumber
    keys: dict[TopicName, set[EventKey]] = field(default_factory=dict)

    def note(self, topic: TopicName, key: EventKey, number: RoundNumber) -> bool:
        """Keep what a record tells, if its round is one of them; whether it is."""
        if number <= self.known:
            return False
        self.highest = max(self.highest, number)
        self.keys.setdefault(topic, set()).add(key)
        return True


def later(kafka: KafkaSettings, topics: Collection[TopicName], known: RoundNumber, sources: Collection[str]) -> Later:
    """The rounds after `known` that the broker has. `sources`: names of documents; what is of none of them is another
    hub's. Raises Unreachable."""
    found = Later(known, known)
    try:
        consumer = KafkaConsumer(
            **kafka.kafka_python(), group_id=None, isolation_level="read_committed", auto_offset_reset="earliest"
        )
        try:
            left = {place: TAIL for topic in topics for place in _partitions(consumer, topic)}
            while left:
                left = _read_tails(consumer, left, frozenset(sources), found)
        finally:
            consumer.close()
    except KafkaError as error:
        raise Unreachable(f"Kafka did not say which rounds it has: {type(error).__name__}") from error
    return found


def _partitions(consumer: Any, topic: TopicName) -> list[TopicPartition]:
    return [TopicPartition(topic, number) for number in consumer.partitions_for_topic(topic) or ()]


def _read_tails(
    consumer: Any, tails: Mapping[TopicPartition, int], sources: frozenset[str], found: Later
) -> dict[TopicPartition, int]:
    """Read the last records of each partition; what must be read from further back."""
    starts, ends = consumer.beginning_offsets(list(tails)), consumer.end_offsets(list(tails))
    begin = {place: max(starts[place], ends[place] - tail) for place, tail in tails.items()}
    consumer.assign(list(tails))
    for place, offset in begin.items():
        consumer.seek(place, offset)
    seen = dict.fromkeys(tails, False)  # whether a record is of a round that the database knows
    heard_at = monotonic()
    while any(consumer.position(place) < ends[place] for place in tails):
        records = [each for part in consumer.poll(timeout_ms=POLL_MS).values() for each in part]
        if records:
            heard_at = monotonic()
        elif monotonic() - heard_at > SILENCE_S:
            raise Unreachable("Kafka did not show the ends of the reference topics")
        for record in records:
            number = _round_of(record, sources)
            if number is not None and not found.note(record.topic, EventKey(record.key.decode()), number):
                seen[TopicPartition(record.topic, record.partition)] = True
    return {place: tail * FURTHER for place, tail in tails.items() if not seen[place] and begin[place] > starts[place]}


def _round_of(record: Any, sources: frozenset[str]) -> RoundNumber | None:
    """The round of a record of this hub."""
    headers = dict(record.headers)
    named = (headers.get("simpul_source") or b"").decode().split(",")
    return RoundNumber(int(headers["simpul_round"])) if sources.intersection(named) else None

"""Reads whole topics with another library than the hub's: confluent-kafka, committed records only, no group."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import uuid4

from confluent_kafka import Consumer, KafkaError, Message, TopicPartition
from confluent_kafka import KafkaException as LibraryError

from schemas.wire.kafka import KafkaSettings

AT_ONCE = 10_000
GATHER_S = 0.1  # a full set comes at once; the last ones wait so long for more
SILENCE_S = 20.0  # so long without a record before the end of a partition is a failure


@dataclass(frozen=True, slots=True)
class LogRecord:
    """One record as it stands in the log."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]
    appended_ms: int = 0  # by the broker's clock, since 1970


class LogUnreadable(Exception):
    """A topic could not be read to its end."""


def read(kafka: KafkaSettings, topics: Sequence[str]) -> Iterator[LogRecord]:
    """Every record of the topics, in order within a partition. Raises LogUnreadable."""
    return LogReader(kafka, topics).read_on()


class LogReader:
    """Reads topics to their end, and later goes on from there."""

    def __init__(self, kafka: KafkaSettings, topics: Sequence[str], *, group: str | None = None) -> None:
        """`group`: one that the user of `kafka` may name, where it is not the administrator."""
        self.kafka, self.topics = kafka, topics
        self.group = group or f"none-{uuid4()}"
        self.next: dict[tuple[str, int], int] = {}

    def read_on(self) -> Iterator[LogRecord]:
        """Every record that has come since the last reading, in order within a partition. Raises LogUnreadable."""
        consumer = Consumer(
            {
                **self.kafka.librdkafka(),
                "group.id": self.group,  # the library asks for one; nothing joins or commits
                "enable.auto.commit": False,
                "enable.partition.eof": True,
                "isolation.level": "read_committed",
                "auto.offset.reset": "earliest",
                "fetch.wait.max.ms": 10,  # the end of a partition is told by an answer without records
                "log_level": 2,  # failures are raised here; to be closed in the middle of a sign-in is none
            }
        )
        try:
            places = [TopicPartition(*each, self.next.get(each, 0)) for each in _partitions(consumer, self.topics)]
            consumer.assign(places)
            yield from self._to_the_end(consumer, {(each.topic, each.partition) for each in places})
        except LibraryError as error:
            raise LogUnreadable(str(error)) from error
        finally:
            consumer.close()

    def _to_the_end(self, consumer: Consumer, left: set[tuple[str, int]]) -> Iterator[LogRecord]:
        """What the assigned partitions hold, until each of `left` has ended."""
        heard_at = time.monotonic()
        while left:
            messages = consumer.consume(AT_ONCE, timeout=GATHER_S)
            if messages:
                heard_at = time.monotonic()
            elif time.monotonic() - heard_at > SILENCE_S:
                raise LogUnreadable(f"no more records, yet {len(left)} partitions have not ended")
            for message in messages:
                error = message.error()
                if error is None:
                    yield _record(message)
                elif error.code() == KafkaError._PARTITION_EOF:  # the library's public name for it
                    self.next[_partition(message)] = message.offset() or 0
                    left.discard(_partition(message))
                else:
                    raise LogUnreadable(str(error))


def _partition(message: Message) -> tuple[str, int]:
    partition = message.partition()
    return message.topic() or "", -1 if partition is None else partition


def _record(message: Message) -> LogRecord:
    headers = message.headers() or []
    place = (*_partition(message), message.offset() or 0)
    return LogRecord(*place, message.key(), message.value(), headers, message.timestamp()[1])  # type: ignore[arg-type]


def _partitions(consumer: Consumer, topics: Sequence[str]) -> list[tuple[str, int]]:
    found = []
    for topic in topics:
        about = consumer.list_topics(topic, timeout=SILENCE_S).topics[topic]
        if about.error is not None:
            raise LogUnreadable(f"{topic}: {about.error}")
        found += [(topic, partition) for partition in sorted(about.partitions)]
    return found

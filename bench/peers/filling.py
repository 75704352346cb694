"""Fills the topics before anything is measured, and remembers how one sees that a table has all of them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from confluent_kafka import KafkaError, Message, Producer

from bench.peers.stream import Digest, Sent, Stream, Truth
from schemas.wire.kafka import KafkaSettings

WATCHED: Final = 600  # of the last events, which reach every partition
CONFIRMED_WITHIN_S: Final = 60.0
POLL_EVERY: Final = 1_000


@dataclass(frozen=True, slots=True)
class Filled:
    """A topic and what a table of its rows comes to."""

    topic: str
    events: int
    ends: Mapping[str, datetime]  # the key of each partition's last event → its row's time of change
    by_place: Digest  # where the last event in the log wins
    by_version: Digest  # where the highest version wins


class _Topic:
    """A topic that is being filled up to a count of events."""

    def __init__(self, name: str, events: int) -> None:
        self.name, self.events = name, events
        self._last: dict[int, tuple[int, str, datetime]] = {}

    def send(self, producer: Producer, place: int, sent: Sent) -> None:
        watched = place >= self.events - WATCHED

        def confirmed(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                raise RuntimeError(f"an event was not taken: {error}")
            partition, offset = message.partition(), message.offset()
            if partition is not None and offset is not None and offset > self._last.get(partition, (-1,))[0]:
                self._last[partition] = (offset, sent.key, sent.changed)

        _produce(producer, self.name, sent, **({"on_delivery": confirmed} if watched else {}))

    def filled(self, truth: Truth) -> Filled:
        ends = {key: changed for _, key, changed in self._last.values()}
        return Filled(self.name, self.events, ends, truth.digest(dict(truth.last)), truth.digest(dict(truth.highest)))


def fill(kafka: KafkaSettings, stream: Stream, topics: Mapping[str, int]) -> dict[str, Filled]:
    """Send the stream's first events to each topic, as many as the mapping says; the topics must be there.

    Keys go to partitions as the adapters of agencies send them (murmur2).
    """
    producer = _producer(kafka)
    open_topics: Sequence[_Topic] = [_Topic(name, events) for name, events in topics.items()]
    truth, found = Truth(stream.rows), dict[str, Filled]()
    for place, sent in enumerate(stream):
        if place % POLL_EVERY == 0:
            producer.poll(0)
        truth.note(sent)
        for topic in open_topics:
            topic.send(producer, place, sent)
        if done := [topic for topic in open_topics if topic.events == place + 1]:
            if left := producer.flush(CONFIRMED_WITHIN_S):
                raise TimeoutError(f"{left} events are not confirmed")
            found |= {topic.name: topic.filled(truth) for topic in done}
            open_topics = [topic for topic in open_topics if topic not in done]
    return found


def send(kafka: KafkaSettings, topic: str, events: Iterable[Sent]) -> None:
    """Send events to one topic, and wait until the broker has all of them. Raises TimeoutError."""
    producer = _producer(kafka)
    for place, sent in enumerate(events):
        if place % POLL_EVERY == 0:
            producer.poll(0)
        _produce(producer, topic, sent)
    if left := producer.flush(CONFIRMED_WITHIN_S):
        raise TimeoutError(f"{left} events are not confirmed")


def _produce(producer: Producer, topic: str, sent: Sent, **about: Any) -> None:
    """Hand an event over, once there is room for it."""
    headers = list[tuple[str, str | bytes | None]](sent.headers)
    while True:
        try:
            producer.produce(topic, value=sent.value, key=sent.key, headers=headers, **about)
        except BufferError:
            producer.poll(0.1)
        else:
            return


def _producer(kafka: KafkaSettings) -> Producer:
    return Producer(
        {
            **kafka.librdkafka(),
            "enable.idempotence": True,
            "compression.type": "lz4",
            "linger.ms": 20,
            "partitioner": "murmur2_random",
            "queue.buffering.max.messages": 200_000,
        }
    )

"""A load for measurements: events that are already encoded, sent at a steady rate by a process of its own.

librdkafka sends them, for a few microseconds of CPU each, so that what is measured has the machine to itself.
"""

import multiprocessing
import time
from collections.abc import Sequence
from multiprocessing.connection import Connection
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from confluent_kafka import Producer

from producers.publisher import LINGER_MS
from schemas.wire.kafka import KafkaSettings

AT_ONCE_S: Final = 0.01  # the stream's pieces: far under what a batch waits for
CONFIRMED_WITHIN_S: Final = 60.0
READY_WITHIN_S: Final = 60.0


class Encoded(NamedTuple):
    """A record as it is sent."""

    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


class SteadyStream:
    """Events on their way to a topic; ready when entered, sent from `begin` on, over when `wait` returns."""

    def __init__(
        self,
        kafka: KafkaSettings,
        topic: str,
        events: Sequence[Encoded],
        per_second: int,
        partition: int | None = None,  # as the key says
    ) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        arguments = (theirs, kafka.librdkafka(), topic, list(events), per_second, partition)
        self._process = context.Process(target=_send, args=arguments, daemon=True)

    def __enter__(self) -> Self:
        self._process.start()
        self._told(READY_WITHIN_S)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._process.kill()
        self._process.join()

    def begin(self) -> None:
        """Let the first event go."""
        self._ours.send("begin")

    def wait(self, within_s: float) -> float:
        """Until the broker has confirmed all; how many seconds late the last piece was. Raises TimeoutError."""
        return float(self._told(within_s))

    def _told(self, within_s: float) -> float:
        if not self._ours.poll(within_s):
            raise TimeoutError(f"the stream said nothing for {within_s:.0f} s")
        return float(self._ours.recv())


def _send(
    door: Connection,
    librdkafka: dict[str, object],
    topic: str,
    events: Sequence[Encoded],
    per_second: int,
    partition: int | None,
) -> None:
    """In the process of its own. Who is late does not wait."""
    gathers = {"linger.ms": LINGER_MS, "queue.buffering.max.messages": 0}  # as the agencies' own publisher does
    producer = Producer({**librdkafka, "enable.idempotence": True, **gathers})
    producer.list_topics(topic, timeout=READY_WITHIN_S)
    door.send(0.0)
    door.recv()
    place: dict[str, Any] = {} if partition is None else {"partition": partition}
    at_once = max(1, round(per_second * AT_ONCE_S))
    began, late = time.monotonic(), 0.0
    for number, event in enumerate(events):
        if number % at_once == 0:
            late = time.monotonic() - (began + number / per_second)
            time.sleep(max(0.0, -late))
            producer.poll(0)
        producer.produce(topic, event.value, event.key, headers=list(event.headers), **place)
    if left := producer.flush(CONFIRMED_WITHIN_S):
        raise TimeoutError(f"{left} events are not confirmed")
    door.send(max(0.0, late))

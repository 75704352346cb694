"""Where the log of each topic ends, asked of Kafka by a thread of its own: a silent broker must not stop the page."""

import logging
import threading
from collections.abc import Iterable
from datetime import UTC, datetime

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from dashboard.exchange import LogEnds
from schemas.names import TopicName
from schemas.wire.kafka import KafkaSettings

log = logging.getLogger(__name__)

_REQUEST_MS = 3000  # for one answer of the broker
_METADATA_MS = 10_000  # a topic or partition made meanwhile is seen after this
_STOP_S = 5.0  # for the thread to end
# Told instead of asked: a constructor that asks an absent broker fails without a handle on the network thread that
# it has started, one more thread at every try (kafka-python 3.0.12). Any broker since then speaks these protocols.
_PROTOCOLS = (3, 9)


class LogEndsWatch:
    """Asks every `every_s` seconds for the log ends of the topics last told with `follow`.

    While the broker is away the thread waits inside the client, which goes on trying; the answer then only grows old.
    """

    def __init__(self, kafka: KafkaSettings, *, every_s: float) -> None:
        self._kafka = kafka
        self._every_s = every_s
        self._topics: frozenset[TopicName] = frozenset()
        self._latest: LogEnds | None = None
        self._consumer: KafkaConsumer | None = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log-ends", daemon=True)

    def start(self) -> None:
        # The client writes an error for each attempt; the sampler says once that the broker is away.
        logging.getLogger("kafka").setLevel(logging.CRITICAL)
        self._consumer = _consumer(self._kafka)
        self._thread.start()

    def close(self) -> None:
        """End the thread, also out of a wait for an absent broker: closing the client breaks that wait off."""
        self._stop.set()
        if self._consumer is not None:
            self._consumer.close(autocommit=False, timeout_ms=1000)
            self._thread.join(_STOP_S)

    def follow(self, topics: Iterable[TopicName]) -> None:
        self._topics = frozenset(topics)

    def latest(self) -> LogEnds | None:
        """The last answer, however old; None before the first."""
        return self._latest

    def _run(self) -> None:
        while self._consumer is not None and not self._stop.is_set():
            try:
                self._latest = _ask(self._consumer, self._topics)
            except (KafkaError, OSError, RuntimeError) as error:  # RuntimeError: a connection that closes meanwhile
                log.debug("Kafka did not tell its log ends", extra={"reason": type(error).__name__})
            self._stop.wait(self._every_s)


def _consumer(kafka: KafkaSettings) -> KafkaConsumer:
    """A consumer without a group: it only asks, and leaves nothing behind. Does not wait for the broker."""
    return KafkaConsumer(
        **kafka.kafka_python(),
        client_id="simpul-web",
        group_id=None,
        enable_auto_commit=False,
        request_timeout_ms=_REQUEST_MS,
        metadata_max_age_ms=_METADATA_MS,
        reconnect_backoff_max_ms=1000,
        api_version=_PROTOCOLS,
    )


def _ask(consumer: KafkaConsumer, topics: frozenset[TopicName]) -> LogEnds:
    """One question for all partitions. Topics that Kafka does not have (yet) are left out."""
    asked_at = datetime.now(UTC)
    partitions = [
        TopicPartition(topic, number) for topic in topics for number in consumer.partitions_for_topic(topic) or ()
    ]
    first = consumer.beginning_offsets(partitions, timeout_ms=_REQUEST_MS) if partitions else {}
    end = consumer.end_offsets(partitions, timeout_ms=_REQUEST_MS) if partitions else {}
    return LogEnds(asked_at, {(TopicName(p.topic), p.partition): (first[p], end[p]) for p in partitions})

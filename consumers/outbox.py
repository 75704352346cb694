"""The publisher of an outbox: what was committed goes to a topic, in the order of commits, in Kafka transactions.

It runs as a thread of the publisher's process, with a session and a producer of its own. What is sent is numbered in
the database before Kafka has it, so what is sent again after a crash has the same number, the same id, the same place.
"""

import logging
import os
import signal
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from threading import Event as Flag
from threading import Thread
from typing import Any, ClassVar, Generic, TypeVar
from zoneinfo import ZoneInfo

import fastavro
from confluent_kafka import Producer
from psycopg import Connection
from psycopg.rows import TupleRow

from consumers import patience
from consumers.settings import OutboxSettings
from hub_db import facts
from hub_db.connection import connect
from hub_db.outbox import Numbered, Outbox
from schemas.names import SchemaId
from schemas.wire.framing import frame

Headers = list[tuple[str, str | bytes | None]]
Item = TypeVar("Item", bound=Numbered)

STANDBY_S = 1.0  # how often a second publisher asks whether it is its turn
ANSWER_WITHIN_S = 60.0
CLOSE_WITHIN_S = 5.0


class OutboxPublisher(ABC, Generic[Item]):
    """One publisher: a database session that leads, and a transactional producer that fences the one before it."""

    name: ClassVar[str]  # of its thread, its log, its session and its fault point
    outbox: Outbox[Item]

    def __init__(self, settings: OutboxSettings) -> None:
        self.settings = settings
        self.log = logging.getLogger(f"simpul.{self.name}")
        self.zone = ZoneInfo(settings.time_zone)
        self.stopping = Flag()
        self.conn: Connection[TupleRow] | None = None
        self.producer: Producer | None = None

    @abstractmethod
    def produced(self) -> None:
        """Kafka has them, the database does not know: the outbox's fault point."""

    @abstractmethod
    def key(self, item: Item) -> str:
        """The message's key."""

    @abstractmethod
    def record(self, item: Item) -> dict[str, Any]:
        """The Avro record."""

    @abstractmethod
    def headers(self, item: Item) -> Headers:
        """CloudEvents 1.0; the sequence is the number in the whole topic."""

    def run(self) -> None:
        """Until `stopping` is set."""
        patience.lead_on(self.lead, self.forget, self.stopping, self.log)

    def lead(self) -> None:
        """Become the one publisher, then send what is committed, again and again."""
        conn = self.conn = connect(self.settings.dsn, process=f"simpul-{self.name}")
        while not self.outbox.try_lead(conn):
            if self.stopping.wait(STANDBY_S):
                return
        producer = self.producer = Producer(
            {
                **self.settings.kafka.librdkafka(),
                "transactional.id": self.settings.transactional_id,
                "partitioner": "murmur2_random",  # where every Java and Python client looks for a key
            }
        )
        producer.init_transactions(ANSWER_WITHIN_S)  # a publisher before us is fenced from here on
        while not self.stopping.is_set():
            if self.outbox.any_unsent(conn):
                self.outbox.number_committed(conn)
                self.send_all(conn, producer)
            self.stopping.wait(self.settings.interval_s)

    def send_all(self, conn: Connection[TupleRow], producer: Producer) -> None:
        """Everything that has a number and is not known to be sent."""
        schema_id, schema = facts.schema_of_topic(conn, self.settings.topic)
        parsed = fastavro.parse_schema(schema)
        while batch := self.outbox.unsent(conn, limit=self.settings.at_once):
            self.send(producer, batch, schema_id, parsed)
            self.produced()
            self.outbox.mark_sent(conn, batch)
            self.log.info("sent", extra={"action": "report", "messages": len(batch)})

    def send(self, producer: Producer, batch: Sequence[Item], schema_id: SchemaId, schema: Any) -> None:
        """One Kafka transaction."""
        producer.begin_transaction()
        for item in batch:
            producer.produce(
                self.settings.topic,
                key=self.key(item).encode(),
                value=frame(schema_id, self.body(item, schema)),
                headers=self.headers(item),
            )
        producer.commit_transaction(ANSWER_WITHIN_S)  # raises unless Kafka has every record of it

    def body(self, item: Item, schema: Any) -> bytes:
        """The Avro record, encoded."""
        stream = BytesIO()
        fastavro.schemaless_writer(stream, schema, self.record(item))
        return stream.getvalue()

    def forget(self) -> None:
        """Drop the session and the producer; an open Kafka transaction dies with it."""
        if self.producer is not None:
            self.producer.purge()
            self.producer.flush(CLOSE_WITHIN_S)
        if self.conn is not None:
            self.conn.close()
        self.producer = self.conn = None


@contextmanager
def beside(publisher: OutboxPublisher[Any]) -> Iterator[None]:
    """Publish in a thread for the length of the block.

    Should the thread fail, the process is asked to stop, and the end of the block raises what it failed with: a
    publisher that sends rounds but nothing else would be noticed by nobody.
    """
    failed: list[BaseException] = []

    def work() -> None:
        try:
            publisher.run()
        except BaseException as error:
            publisher.log.exception("nothing can be sent", extra={"action": "stop"})
            failed.append(error)
            os.kill(os.getpid(), signal.SIGTERM)

    thread = Thread(target=work, name=publisher.name)
    thread.start()
    try:
        yield
    finally:
        publisher.stopping.set()
        thread.join()
    if failed:
        raise failed[0]

"""The publisher of facts: the outbox goes to `sop.fact` in the order of commits, each fact in one Kafka transaction.

It runs as a thread of the publisher's process, with a session and a producer of its own. Facts are numbered in the
database before Kafka has them, so what is sent again after a crash has the same number, the same id, the same place.
"""

import json
import logging
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from threading import Event as Flag
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import fastavro
from confluent_kafka import KafkaException, Producer
from psycopg import Connection
from psycopg.rows import TupleRow

from base import faults
from base.calendar import local_date
from consumers.settings import FactsSettings
from hub_db import facts
from hub_db.connection import connect
from hub_db.errors import Contended, Unreachable
from hub_db.facts import NumberedFact
from schemas.names import SchemaId
from schemas.sop_topics import event_type
from schemas.wire.framing import frame
from schemas.wire.headers import rfc3339

Headers = list[tuple[str, str | bytes | None]]

log = logging.getLogger("simpul.facts")

STANDBY_S = 1.0  # how often a second publisher asks whether it is its turn
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 10.0
ANSWER_WITHIN_S = 60.0
CLOSE_WITHIN_S = 5.0


class FactPublisher:
    """One publisher: a database session that leads, and a transactional producer that fences the one before it."""

    def __init__(self, settings: FactsSettings) -> None:
        self.settings = settings
        self.zone = ZoneInfo(settings.time_zone)
        self.stopping = Flag()
        self.conn: Connection[TupleRow] | None = None
        self.producer: Producer | None = None

    def run(self) -> None:
        """Until `stopping` is set."""
        failures = 0
        while not self.stopping.is_set():
            try:
                self.lead()
                failures = 0
            except (Unreachable, Contended, KafkaException) as error:
                failures += 1
                pause = min(FIRST_WAIT_S * 2**failures, LONGEST_WAIT_S)
                log.warning("waiting", extra={"action": "wait", "why": str(error), "pause_s": pause})
                self.forget()
                self.stopping.wait(pause)
        self.forget()

    def lead(self) -> None:
        """Become the one publisher, then send what is committed, again and again."""
        conn = self.conn = connect(self.settings.dsn, process="simpul-facts")
        while not facts.try_lead(conn):
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
            if facts.any_unsent(conn):
                facts.number_committed(conn)
                self.send_all(conn, producer)
            self.stopping.wait(self.settings.interval_s)

    def send_all(self, conn: Connection[TupleRow], producer: Producer) -> None:
        """Everything that has a number and is not known to be sent."""
        schema_id, schema = facts.schema_of_topic(conn, self.settings.topic)
        parsed = fastavro.parse_schema(schema)
        while batch := facts.unsent(conn, limit=self.settings.at_once):
            self.send(producer, batch, schema_id, parsed)
            faults.point("facts.produced")
            facts.mark_sent(conn, batch)
            log.info("facts sent", extra={"action": "report", "facts": len(batch), "last": batch[-1].number})

    def send(self, producer: Producer, batch: Sequence[NumberedFact], schema_id: SchemaId, schema: Any) -> None:
        """One Kafka transaction."""
        producer.begin_transaction()
        for fact in batch:
            producer.produce(
                self.settings.topic,
                key=fact.key.encode(),
                value=frame(schema_id, self.body(fact, schema)),
                headers=self.headers(fact),
            )
        producer.commit_transaction(ANSWER_WITHIN_S)  # raises unless Kafka has every record of it

    def body(self, fact: NumberedFact, schema: Any) -> bytes:
        """The Avro record of a fact."""
        record = {
            "kind": fact.kind,
            "key": fact.key,
            "actor": fact.actor,
            "role": fact.role,
            "unit": fact.unit,
            "occurred_at": fact.occurred_at,
            "local_date": local_date(fact.occurred_at, self.zone),
            "data": json.dumps(fact.data, ensure_ascii=False, sort_keys=True),
        }
        stream = BytesIO()
        fastavro.schemaless_writer(stream, schema, record)
        return stream.getvalue()

    def headers(self, fact: NumberedFact) -> Headers:
        """CloudEvents 1.0; the sequence is the fact's number in the whole topic."""
        return [
            ("ce_specversion", b"1.0"),
            ("ce_id", fact.ce_id.encode()),
            ("ce_source", fact.source.encode()),
            ("ce_type", event_type(self.settings.namespace, fact.kind).encode()),
            ("ce_time", rfc3339(fact.occurred_at)),
            ("ce_subject", fact.key.encode()),
            ("ce_sequence", b"%d" % fact.number),
        ]

    def forget(self) -> None:
        """Drop the session and the producer; an open Kafka transaction dies with it."""
        if self.producer is not None:
            self.producer.purge()
            self.producer.flush(CLOSE_WITHIN_S)
        if self.conn is not None:
            self.conn.close()
        self.producer = self.conn = None


@contextmanager
def beside(settings: FactsSettings) -> Iterator[None]:
    """Publish facts in a thread for the length of the block.

    Should the thread fail, the process is asked to stop, and the end of the block raises what it failed with: a
    publisher that sends rounds but no facts would be noticed by nobody.
    """
    publisher = FactPublisher(settings)
    failed: list[BaseException] = []

    def work() -> None:
        try:
            publisher.run()
        except BaseException as error:
            log.exception("facts cannot be sent", extra={"action": "stop"})
            failed.append(error)
            os.kill(os.getpid(), signal.SIGTERM)

    thread = Thread(target=work, name="facts")
    thread.start()
    try:
        yield
    finally:
        publisher.stopping.set()
        thread.join()
    if failed:
        raise failed[0]

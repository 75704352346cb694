"""The publisher of rounds: reference topics and dead-letter topics are fed from the database, in order of rounds."""

import base64
import logging
import signal
from collections.abc import Sequence
from threading import Event as Flag
from time import monotonic
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError
from psycopg import Connection
from psycopg.rows import TupleRow

from base import faults
from consumers.settings import PublicationSettings
from hub_db import rounds
from hub_db.connection import connect, transaction
from hub_db.errors import Contended, Halted, Unreachable
from hub_db.rounds import Letter, RoundNumber
from schemas.contract import Contract
from schemas.loader import read
from schemas.names import SchemaId, TopicName
from schemas.wire.avro import Writer
from schemas.wire.framing import frame

log = logging.getLogger("simpul.publication")

Headers = list[tuple[str, bytes]]
STANDBY_S = 1.0  # how often a second publisher asks whether it is its turn
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 10.0
TRANSACTION_MS = 900_000  # the broker's default maximum; a first load is one large round
RECORD_BYTES = 900_000  # of a dead letter, below the broker's 1,048,588 with room for the reason's headers


class Publication:
    """One publisher: a database session that leads, and a transactional Kafka producer."""

    def __init__(self, settings: PublicationSettings) -> None:
        self.settings = settings
        self.stopping = Flag()
        self.conn: Connection[TupleRow] | None = None
        self.producer: KafkaProducer | None = None
        self.documents: dict[TopicName, tuple[Contract, SchemaId, Writer]] = {}

    def run(self) -> int:
        """Until SIGTERM or SIGINT; returns 0."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        failures = 0
        while not self.stopping.is_set():
            try:
                self.lead()
                failures = 0
            except (Unreachable, Contended, KafkaError) as error:
                failures += 1
                pause = min(FIRST_WAIT_S * 2**failures, LONGEST_WAIT_S)
                why = str(error) if not isinstance(error, KafkaError) else type(error).__name__
                log.warning("waiting", extra={"action": "wait", "why": why, "pause_s": pause})
                self.forget()
                self.stopping.wait(pause)
        self.forget()
        return 0

    def lead(self) -> None:
        """Become the one publisher, then publish round after round."""
        self.conn = connect(self.settings.dsn, process="simpul-publication")
        rounds.snapshot(self.conn)
        while not rounds.try_lead(self.conn):
            if self.stopping.wait(STANDBY_S):
                return
        self.producer = KafkaProducer(
            **self.settings.kafka.kafka_python(),
            transactional_id=self.settings.transactional_id,
            transaction_timeout_ms=TRANSACTION_MS,
            compression_type="lz4",
            linger_ms=20,
            batch_size=128 * 1024,
            max_block_ms=60_000,
        )
        self.producer.init_transactions()  # a publisher before us is fenced from here on
        lost = rounds.give_back(self.conn)
        if lost:
            log.warning("rounds given back", extra={"action": "give-back", "rounds": [int(each) for each in lost]})
        while not self.stopping.is_set():
            started = monotonic()
            if rounds.anything_new(self.conn):
                self.publish_round(self.conn, self.producer)
            self.stopping.wait(max(0.0, self.settings.interval_s - (monotonic() - started)))

    def publish_round(self, conn: Connection[TupleRow], producer: KafkaProducer) -> None:
        """One round: known to the database before Kafka has it, confirmed after."""
        started, records, letters = monotonic(), 0, 0
        pending: list[Any] = []
        producer.begin_transaction()
        with transaction(conn):
            number = rounds.open_round(conn)
            faults.point("round.opened")
            for topic in rounds.topics(conn, number):
                contract, schema_id, writer = self.document(conn, topic)
                head = [
                    ("simpul_round", str(number).encode()),
                    ("simpul_source", contract.name.encode()),
                ]
                names = [field.name for field in contract.fields]
                for key, row in rounds.rows(conn, contract, number):
                    value = None if row is None else frame(schema_id, writer.write(dict(zip(names, row, strict=True))))
                    future = producer.send(contract.reference_topic, key=key.encode(), value=value, headers=head)
                    pending.append(future)
                    records += 1
            for letter in rounds.letters(conn, number):
                topic_name, key_bytes, body, headers = _letter_record(letter, number)
                pending.append(producer.send(topic_name, key=key_bytes, value=body, headers=headers))
                letters += 1
        producer.flush()
        for future in pending:
            future.get(timeout=60)
        producer.commit_transaction()
        faults.point("outbox.produced")
        rounds.close_round(conn, number, records=records, letters=letters)
        log.info(
            "round published",
            extra={
                "action": "publish",
                "round": int(number),
                "records": records,
                "letters": letters,
                "ms": round((monotonic() - started) * 1000, 1),
            },
        )

    def document(self, conn: Connection[TupleRow], topic: TopicName) -> tuple[Contract, SchemaId, Writer]:
        """The contract of a topic as it is now."""
        row = conn.execute("select contract, schema_id from hub.document where topic = %s", (topic,)).fetchone()
        if row is None:
            raise Halted(f"{topic} has changes but no document")
        known = self.documents.get(topic)
        if known is None or known[1] != row[1]:
            contract = read(row[0], file=f"hub.document {topic}")
            known = self.documents[topic] = (contract, SchemaId(row[1]), Writer(contract))
        return known

    def forget(self) -> None:
        """Drop the session and the producer; an open Kafka transaction dies with it."""
        if self.producer is not None:
            self.producer.close(timeout=5)
        if self.conn is not None:
            self.conn.close()
        self.producer = self.conn = None


def run(settings: PublicationSettings) -> int:
    """Run one publisher; returns the process's exit code."""
    faults.arm(settings.faults)
    return Publication(settings).run()


def _letter_record(letter: Letter, number: RoundNumber) -> tuple[str, bytes | None, bytes | None, Headers]:
    """The letter for its topic: original bytes and headers, then why. What is too large stays in the database."""
    headers: Headers = []
    for name, value in letter.headers:
        headers.append((base64.b64decode(name).decode("utf-8", "replace"), base64.b64decode(value)))
    why: Sequence[tuple[str, str]] = (
        ("simpul_letter", str(letter.id)),
        ("simpul_round", str(number)),
        ("simpul_place", f"{letter.topic}/{letter.partition}/{letter.offset}"),
        ("simpul_fault", letter.fault),
        ("simpul_code", letter.code),
        ("simpul_field", letter.field or ""),
        ("simpul_found", letter.found),
        ("simpul_expected", letter.expected),
        ("simpul_remedy", letter.remedy),
        ("simpul_sha256", letter.sha256.hex()),
    )
    size = len(letter.key or b"") + len(letter.value or b"") + sum(len(name) + len(value) for name, value in headers)
    whole = size <= RECORD_BYTES
    kept = headers if whole else [("simpul_truncated", b"true")]
    kept += [(name, text.encode()) for name, text in why]
    topic = "dlq." + letter.topic.removeprefix("opd.")
    if not whole:
        return topic, None, b"", kept
    if letter.key is None and letter.value is None:  # the client sends no such record; other clients do
        return topic, None, b"", [*kept, ("simpul_null", b"key,value")]
    return topic, letter.key, letter.value, kept

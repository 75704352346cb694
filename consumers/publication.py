"""The publisher of rounds: reference topics and dead-letter topics are fed from the database, in order of rounds."""

import base64
import gc
import logging
import signal
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from threading import Event as Flag
from time import monotonic

from confluent_kafka import KafkaError, Message, Producer
from psycopg import Connection
from psycopg.rows import TupleRow

from base import faults
from consumers import patience, published_rows
from consumers.published_form import Form, published_form
from consumers.published_rounds import later
from consumers.published_rows import Headers, Outgoing
from consumers.reader_forms import ReaderForm
from consumers.settings import PublicationSettings
from hub_db import entities, reader_topics, rounds
from hub_db.connection import connect, transaction
from hub_db.reader_topics import ReaderTopic
from hub_db.rounds import Letter, RoundNumber
from schemas.names import EntityName, SchemaId, TopicName

log = logging.getLogger("simpul.publication")

REST = 3.0  # times what its last round took to make, a publisher rests
LONGEST_REST_S = 60.0
READERS_EVERY_S = 0.5  # between two looks whether a grant's topic waits for its first copy
STANDBY_S = 1.0  # how often a second publisher asks whether it is its turn
ANSWER_WITHIN_S = 60.0
TRANSACTION_MS = 900_000  # the broker's default maximum; a first load is one large round
BUFFER_RECORDS, BUFFER_KIB = 100_000, 131_072
BUFFER_WAIT_S = 0.1
CLOSE_WITHIN_S = 5.0
SHUT_S = 60.0  # between two tries of a topic that takes no returned events
REFUSALS = frozenset(
    {
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.UNKNOWN_TOPIC_OR_PART,
        KafkaError._UNKNOWN_TOPIC,
        KafkaError.MSG_SIZE_TOO_LARGE,
        KafkaError.POLICY_VIOLATION,
    }
)
RECORD_BYTES = 900_000  # of a dead letter, below the broker's 1,048,588 with room for the reason's headers


class Publication:
    """One publisher: a database session that leads, and a transactional Kafka producer."""

    def __init__(self, settings: PublicationSettings) -> None:
        self.settings = settings
        self.stopping = Flag()
        self.conn: Connection[TupleRow] | None = None
        self.producer: Producer | None = None
        self.forms: dict[EntityName, Form] = {}
        self.reader_forms: dict[tuple[TopicName, SchemaId], ReaderForm] = {}
        self.looked_at = 0.0  # when the broker was asked for the topics of grants
        self.shut: dict[TopicName, float] = {}  # documents whose topic of returned events took none, and when

    def run(self) -> int:
        """Until SIGTERM or SIGINT; returns 0."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stopping.set())
        patience.lead_on(self.lead, self.forget, self.stopping, log)
        return 0

    def lead(self) -> None:
        """Become the one publisher, then publish round after round."""
        self.conn = connect(self.settings.dsn, process="simpul-publication")
        rounds.snapshot(self.conn)
        while not rounds.try_lead(self.conn):
            if self.stopping.wait(STANDBY_S):
                return
        self.producer = Producer(
            {
                **self.settings.kafka.librdkafka(),
                "transactional.id": self.settings.transactional_id,
                "transaction.timeout.ms": TRANSACTION_MS,
                "partitioner": "murmur2_random",  # where every Java and Python client looks for a key
                "compression.type": "lz4",
                "linger.ms": 20,
                "queue.buffering.max.kbytes": BUFFER_KIB,
                "queue.buffering.max.messages": BUFFER_RECORDS,
            }
        )
        self.producer.init_transactions(ANSWER_WITHIN_S)  # a publisher before us is fenced from here on
        lost = rounds.give_back(self.conn)
        if lost:
            log.warning("rounds given back", extra={"action": "give-back", "rounds": [int(each) for each in lost]})
        self.go_on_behind_readers(self.conn)
        while not self.stopping.is_set():
            worked_s = 0.0
            due = self.due_copies(self.conn, self.producer)
            if due or rounds.anything_new(self.conn, self.shut_now()):
                worked_s = self.publish_round(self.conn, self.producer, due)
            # Under load rounds become fewer and larger: a key that changes often is published once, and the
            # intake on the same machine has the processors for most of the time.
            self.stopping.wait(max(self.settings.interval_s, min(REST * worked_s, LONGEST_REST_S)))

    def go_on_behind_readers(self, conn: Connection[TupleRow]) -> None:
        """Readers may have rounds that the database has lost, as it was put back to an earlier state: their keys are
        published again, in a round behind them."""
        known, documents = rounds.highest(conn), rounds.published(conn)
        topics = {entities.topic(entity): entity for entity in documents.values()}
        with transaction(conn):
            copies = {each.topic for each in reader_topics.reader_topics(conn) if each.open}
        found = later(self.settings.kafka, {*topics, *copies}, known, documents.keys())
        if found.highest > known:
            lost = {entity: found.keys.get(topic, set()) for topic, entity in topics.items()}
            rounds.go_on_behind(conn, found.highest, {entity: keys for entity, keys in lost.items() if keys})
            told = {"action": "go-on-behind", "known": int(known), "published": int(found.highest)}
            log.error("the database has lost rounds that readers have", extra=told)

    def shut_now(self) -> list[TopicName]:
        """Documents whose returned events are not sent now; they are tried again at times."""
        self.shut = {topic: at for topic, at in self.shut.items() if monotonic() - at < SHUT_S}
        return list(self.shut)

    def due_copies(self, conn: Connection[TupleRow], producer: Producer) -> frozenset[TopicName]:
        """The topics of grants that wait for a whole copy and are at the broker: the keeper makes them meanwhile."""
        if monotonic() - self.looked_at < READERS_EVERY_S:
            return frozenset()
        self.looked_at = monotonic()
        with transaction(conn):
            waiting = reader_topics.waiting(conn)
        if not waiting:
            return frozenset()
        there = producer.list_topics(timeout=ANSWER_WITHIN_S).topics
        return frozenset(topic for topic in waiting if topic in there)

    def publish_round(self, conn: Connection[TupleRow], producer: Producer, due: frozenset[TopicName]) -> float:
        """One round: known to the database before Kafka has it, confirmed after. Returns the seconds it took to make,
        without those of its commit, in which a broker that is away or frozen is waited for."""
        started, records, letters = monotonic(), 0, 0
        producer.begin_transaction()
        with transaction(conn):
            number = rounds.open_round(conn, self.shut_now())
            faults.point("round.opened")
            readers = [each for each in reader_topics.reader_topics(conn) if each.open]
            for entity in rounds.changed_entities(conn, number):
                form = self.forms[entity] = published_form(conn, entity, self.forms.get(entity))
                fed = [self.reader_form(each) for each in readers if each.entity == entity and each.round is not None]
                records += _send_all(producer, published_rows.changed(conn, form, number, fed))
            for reader in readers:
                if reader.round is None and reader.topic in due:
                    records += self.copy_whole(conn, producer, reader, number)
            for letter in rounds.letters(conn, number):
                _send(producer, *_letter_record(letter, number), partial(self.on_letter, letter.topic))
                letters += 1
        gc.collect()  # switched off within the round: its rows hold no cycles
        worked_s = monotonic() - started
        producer.commit_transaction(TRANSACTION_MS / 1000)  # raises unless Kafka has every record of it
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
        return worked_s

    def copy_whole(
        self, conn: Connection[TupleRow], producer: Producer, reader: ReaderTopic, number: RoundNumber
    ) -> int:
        """Every row of an entity for a reader who begins, or reads by another schema from now on; how many."""
        entity = reader.entity
        form = self.forms[entity] = published_form(conn, entity, self.forms.get(entity))
        count = _send_all(producer, published_rows.whole(conn, form, number, self.reader_form(reader)))
        reader_topics.copied(conn, [reader.grant_id], number)
        return count

    def reader_form(self, reader: ReaderTopic) -> ReaderForm:
        """How the topic's records are written now."""
        mark = (reader.topic, reader.schema_id)
        if mark not in self.reader_forms:
            self.reader_forms[mark] = ReaderForm.of(reader)
        return self.reader_forms[mark]

    def on_letter(self, topic: TopicName, error: KafkaError | None, _: Message) -> None:
        """A returned event that its topic does not take spoils the round; the next ones go without those of its
        document."""
        if error is not None and error.code() in REFUSALS and topic not in self.shut:
            self.shut[topic] = monotonic()
            told = {"action": "shut", "topic": topic, "why": error.name()}
            log.error("returned events cannot be sent; they wait", extra=told)

    def forget(self) -> None:
        """Drop the session and the producer; an open Kafka transaction dies with it."""
        if self.producer is not None:
            self.producer.purge()
            self.producer.flush(CLOSE_WITHIN_S)
        if self.conn is not None:
            self.conn.close()
        self.producer = self.conn = None


def run(settings: PublicationSettings) -> int:
    """Run one publisher; returns the process's exit code."""
    faults.arm(settings.faults)
    gc.collect()
    gc.freeze()  # a hundred thousand objects that stay would be walked after each round: 37 ms
    gc.disable()
    return Publication(settings).run()


def _send_all(producer: Producer, records: Iterable[Outgoing]) -> int:
    """How many it were."""
    count = 0
    for topic, key, value, headers in records:
        _send(producer, topic, key, value, headers)
        count += 1
    return count


def _send(
    producer: Producer,
    topic: str,
    key: bytes | None,
    value: bytes | None,
    headers: Headers,
    told: Callable[[KafkaError | None, Message], None] | None = None,
) -> None:
    """Hand a record over; waits while the client's buffer is full. `told` hears what became of it."""
    while True:
        try:
            producer.produce(topic, value=value, key=key, headers=[*headers], on_delivery=told)
        except BufferError:
            producer.poll(BUFFER_WAIT_S)
        else:
            return


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
    return topic, letter.key, letter.value, kept

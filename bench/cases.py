"""Speed of the boards of cases: made anew out of a topic with many events, then read."""

import statistics
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from io import BytesIO
from typing import Any, Final

import fastavro
from confluent_kafka import Producer
from psycopg import Connection

from base.calendar import Calendar
from hub_db import facts
from identity.principals import Scope
from schemas.names import TopicName
from schemas.wire.framing import frame
from schemas.wire.kafka import KafkaSettings
from sop import boards, status
from sop.events import Event
from sop.procedure import Book

READINGS: Final = 30
CONFIRMED_WITHIN_S: Final = 120.0
EVERYWHERE: Final = Scope(everywhere=True, opds=frozenset())


@dataclass(frozen=True, slots=True)
class Office:
    """What the boards are read with."""

    on: date
    calendar: Calendar
    book: Book


def fill(conn: Connection[Any], kafka: KafkaSettings, topic: TopicName, events: Iterable[Event]) -> int:
    """Put the events into the topic, numbered from 1, as its publisher would; how many."""
    schema_id, schema = facts.schema_of_topic(conn, topic)
    parsed = fastavro.parse_schema(schema)
    producer = Producer({**kafka.librdkafka(), "linger.ms": 20, "queue.buffering.max.messages": 1_000_000})
    number = 0
    for number, event in enumerate(events, start=1):
        stream = BytesIO()
        fastavro.schemaless_writer(stream, parsed, status.record(event))
        headers: list[tuple[str, str | bytes | None]] = [("ce_id", b"%d" % number), ("ce_sequence", b"%d" % number)]
        producer.produce(topic, key=event.case.encode(), value=frame(schema_id, stream.getvalue()), headers=headers)
        producer.poll(0)
    if producer.flush(CONFIRMED_WITHIN_S):
        raise TimeoutError(f"{topic} was not filled within {CONFIRMED_WITHIN_S:.0f} s")
    return number


def read(conn: Connection[Any], office: Office) -> dict[str, Any]:
    """Milliseconds of a reading of the board, of a page of the register, and of one case with its time line."""
    number = boards.register(conn, EVERYWHERE, office.on, office.calendar, office.book, limit=1)[0].number

    def board() -> None:
        boards.board(conn, EVERYWHERE, office.on, office.calendar, office.book)

    def register() -> None:
        boards.register(conn, EVERYWHERE, office.on, office.calendar, office.book, overdue=True)

    def case() -> None:
        boards.case(conn, number)
        boards.time_line(conn, number)
        boards.attempts(conn, number)

    return {name: _milliseconds(work) for name, work in (("board", board), ("register", register), ("case", case))}


def _milliseconds(work: Any) -> dict[str, float]:
    took = []
    for _ in range(READINGS):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
    return {"median_ms": round(statistics.median(took), 1), "max_ms": round(max(took), 1)}

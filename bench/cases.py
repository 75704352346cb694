"""Speed of the boards of cases: made anew out of a topic with many events, then read."""

import time
from collections.abc import Callable, Iterable
from io import BytesIO
from statistics import median
from typing import Any, Final

import fastavro
from confluent_kafka import Producer
from psycopg import Connection

from dashboard import case_board
from dashboard.case_board import Office
from dashboard.case_register import register
from dashboard.case_statistics import statistics
from hub_db import facts
from identity.opds import EVERYWHERE
from identity.permissions import Role
from identity.principals import Appointment, Principal
from schemas.names import TopicName
from schemas.wire.framing import frame
from schemas.wire.kafka import KafkaSettings
from sop import boards, status
from sop.events import Event

READINGS: Final = 30
CONFIRMED_WITHIN_S: Final = 120.0


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
    """Milliseconds of what pages read: the board, *mine*, a page of the register, the statistics, and one case with its
    time line; as somebody who sees all and for whom much waits."""
    number = boards.register(conn, EVERYWHERE, limit=1)[0].number
    who = Principal(0, "bench", "Bench", (Appointment(Role.TIM_TEKNIS, office.walidata),))

    def case() -> None:
        boards.case(conn, number)
        boards.time_line(conn, number)
        boards.attempts(conn, number)

    works = {
        "board": lambda: case_board.wall(conn, who, office),
        "mine": lambda: case_board.mine(conn, who, office, limit=100),
        "register": lambda: register(conn, who, office),
        "late": lambda: case_board.wall(conn, who, office, case_board.Wanted(due=case_board.LATE)),
        "statistics": lambda: statistics(conn, EVERYWHERE, office),
        "case": case,
    }
    return {name: _milliseconds(conn, work) for name, work in works.items()}


def _milliseconds(conn: Connection[Any], work: Callable[[], object]) -> dict[str, float]:
    took = []
    for _ in range(READINGS):
        began = time.perf_counter()
        work()
        took.append((time.perf_counter() - began) * 1000)
        conn.rollback()  # as each page reads in a transaction of its own
    return {"median_ms": round(median(took), 1), "max_ms": round(max(took), 1)}

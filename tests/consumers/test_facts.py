"""Facts: all that was committed arrives, once per id, in the order of commits; nothing that was rolled back does."""

import io
import json
import os
import random
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars_avro
import pytest
from kafka.admin import KafkaAdminClient, NewTopic
from psycopg import Connection, errors

from base.instance import load
from cli.demo.log_reader import LogRecord, read
from cli.stack.local import Stack
from consumers.facts import FactPublisher
from consumers.settings import FactsSettings
from hub_db import facts
from hub_db.facts import Fact, report, report_all
from schemas import sop_topics
from schemas.names import SchemaId, TopicName
from schemas.sop_topics import FACTS
from schemas.wire.registry_client import RegistryClient, RegistrySettings
from tests.conftest import Database
from tests.eventually import eventually
from tests.hub import PASSWORD, serve_registry

ROOT = Path(__file__).resolve().parents[2]
INVENTED = load(ROOT / "tests" / "instances" / "tanasari.toml")
LATE = datetime(2026, 1, 5, 16, 30, tzinfo=UTC)  # the next day already in the invented office's zone
WRITERS = ("simpul_registry", "simpul_intake", "simpul_web", "simpul_jobs")


def fact(number: int, key: str = "disdukcapil.penduduk", **more: Any) -> Fact:
    said = {"source": "/simpul/uji", "occurred_at": LATE, "ce_id": f"f-{number}", **more}
    return Fact("schema.approved", key, {"number": number}, **said)


@dataclass(frozen=True)
class Outbox:
    """A database with its topic, whose schema the real registry has numbered."""

    database: Database
    stack: Stack
    topic: TopicName
    schema_id: SchemaId

    def connect(self, role: str = "simpul_web") -> Connection[Any]:
        return self.database.connect(role)

    def say(self, *said: Fact, role: str = "simpul_web") -> None:
        with self.connect(role) as conn:
            report_all(conn, said)

    def left(self) -> int:
        with self.connect("simpul_owner") as conn:
            (row,) = conn.execute("select count(*) from hub.fact where sent_at is null").fetchall()
        return int(row[0])

    def sent(self) -> list[LogRecord]:
        """Wait until nothing is left; what committed readers see on the topic."""
        eventually(self.left, until=lambda left: left == 0, within_s=40)
        return list(read(self.stack.kafka(), [self.topic]))

    def ids(self) -> list[str]:
        return [header(record, "ce_id") for record in self.sent()]

    def told(self, **more: Any) -> dict[str, Any]:
        kafka = self.stack.kafka()
        return {
            "kafka": {**kafka.model_dump(), "password": kafka.password.get_secret_value()},
            "dsn": self.database.dsn("simpul_publisher").get_secret_value(),
            "namespace": INVENTED.namespace,
            "time_zone": INVENTED.zona_waktu,
            "topic": self.topic,
            "transactional_id": self.topic,
            "interval_s": 0.05,
            **more,
        }

    @contextmanager
    def publisher(self) -> Iterator[None]:
        """A publisher as a thread of this process."""
        publisher = FactPublisher(FactsSettings.model_validate(self.told()))
        thread = threading.Thread(target=publisher.run)
        thread.start()
        try:
            yield
        finally:
            publisher.stopping.set()
            thread.join(timeout=20)

    @contextmanager
    def process(self, **more: Any) -> Iterator["subprocess.Popen[str]"]:
        """A publisher as a process of its own; killed at the end if it still runs."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.run_process", "facts"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=os.environ | {"PYTHONPATH": "."},
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(self.told(**more)))
        process.stdin.close()
        try:
            yield process
        finally:
            process.kill()
            process.wait(timeout=10)
            assert process.stdout is not None
            process.stdout.close()


def header(record: LogRecord, name: str) -> str:
    return (dict(record.headers)[name] or b"").decode()


@pytest.fixture
def outbox(database: Database, stack: Stack) -> Iterator[Outbox]:
    topic = TopicName(f"sop.uji-{secrets.token_hex(4)}")
    admin = KafkaAdminClient(**stack.kafka().kafka_python())
    admin.create_topics([NewTopic(topic, 1, 1)])
    admin.close()
    schema = sop_topics.schema(FACTS, INVENTED)
    with serve_registry(database) as url:
        with RegistryClient(RegistrySettings(url=url, user="admin", password=PASSWORD)) as registry:
            registry.register(sop_topics.subject(TopicName("sop.lain")), {"type": "string"})
            schema_id = registry.register(sop_topics.subject(topic), schema)
        with database.connect() as conn:
            facts.enter_topic(conn, topic, schema_id, schema)
        yield Outbox(database, stack, topic, schema_id)


def test_what_is_committed_arrives_and_what_is_rolled_back_does_not(outbox: Outbox) -> None:
    def reporter(first: int) -> None:
        some = random.Random(first)
        with outbox.connect(some.choice(WRITERS)) as conn:
            for number in range(first, first + 100):
                report(conn, fact(number))
                if number % 3:
                    conn.commit()
                else:
                    conn.rollback()

    with outbox.publisher():
        threads = [threading.Thread(target=reporter, args=(first,)) for first in range(0, 400, 100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        ids = outbox.ids()

    assert sorted(ids) == sorted(f"f-{number}" for number in range(400) if number % 3)
    assert len(ids) == len(set(ids))


def test_a_fact_said_twice_is_one(outbox: Outbox) -> None:
    untitled = Fact("case.opened", "PI-2026-0001", {"a": 1, "b": [True, None]}, source="/simpul/uji", occurred_at=LATE)

    outbox.say(fact(1), untitled)
    outbox.say(fact(1), untitled, fact(2, key="PI-2026-0002"), role="simpul_jobs")

    with outbox.publisher():
        assert outbox.ids() == ["f-1", untitled.identity, "f-2"]


def test_a_publisher_killed_between_kafka_and_database_says_it_again_with_the_same_id_and_number(
    outbox: Outbox,
) -> None:
    outbox.say(*(fact(number) for number in range(50)))

    with outbox.process(faults="facts.produced:2:kill", at_once=10) as process:
        assert process.wait(timeout=40) == -signal.SIGKILL
    assert outbox.left() == 40
    outbox.say(fact(50))
    with outbox.process(at_once=10):
        records = outbox.sent()

    said = [(header(record, "ce_id"), int(header(record, "ce_sequence"))) for record in records]
    once = [(f"f-{number}", number + 1) for number in range(51)]
    assert said == once[:20] + once[10:]


def test_facts_go_out_in_the_order_of_commits_and_not_of_their_numbers(outbox: Outbox) -> None:
    with outbox.connect() as first, outbox.connect("simpul_registry") as second:
        report(first, fact(1))  # draws the lower number, commits later
        report(second, fact(2))
        second.commit()
        report(second, fact(3))
        second.commit()
        first.commit()

    with outbox.publisher():
        assert outbox.ids() == ["f-2", "f-3", "f-1"]


@pytest.mark.parametrize("steps", [600, pytest.param(10_000, marks=pytest.mark.full)])
def test_a_transaction_that_saw_another_ones_commit_comes_after_it_in_random_interleavings(
    outbox: Outbox, steps: int
) -> None:
    """Four sessions, each step one of report, commit, roll back; the expected order is the order of the commits."""
    some, expected = random.Random(7), list[str]()
    with ExitStack() as open_ones, outbox.publisher():
        sessions = [open_ones.enter_context(outbox.connect(role)) for role in WRITERS]
        waiting: list[list[str]] = [[] for _ in sessions]
        for number in range(steps):
            place = some.randrange(len(sessions))
            if waiting[place] and some.random() < 0.5:
                if some.random() < 0.8:
                    sessions[place].commit()
                    expected += waiting[place]
                else:
                    sessions[place].rollback()
                waiting[place] = []
            else:
                report(sessions[place], fact(number))
                waiting[place].append(f"f-{number}")
        for session in sessions:
            session.rollback()
        ids = outbox.ids()

    assert len(expected) > steps / 4
    assert ids == expected


def test_only_one_of_two_publishers_sends_and_the_other_takes_over(outbox: Outbox) -> None:
    with outbox.process() as first:
        outbox.say(fact(1))
        assert outbox.ids() == ["f-1"]
        with outbox.process():
            outbox.say(*(fact(number) for number in range(2, 40)))
            outbox.sent()
            first.kill()
            first.wait(timeout=10)
            outbox.say(fact(40))

            ids = outbox.ids()

    assert ids == [f"f-{number}" for number in range(1, 41)]


def test_a_publisher_that_is_told_to_stop_stops(outbox: Outbox) -> None:
    outbox.say(fact(1))

    with outbox.process() as process:
        outbox.sent()
        process.terminate()

        assert process.wait(timeout=20) == 0


def test_a_topic_without_a_schema_stops_the_process_with_the_reason(outbox: Outbox) -> None:
    outbox.say(fact(1))

    with outbox.process(topic="sop.tidak-ada") as process:
        assert process.wait(timeout=40) != 0
        assert process.stdout is not None
        assert "sop.tidak-ada has no schema: run 'simpul prepare contracts'" in process.stdout.read()


def test_a_record_is_what_the_contract_and_cloudevents_say(outbox: Outbox) -> None:
    said = fact(7, key="PI-2026-0007", actor="sri", role="kabid_aptika", unit="kominfo")

    outbox.say(said)
    with outbox.publisher():
        (record,) = outbox.sent()

    assert record.key == b"PI-2026-0007"
    assert dict(record.headers) == {
        "ce_specversion": b"1.0",
        "ce_id": b"f-7",
        "ce_source": b"/simpul/uji",
        "ce_type": b"id.go.tanasarikab.simpul.sop.schema.approved",
        "ce_time": b"2026-01-05T16:30:00.000Z",
        "ce_subject": b"PI-2026-0007",
        "ce_sequence": b"1",
    }
    assert record.value is not None
    assert record.value[:5] == b"\0" + outbox.schema_id.to_bytes(4, "big")
    assert decoded(record.value[5:]) == {
        "kind": "schema.approved",
        "key": "PI-2026-0007",
        "actor": "sri",
        "role": "kabid_aptika",
        "unit": "kominfo",
        "occurred_at": LATE.replace(tzinfo=None),
        "local_date": date(2026, 1, 6),
        "data": '{"number": 7}',
    }


def decoded(body: bytes) -> dict[str, Any]:
    """A record by another library than the one that wrote it, which reads Avro files: the body is put into one."""

    def long(number: int) -> bytes:
        number, coded = number << 1, bytearray()
        while number > 0x7F:
            coded.append(number & 0x7F | 0x80)
            number >>= 7
        return bytes([*coded, number])

    def text(content: bytes) -> bytes:
        return long(len(content)) + content

    schema, mark = json.dumps(sop_topics.schema(FACTS, INVENTED)).encode(), bytes(16)
    head = b"Obj\x01" + long(2) + text(b"avro.schema") + text(schema) + text(b"avro.codec") + text(b"null") + b"\0"
    file = io.BytesIO(head + mark + long(1) + text(body) + mark)
    (row,) = polars_avro.read_avro(file).to_dicts()
    return {name: value.replace(tzinfo=None) if name == "occurred_at" else value for name, value in row.items()}


def test_a_reporter_may_add_and_nothing_else(outbox: Outbox) -> None:
    statements = (
        "select key, data from hub.fact",
        "update hub.fact set kind = 'x'",
        "delete from hub.fact",
        "insert into hub.fact (ce_id, kind, key, source, actor, data, occurred_at, number)"
        " values ('x', 'a.b', 'k', '/s', 'a', '{}', now(), 1)",
    )
    for role in WRITERS:
        for statement in statements:
            with outbox.connect(role) as conn, pytest.raises(errors.InsufficientPrivilege):
                conn.execute(statement)


def test_a_fact_too_large_for_a_record_is_refused_where_it_is_reported(outbox: Outbox) -> None:
    large = Fact("case.opened", "PI-2026-0001", {"text": "x" * 70_000}, source="/simpul/uji", occurred_at=LATE)

    with pytest.raises(errors.CheckViolation, match="fact_fits_a_record"):
        outbox.say(large)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"kind": "approved"}, "not dotted"),
        ({"kind": "Schema.Approved"}, "not dotted"),
        ({"source": "registry"}, "no path"),
        ({"occurred_at": datetime(2026, 1, 5)}, "no time zone"),  # noqa: DTZ001 - the naive moment is the point
        ({"key": "PI 2026\n"}, "visible ASCII"),
        ({"key": ""}, "visible ASCII"),
        ({"ce_id": "é"}, "visible ASCII"),
    ],
)
def test_what_is_no_fact_is_refused_before_the_database(wrong: dict[str, Any], reason: str) -> None:
    good: dict[str, Any] = {"kind": "case.opened", "key": "PI-2026-0001", "source": "/simpul/uji", "occurred_at": LATE}

    with pytest.raises(ValueError, match=reason):
        Fact(**{**good, **wrong})


def test_a_fact_without_an_id_is_known_by_what_it_says() -> None:
    good: dict[str, Any] = {"kind": "case.opened", "key": "PI-2026-0001", "source": "/simpul/uji", "occurred_at": LATE}
    same = Fact(**{**good, "occurred_at": LATE.astimezone(INVENTED.zone)})

    assert same.identity == Fact(**good).identity
    others = [Fact(**{**good, **other}) for other in ({"data": {"a": 1}}, {"actor": "sri"}, {"key": "PI-2026-0002"})]
    assert len({same.identity, *(other.identity for other in others)}) == 4

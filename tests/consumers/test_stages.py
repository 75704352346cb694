"""From a fact in the outbox to evidence on its case, and from a decision to `sop.status`: by events only, each once."""

import json
import os
import secrets
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import fastavro
import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from base.instance import load
from cli.demo.log_reader import LogReader, LogRecord, read
from consumers.status_log import told
from hub_db import facts
from hub_db.connection import connect
from hub_db.facts import Fact
from schemas import sop_topics
from schemas.names import TopicName
from schemas.sop_topics import FACTS, STATUS
from schemas.wire.registry_client import RegistryClient, RegistrySettings
from sop import boards, status
from sop.events import Event, Kind, StageState
from sop.folding import fold
from sop.redrawing import redraw
from tests.conftest import Database
from tests.eventually import eventually
from tests.hub import PASSWORD, SESSION_S, serve_registry
from tests.sop.office import Office, make_office
from tests.sop.town import DOCUMENTS

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "tests" / "instances" / "tanasari.toml"
INVENTED = load(FILE)
WITHIN_S = 120  # processes start slowly on a machine that tests something else too


@dataclass
class Bus:
    """A database with both topics of the procedure, and the processes between them."""

    database: Database
    office: Office
    topics: dict[TopicName, TopicName]
    log: Path
    said: int = 0
    processes: list["subprocess.Popen[str]"] = field(default_factory=list)

    def say(self, kind: str, document: str, role: str = "simpul_registry") -> None:
        """A room reports in its own transaction."""
        self.said += 1
        with self.database.connect(role) as conn:
            facts.report(
                conn,
                Fact(kind, document, source="/simpul/uji", occurred_at=datetime.now(UTC), ce_id=f"said-{self.said}"),
            )

    @contextmanager
    def process(self, name: str, faults: str = "") -> Iterator["subprocess.Popen[str]"]:
        """One of facts, stages, status; killed at the end if it still runs."""
        kafka = self.database.stack.kafka()
        role = "simpul_intake" if name == "stages" else "simpul_publisher"
        told: dict[str, Any] = {
            "kafka": {**kafka.model_dump(), "password": kafka.password.get_secret_value()},
            "dsn": self.database.dsn(role).get_secret_value(),
            "topic": self.topics[STATUS if name == "status" else FACTS],
            "faults": faults,
        }
        if name == "stages":
            told |= {"instance": str(FILE), "group": self.topics[FACTS], "session_timeout_s": SESSION_S}
            told["status_topic"] = self.topics[STATUS]
        else:
            told |= {"namespace": INVENTED.namespace, "time_zone": INVENTED.zona_waktu, "interval_s": 0.05}
            told |= {"transactional_id": f"{self.topics[FACTS]}-{name}"}
        with self.log.open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "tests.run_process", name],
                cwd=ROOT, stdin=subprocess.PIPE, stdout=log, stderr=log, text=True,
                env=os.environ | {"PYTHONPATH": "."},
            )  # fmt: skip
        assert process.stdin is not None
        process.stdin.write(json.dumps(told))
        process.stdin.close()
        try:
            yield process
        finally:
            process.kill()
            process.wait(timeout=10)

    @contextmanager
    def running(self, *names: str) -> Iterator[None]:
        with ExitStack() as stack:
            for name in names or ("facts", "stages", "status"):
                stack.enter_context(self.process(name))
            yield

    def evidence(self, number: str) -> list[tuple[str, str]]:
        """Evidence events of a case by what they are about, in order."""
        events = self.office.events(number)
        return [(str(each.detail["evidence"]), *each.documents) for each in events if "fact" in each.detail]  # type: ignore[misc]

    def state(self, number: str) -> StageState | None:
        """Of the open attempt."""
        current = self.office.find(number).current
        return current.state if current else None

    def sent(self) -> list[LogRecord]:
        """What committed readers see on `sop.status` when nothing is left to send."""
        query = "select count(*) from sop.outgoing where sent_at is null"
        with self.database.connect(autocommit=True) as conn:
            eventually(lambda: conn.execute(query).fetchone(), until=lambda row: row == (0,), within_s=WITHIN_S)
        return list(read(self.database.stack.kafka(), [self.topics[STATUS]]))

    def drawn(self, number: str) -> list[Event]:
        """What the boards have of a case, once they have all of it."""
        version = self.office.find(number).version
        with self.database.connect("simpul_web", autocommit=True) as conn:
            assert boards.wait_for(conn, number, version, WITHIN_S)
            return boards.time_line(conn, number)

    def boards(self) -> list[Any]:
        """All that stands on the boards but offsets: markers of transactions follow the last record."""
        tables = ("event", "standing", "attempt")
        with self.database.connect() as conn:
            rows = [conn.execute(f"select * from board.{table} order by 1, 2, 3").fetchall() for table in tables]  # noqa: S608
            return [*rows, conn.execute("select topic, last_number from board.place").fetchall()]

    def redraw(self) -> tuple[int, int]:
        """Cases and events of the boards that are made anew out of the topic."""
        topic = self.topics[STATUS]
        reader = LogReader(self.database.stack.kafka(), [topic])
        schema = sop_topics.schema(STATUS, INVENTED)
        with connect(self.database.dsn(), process="simpul-uji") as conn:
            found = redraw(conn, topic, lambda: told(reader.read_on(), schema))
        return found.cases, found.events


@pytest.fixture
def bus(database: Database, tmp_path: Path) -> Iterator[Bus]:
    name = secrets.token_hex(4)
    topics = {FACTS: TopicName(f"sop.uji-fact-{name}"), STATUS: TopicName(f"sop.uji-status-{name}")}
    admin = KafkaAdminClient(**database.stack.kafka().kafka_python())
    admin.create_topics([NewTopic(topic, 1, 1) for topic in topics.values()])
    admin.close()
    with (
        serve_registry(database) as url,
        RegistryClient(RegistrySettings(url=url, user="admin", password=PASSWORD)) as registry,
        database.connect(autocommit=True) as owner,
    ):
        for of, topic in topics.items():
            schema = sop_topics.schema(of, INVENTED)
            facts.enter_topic(owner, topic, registry.register(sop_topics.subject(topic), schema), schema)
    with make_office(database) as office:
        yield Bus(database, office, topics, tmp_path / "processes.log")


def event_of(record: LogRecord) -> Event:
    """The event in a record, read by the schema alone."""
    assert record.value is not None
    schema: Any = fastavro.parse_schema(sop_topics.schema(STATUS, INVENTED))
    found: Any = fastavro.schemaless_reader(BytesIO(record.value[5:]), schema, None)
    return status.event(found)


def header(record: LogRecord, name: str) -> str:
    return (dict(record.headers)[name] or b"").decode()


def test_what_a_room_reports_becomes_evidence_and_the_topic_gives_the_same_case(bus: Bus) -> None:
    number = bus.office.begin().case.number
    walk = bus.office.walk(number).to(4)
    walk.file()
    with bus.running():
        for document in DOCUMENTS:
            bus.say("contract.approved", document)
        state = eventually(lambda: bus.state(number), until=lambda state: state is StageState.READY, within_s=WITHIN_S)
        bus.say("contract.approved", "dinkes.faskes")  # about nobody's case
        records = bus.sent()
        drawn = bus.drawn(number)

    assert bus.evidence(number)[-2:] == [("kontrak-disetujui", document) for document in DOCUMENTS]
    events = [event_of(record) for record in records]
    assert events == bus.office.events(number)
    assert fold(events) == bus.office.find(number)
    assert state is StageState.READY
    assert [header(record, "ce_sequence") for record in records] == [str(each) for each in range(1, len(records) + 1)]
    assert {record.key for record in records} == {number.encode()}
    assert header(records[0], "ce_type") == f"{INVENTED.namespace}.simpul.sop.case.drafted"
    assert drawn == events
    before = bus.boards()
    assert bus.redraw() == (1, len(events))
    assert bus.boards() == before


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        pytest.param("facts", "facts.produced:1:kill", marks=pytest.mark.full),
        pytest.param("stages", "stages.decided:1:kill", marks=pytest.mark.full),
        pytest.param("stages", "boards.decided:3:kill", marks=pytest.mark.full),
        pytest.param("stages", "boards.committed:3:kill", marks=pytest.mark.full),
        ("stages", "stages.committed:1:kill"),
        ("status", "status.produced:1:kill"),
    ],
)
def test_whoever_is_killed_no_evidence_is_missing_and_none_is_there_twice(bus: Bus, name: str, fault: str) -> None:
    must_survive(bus, name, fault)


def must_survive(bus: Bus, name: str, fault: str) -> None:
    """One process is killed at a point, and started again: everything is told, once."""
    number = bus.office.begin().case.number
    bus.office.walk(number).to(4)
    others = [each for each in ("facts", "stages", "status") if each != name]
    with bus.running(*others):
        for document in DOCUMENTS:
            bus.say("contract.approved", document)
        with bus.process(name, fault) as first:
            assert eventually(lambda: ended(bus, first), until=lambda code: code is not None, within_s=WITHIN_S) == -9
        with bus.running(name):
            wanted = Counter(("kontrak-disetujui", document) for document in DOCUMENTS)
            eventually(lambda: len(bus.evidence(number)), until=lambda count: count >= 4, within_s=WITHIN_S)
            records = [record for record in bus.sent() if record.key == number.encode()]
            drawn = bus.drawn(number)

    approved = [each for each in bus.evidence(number) if each[0] == "kontrak-disetujui"]
    assert Counter(approved) == wanted
    by_id = {header(record, "ce_id"): record for record in records}
    assert sorted(event_of(record).version for record in by_id.values()) == list(range(1, len(by_id) + 1))
    assert [event_of(record) for record in by_id.values()] == bus.office.events(number) == drawn


def ended(bus: Bus, process: "subprocess.Popen[str]") -> int | None:
    """How a process ended; while it runs there is more to tell, about nobody's case and about others."""
    try:
        return process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        bus.say("contract.approved", "dinkes.faskes")
        bus.office.begin()
        return None


def test_officers_decide_while_the_bus_is_down_and_it_is_told_later(bus: Bus) -> None:
    number = bus.office.begin().case.number
    walk = bus.office.walk(number).to(2)
    walk.fulfil()
    walk.confirm()
    with bus.running("status"):
        events = [event_of(record) for record in bus.sent()]

    assert events == bus.office.events(number)
    assert events[-1].kind is Kind.STARTED

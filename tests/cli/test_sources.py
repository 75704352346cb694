"""`simpul source` and `simpul provision`: states with a reason, Kafka compared and mended, nothing gone unnamed."""

import json
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest
from kafka.admin import KafkaAdminClient

import hub_db
from cli import main
from identity.actors import Actor
from registry.provisioning import connected
from registry.provisioning.state_changes import begin_in_sandbox
from schemas.contract import Contract
from schemas.loader import read
from schemas.names import SchemaId
from tests.conftest import Database
from tests.hub_db.documents import NOW, PLACES

Run = Callable[..., tuple[int, str, str]]


@dataclass(frozen=True)
class Office:
    """A hub's database with one source in its sandbox, beside the shared broker; commands run against both."""

    database: Database
    contract: Contract
    run: Run

    @property
    def name(self) -> str:
        return self.contract.name

    def rows(self, query: str) -> list[tuple[object, ...]]:
        with self.database.connect() as conn:
            return conn.execute(query).fetchall()


@pytest.fixture
def office(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: Database
) -> Office:
    stack = database.stack
    with database.connect() as conn:
        monkeypatch.setenv("SIMPUL_DATABASE_URL", f"postgresql://{conn.info.host}:{conn.info.port}/{database.name}")
    monkeypatch.setenv("SIMPUL_KAFKA_BOOTSTRAP", stack.kafka().bootstrap)
    monkeypatch.setenv("SIMPUL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SIMPUL_SECRETS", str(stack.layout.secrets))
    opd = f"uji{secrets.token_hex(4)}"
    contract = read(json.loads(json.dumps(dict(PLACES.schema)).replace('"opd": "uji"', f'"opd": "{opd}"')
                               .replace('"id.example.uji"', f'"id.example.{opd}"')), file="test")  # fmt: skip
    with database.connect(autocommit=True) as owner:
        hub_db.provision(owner, contract, SchemaId(1))
    with database.connect() as owner:
        by = Actor.process("registry")
        begin_in_sandbox(owner, contract.opd, contract.document, reason="Kontrak disetujui.", by=by, now=NOW)

    def run(*arguments: str) -> tuple[int, str, str]:
        code = main.run(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return Office(database, contract, run)


@pytest.fixture
def broker(database: Database) -> Iterator[KafkaAdminClient]:
    with connected(database.stack.kafka()) as client:
        yield client


def test_a_state_changes_with_a_reason_and_is_told_to_audit_and_facts(office: Office) -> None:
    done = office.run("source", "state", office.name, "pratinjau", "--reason", "Laporan validasi diserahkan.")

    assert done[0] == main.DONE
    (listed,) = json.loads(office.run("source", "list", "--json")[1])
    assert (listed["state"], listed["number"], listed["reason"]) == ("pratinjau", 2, "Laporan validasi diserahkan.")
    past = json.loads(office.run("source", "history", office.name, "--json")[1])
    assert [each["state"] for each in past] == ["uji", "pratinjau"]
    assert office.rows("select details ->> 'before', details ->> 'after' from audit.entry order by id") == [
        (None, "uji"),
        ("uji", "pratinjau"),
    ]
    facts = "select kind, key, data ->> 'after', data ? 'reason' from hub.fact order by id"
    assert office.rows(facts) == [
        ("source.state-changed", office.name, "uji", False),
        ("source.state-changed", office.name, "pratinjau", False),
    ]


@pytest.mark.parametrize(
    ("state", "reason", "code", "said"),
    [
        ("aktif", "Langsung saja aktif.", main.REFUSED, "pratinjau"),
        ("pratinjau", "ya", main.REFUSED, "10 sampai 500"),
        ("hidup", "Keadaan yang tidak ada.", main.USAGE, "ditangguhkan"),
    ],
)
def test_a_move_that_is_not_in_the_book_is_refused(
    office: Office, state: str, reason: str, code: int, said: str
) -> None:
    done = office.run("source", "state", office.name, state, "--reason", reason)

    assert done[0] == code
    assert said in done[2]
    assert office.rows("select count(*) from hub.source_state") == [(1,)]


def test_a_state_that_was_written_down_is_never_changed(office: Office) -> None:
    with office.database.connect() as owner, pytest.raises(Exception, match="append-only"):
        owner.execute("update hub.source_state set state = 'aktif'")


def test_a_plan_is_shown_applied_and_then_there_is_nothing_to_do(office: Office, broker: KafkaAdminClient) -> None:
    code, out, err = office.run("provision", "plan", "--json")
    assert (code, err) == (main.REFUSED, "")
    planned = {step["name"] for step in json.loads(out)["steps"] if step["step"] == "make-topic"}

    done = office.run("provision", "apply")

    sandbox = f"uji.{office.contract.opd}.{office.contract.document}"
    assert sandbox in planned
    assert done[0] == main.DONE
    assert sandbox in done[1]
    assert sandbox in broker.list_topics()
    assert office.contract.topic not in broker.list_topics()
    assert json.loads(office.run("provision", "plan", "--json")[1])["steps"] == []
    acts = "select count(*) from audit.entry where act = 'provision.apply' and actor_kind = 'command'"
    assert office.rows(acts) == [(1,)]


def test_nothing_is_deleted_without_its_name_typed(office: Office, broker: KafkaAdminClient) -> None:
    topic = f"opd.{office.contract.opd}.lama"
    broker.create_topics({topic: {"num_partitions": 1, "replication_factor": 1}})
    office.run("provision", "apply")
    listed = json.loads(office.run("provision", "plan", "--json")[1])["extras"]

    refused = [
        office.run("provision", "apply", "--destroy", topic),
        office.run("provision", "apply", "--destroy", topic, "--yes", f"{topic}x"),
        office.run("provision", "apply", "--destroy", f"uji.{office.contract.opd}.{office.contract.document}"),
    ]
    still_there = topic in broker.list_topics()
    done = office.run("provision", "apply", "--destroy", topic, "--yes", topic)

    assert {"kind": "topic", "name": topic} in listed
    assert [code for code, _, _ in refused] == [main.REFUSED] * 3
    assert still_there
    assert done[0] == main.DONE
    assert topic not in broker.list_topics()
    destroyed = "select subject from audit.entry where act = 'provision.destroy'"
    assert office.rows(destroyed) == [(f"topic:{topic}",)]


def test_a_code_is_printed_alone_and_its_issue_is_audited(office: Office) -> None:
    opd = office.contract.opd
    with office.database.connect() as owner:
        owner.execute("insert into identity.opd (code, name, short_name) values (%s, 'Dinas', 'Dinas')", [opd])
        owner.execute("insert into identity.system (opd, code, name) values (%s, 'siak', 'SIAK')", [opd])

    code, out, err = office.run("provision", "code", opd, "siak")
    unknown = office.run("provision", "code", opd, "lain")

    assert (code, unknown[0]) == (main.DONE, main.REFUSED)
    assert len(out.strip()) == 43
    assert "/kredensial/kode" in err
    issued = "select actor_kind, subject from audit.entry where act = 'credential.code'"
    assert office.rows(issued) == [("command", f"system:{opd}/siak")]
    assert office.rows("select code_sha256 from identity.credential_code") == [(sha256(out.strip().encode()).digest(),)]

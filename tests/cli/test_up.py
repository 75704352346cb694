"""`up`, `status`, `down` on the whole hub: what they promise about processes, files and the machine around them."""

import json
import os
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import psutil
import psycopg
import pytest

from cli import main, settings
from cli.demo.log_reader import read
from cli.stack import postgres, report
from cli.stack.layout import Layout
from cli.stack.processes import Child, Program, Record, is_alive, members, read_records, write_records
from cli.stack.report import SUPERVISOR
from hub_db import facts
from hub_db.facts import Fact
from schemas.sop_topics import FACTS
from schemas.wire.kafka import KafkaSettings
from tests.cli.living import WITHIN_S, Living, roads
from tests.eventually import eventually

ALL = {"supervisor", "postgres", "kafka", "registry", "worker", "publisher", "stages", "web", "jobs"}


@dataclass(frozen=True, slots=True)
class Installed:
    """A state folder that is used through the command line only."""

    home: Path

    def simpul(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-m", "cli", *arguments],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=settings.environment(self.home),
            timeout=180,
        )

    def up(self) -> None:
        done = self.simpul("up", "--detach")
        assert done.returncode == main.DONE, done.stderr + self.logs()

    def logs(self) -> str:
        return "".join(f"\n{log.name}:\n{log.read_text()[-2000:]}" for log in Layout(self.home).log.glob("*.log"))

    def records(self) -> dict[str, Record]:
        return {record.name: record for record in read_records(Layout(self.home).processes)}

    def status(self) -> dict[str, dict[str, object]]:
        done = self.simpul("status", "--json")
        assert done.returncode == main.DONE, done.stderr
        return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def modes_before() -> dict[Path, int]:
    return parents()


@pytest.fixture(scope="module")
def one(modes_before: dict[Path, int]) -> Iterator[Installed]:
    """A state folder for all tests here, with a name as unkind as people's."""
    folder = Path(tempfile.mkdtemp(prefix="simpul-up-"))
    made = Installed(folder / "rumah data")
    try:
        yield made
    finally:
        made.simpul("down")
        postgres.destroy(Layout(made.home))
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def installed(one: Installed) -> Installed:
    """The same, running: a test that stopped it does not disturb the next."""
    if not is_ready(one.home):
        one.up()
    return one


def is_ready(home: Path) -> bool:
    records = read_records(Layout(home).processes)
    return bool(records) and all(map(is_alive, records)) and Layout(home).ready.exists()


def parents() -> dict[Path, int]:
    """The modes of the folders above everything that a start touches."""
    inside = [
        settings.ROOT,
        Path.home(),
        Path(sys.prefix),
        postgres.wheel(),
        Path("/var/lib"),
        Path(tempfile.gettempdir()),
    ]
    folders = {folder for path in inside for folder in (path, *path.parents)}
    return {folder: stat.S_IMODE(folder.stat().st_mode) for folder in folders}


def test_everything_runs_and_status_tells_where(installed: Installed) -> None:
    told = installed.status()

    assert {name: set(part) for name, part in told.items()} == {
        "kafka": {"bootstrap", "security_protocol", "sasl_mechanism", "username", "password"},
        "postgres": {"dsn"},
        "registry": {"url", "user", "password"},
        "web": {"url"},
        "worker": {"running", "lag", "resting"},
    }
    assert told["worker"] == {"running": True, "lag": 0, "resting": 0}
    assert (told["kafka"]["security_protocol"], told["kafka"]["sasl_mechanism"]) == ("SASL_PLAINTEXT", "SCRAM-SHA-512")
    assert set(installed.records()) == ALL
    with psycopg.connect(str(told["postgres"]["dsn"])) as connection:
        topics = connection.execute("SELECT topic FROM hub.document ORDER BY topic").fetchall()
    assert {("opd.disdukcapil.penduduk",), ("opd.kominfo.wilayah",)} <= set(topics)


def test_a_fact_that_is_reported_reaches_its_topic(installed: Installed) -> None:
    told, moment = installed.status(), datetime(2026, 1, 5, tzinfo=UTC)
    said = Fact("hub.tried", "PI-2026-0001", source="/simpul/uji", occurred_at=moment, ce_id=secrets.token_hex(8))

    with psycopg.connect(str(told["postgres"]["dsn"])) as connection:
        facts.report(connection, said)

    kafka = KafkaSettings.model_validate(told["kafka"])
    ids = eventually(
        lambda: [dict(record.headers)["ce_id"] for record in read(kafka, [FACTS])],
        until=lambda ids: said.identity.encode() in ids,
        within_s=30,
    )
    assert ids.count(said.identity.encode()) == 1


def test_a_document_comes_to_life_while_the_hub_runs(installed: Installed) -> None:
    """Approved, tried in its sandbox, opened, read in production, counted: by the processes that ran all the time."""
    hub = Living(installed.home, KafkaSettings.model_validate(installed.status()["kafka"]))
    before, document = installed.records(), roads()

    schema_id = hub.approve(document)
    hub.send(document, replace(document, sandbox=True).topic, "tried", schema_id)
    tried = eventually(lambda: hub.ask("select kode from uji.kominfo_jalan"), until=bool, within_s=WITHIN_S)
    counted = hub.ask("select kode from reference.jalan")
    opened = installed.simpul("source", "state", document.name, "pratinjau", "--reason", "Lulus uji integrasi.")
    hub.send(document, document.topic, "real", schema_id)
    real = eventually(lambda: hub.ask("select kode from source.kominfo_jalan"), until=bool, within_s=WITHIN_S)
    counted += hub.ask("select kode from reference.jalan")
    counts = installed.simpul("source", "state", document.name, "aktif", "--reason", "Data sudah diperiksa.")
    golden = eventually(lambda: hub.ask("select kode from reference.jalan"), until=bool, within_s=WITHIN_S)

    assert (tried, counted, real, golden) == ([("tried",)], [], [("real",)], [("real",)])
    assert [each.returncode for each in (opened, counts)] == [main.DONE, main.DONE], opened.stderr + counts.stderr
    assert hub.ask("select kind from hub.fact where key = %s and kind = 'sandbox.merged'", document.name)
    assert installed.records() == before


def test_status_for_a_person_shows_no_password(installed: Installed) -> None:
    done = installed.simpul("status")
    values = [path.read_text() for path in Layout(installed.home).secrets.iterdir()]

    assert done.returncode == main.DONE
    assert [value for value in values if value in done.stdout + done.stderr] == []


def test_the_modes_of_folders_above_stay_as_they_were(installed: Installed, modes_before: dict[Path, int]) -> None:
    assert installed.records() != {}
    assert parents() == modes_before


def test_postgres_runs_as_nobody_who_could_harm(installed: Installed) -> None:
    server = psutil.Process(installed.records()["postgres"].pid)
    folder = postgres.place(Layout(installed.home)).folder

    assert server.uids().effective != 0
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert folder.stat().st_uid == server.uids().effective


def test_a_second_up_is_told_what_runs_there(installed: Installed) -> None:
    before = installed.records()

    in_front, detached = installed.simpul("up"), installed.simpul("up", "--detach")

    assert in_front.returncode == main.REFUSED
    assert "sudah berjalan" in in_front.stderr.splitlines()[-1]
    assert detached.returncode == main.DONE
    assert installed.records() == before


@pytest.mark.parametrize(
    "name", ["worker", *(pytest.param(name, marks=pytest.mark.full) for name in ("postgres", "kafka"))]
)
def test_a_process_that_dies_is_started_again(installed: Installed, name: str) -> None:
    dead = installed.records()[name]
    os.kill(dead.pid, signal.SIGKILL)

    again = eventually(lambda: installed.records()[name], until=lambda record: record.pid != dead.pid, within_s=30)

    assert is_alive(again)
    eventually(
        lambda: installed.simpul("status", "--json").returncode, until=lambda code: code == main.DONE, within_s=60
    )
    eventually(lambda: all(map(is_alive, installed.records().values())), until=bool, within_s=60)


def test_after_kill_9_the_next_start_stops_what_was_left_and_down_leaves_nothing(installed: Installed) -> None:
    before = installed.records()
    os.kill(before.pop("supervisor").pid, signal.SIGKILL)
    eventually(lambda: installed.simpul("status").returncode, until=lambda code: code == main.UNREACHABLE)
    assert all(map(is_alive, before.values()))

    installed.up()
    after = installed.records()
    assert [name for name, record in before.items() if members(record)] == []
    assert set(after) == ALL

    assert installed.simpul("down").returncode == main.DONE
    assert [name for name, record in after.items() if is_alive(record) or members(record)] == []
    assert installed.simpul("status").returncode == main.UNREACHABLE


@pytest.fixture
def left_behind(tmp_path: Path) -> Iterator[tuple[Layout, Child]]:
    """A state folder whose supervisor was killed: its lock is free, one process of a group of two still lives."""
    layout = Layout(tmp_path / "home")
    layout.make()
    layout.lock.touch()
    child = Child(Program("worker", ["sh", "-c", "sleep 60 & sleep 61"], layout.log_of("worker"), tmp_path))
    write_records(layout.processes, [Record(SUPERVISOR, child.record.pid, 1.0), child.record])
    eventually(lambda: len(members(child.record)), until=lambda count: count == 3)
    yield layout, child
    child.kill()


def test_down_also_stops_what_a_killed_start_left(left_behind: tuple[Layout, Child]) -> None:
    layout, child = left_behind

    assert report.stop(layout) == ["worker"]

    assert members(child.record) == []
    assert not layout.processes.exists()


def test_the_rest_of_a_group_is_found_when_its_leader_is_gone(left_behind: tuple[Layout, Child]) -> None:
    layout, child = left_behind
    child.popen.kill()
    child.popen.wait()
    assert len(members(child.record)) == 2

    report.stop(layout)

    assert members(child.record) == []


def test_a_strangers_process_with_a_remembered_pid_is_left_alone() -> None:
    """The pid came back, but the start time tells that it is another process."""
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as stranger:
        record = Record("kafka", stranger.pid, psutil.Process(stranger.pid).create_time() - 100)

        assert not is_alive(record)
        assert members(record) == []
        stranger.kill()

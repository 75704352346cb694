"""Conflicts: found beside the intake among what rounds published, one row per cause, closing by themselves."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from cli import main
from cli.stack.local import Stack
from hub_db import rounds
from hub_db.conflicts import reading
from hub_db.conflicts.reading import Choice, State
from hub_db.conflicts.store import ConflictId
from hub_db.connection import transaction
from identity.actors import Actor
from identity.permissions import Role
from jobs import conflict_job, ruling_job
from jobs.conflict_decisions import decide
from jobs.errors import NotPossible
from jobs.kinds import register
from schemas.names import EntityName
from tests.conftest import one_database
from tests.consumers.batches import Event
from tests.dashboard.exchange_rows import INSTANCE
from tests.hub_db.documents import contract, text
from tests.hub_db.residents import gone, said
from tests.promises.roads import ALWAYS, Road

NOW = datetime(2026, 11, 23, 2, 14, tzinfo=UTC)
STEWARD = Actor("steward", "person", Role.STEWARD, "kominfo")
REASON = "Cocok dengan akta kelahiran menurut pemiliknya."


def day(name: str, *, nullable: bool = False, **more: Any) -> dict[str, Any]:
    kind: Any = {"type": "int", "logicalType": "date"}
    kinds = {"type": ["null", kind], "default": None} if nullable else {"type": kind}
    return {"name": name, **kinds, "doc": name, "sensitivity": "umum", **more}


PEOPLE = contract(
    "warga",
    "nik",
    text("nik", maxLength=20),
    text("nama", format="nama-orang"),
    day("tanggal_lahir"),
    day("tanggal_meninggal", nullable=True),
)
PATIENTS = contract(
    "pasien",
    "nik",
    text("nik", maxLength=20),
    text("nama", format="nama-orang", agree=True),
    day("tanggal_lahir", agree=True),
    entity="warga",
    priority=20,
    mayCreate=False,
)
AID = contract(
    "bantuan",
    ["nik", "program"],
    text("nik", maxLength=20, references="warga.nik", onMissing="park"),
    text("program", maxLength=20),
    day("tanggal"),
    checks=[
        {
            "name": "tidak_setelah_meninggal",
            "expression": "tanggal <= nik__tanggal_meninggal",
            "severity": "error",
            "message": "Bantuan disalurkan setelah tanggal meninggal penerimanya.",
        }
    ],
)
ALL = (PEOPLE, PATIENTS, AID)
BORN = date(1990, 8, 17)


def person(key: str, version: int, nama: str = "SITI AMINAH", **values: Any) -> Event:
    return said(PEOPLE, key, version, nama=nama, **{"tanggal_lahir": BORN, **values})


def patient(key: str, version: int, nama: str = "SITI AMINAH", born: date = BORN) -> Event:
    return said(PATIENTS, key, version, nama=nama, tanggal_lahir=born)


@pytest.fixture(scope="module")
def settled(stack: Stack, template: str) -> Iterator[Road]:
    with one_database(stack, template) as database:
        made = Road(database, ALWAYS, ALL)
        made.register_schemas()
        enter_entities(made)
        register(made.owner, [ruling_job.kind(database.dsn)])
        yield made
        made.close()


@pytest.fixture
def road(settled: Road) -> Road:
    begin(settled)
    return settled


def enter_entities(road: Road) -> None:
    """As the views that mask would be: no key is personal here."""
    for each in ("warga", "bantuan"):
        road.owner.execute(
            "insert into masked.entity (entity, owner, personal, key, open) values (%s, 'x', false, '{nik}', true)",
            (each,),
        )


def begin(road: Road) -> None:
    """Nothing was sent, and nothing found."""
    road.begin()
    road.owner.execute(
        "truncate hub.conflict, hub.ruling, hub.contested, hub.conflict_place, hub.round restart identity cascade"
    )
    road.owner.execute("truncate notice.notice cascade")


def publish(road: Road) -> None:
    """A round of all that is there."""
    (number,) = road.owner.execute("insert into hub.round default values returning id").fetchone() or (0,)
    for part in ("batches", "releases", "changes"):
        road.owner.execute(rounds.SQL[f"take_{part}"], {"round": number})


def look(road: Road, now: datetime = NOW) -> list[tuple[str, str, str, str, str, str]]:
    """All conflicts once everything published is read: kind, key, what about, sides, state."""
    publish(road)
    conflict_job.find_all(road.owner, INSTANCE, now=now)
    return [
        (each.kind.value, each.address, each.about, each.source_a, each.source_b, each.state.value)
        for each in reading.conflicts(road.owner)
    ]


def acts(road: Road, number: int = 1) -> list[str]:
    return [each.act for each in reading.events(road.owner, ConflictId(number))]


def test_sources_that_differ_are_one_cause_each_and_titles_are_no_difference(road: Road) -> None:
    road.take(PEOPLE, [person("1", 1), person("2", 1), person("3", 1), person("4", 1)])
    road.take(
        PATIENTS,
        [
            patient("1", 1, "HJ. SITI AMINAH, S.PD."),
            patient("2", 1, born=date(1990, 7, 18)),
            patient("3", 1, "BUDI SANTOSO", born=date(1971, 2, 3)),
            patient("4", 1, "SITI AMINA"),
        ],
    )

    found = look(road)

    sides = ("uji.warga", "uji.pasien")
    assert found == [
        ("agree", "2", "tanggal_lahir", *sides, "open"),
        ("agree", "4", "nama", *sides, "open"),
        ("two_persons", "3", "nama,tanggal_lahir", *sides, "open"),
    ]
    hints = [tuple(each.hints) for each in reading.conflicts(road.owner)]
    assert hints == [("tanggal.lain",), ("nama.ejaan",), ("nama.lain", "tanggal.lain")]


def test_a_cause_that_ends_closes_its_conflict_and_comes_back_in_the_same_row(road: Road) -> None:
    road.take(PEOPLE, [person("1", 1)])
    road.take(PATIENTS, [patient("1", 1, "SITI AMINAT")])
    opened = look(road)
    road.take(PATIENTS, [patient("1", 2)])
    ended = look(road)
    road.take(PATIENTS, [patient("1", 3, "SITI AMINAT")])

    again = look(road)
    twice = look(road)

    assert [each[-1] for each in (*opened, *ended, *again, *twice)] == ["open", "ended", "open", "open"]
    assert acts(road) == ["opened", "ended", "reopened"]


def test_a_row_that_goes_ends_its_conflicts(road: Road) -> None:
    road.take(PEOPLE, [person("1", 1)])
    road.take(PATIENTS, [patient("1", 1, "SITI AMINAT")])
    look(road)

    road.take(PATIENTS, [gone(PATIENTS, "1", 2)])

    assert [each[-1] for each in look(road)] == ["ended"]


def test_a_check_is_asked_after_the_merge_and_again_when_the_referenced_row_changes(road: Road) -> None:
    road.take(PEOPLE, [person("1", 1), person("2", 1, tanggal_meninggal=date(2026, 1, 5))])
    road.take(
        AID,
        [
            said(AID, "1|PKH", 1, tanggal=date(2026, 2, 1)),
            said(AID, "2|PKH", 1, tanggal=date(2026, 2, 1)),
            said(AID, "2|SEMBAKO", 1, tanggal=date(2026, 1, 1)),
        ],
    )
    at_first = look(road)

    road.take(PEOPLE, [person("1", 2, tanggal_meninggal=date(2026, 1, 31)), person("2", 2)])
    then = look(road)

    def breach(key: str, state: str) -> tuple[str, ...]:
        return ("check", key, "tidak_setelah_meninggal", "uji.warga", "uji.bantuan", state)

    assert at_first == [breach("2|PKH", "open")]
    assert then == [breach("2|PKH", "ended"), breach("1|PKH", "open")]
    assert reading.conflicts(road.owner)[1].shown["a"] == {"tanggal_meninggal": "2026-01-31"}


def test_a_decision_holds_for_the_values_that_were_seen(road: Road) -> None:
    road.take(PEOPLE, [person("1", 1)])
    road.take(PATIENTS, [patient("1", 1, "SITI AMINAT")])
    look(road)
    decide(road.owner, INSTANCE, 1, 1, Choice.A, reason=REASON, by=STEWARD, now=NOW)

    road.take(PATIENTS, [patient("1", 2)])
    mended = look(road)
    road.take(PATIENTS, [patient("1", 3, "SITI AMINAT")])
    same = look(road)
    road.take(PATIENTS, [patient("1", 4, "SITI AMINAR")])
    other = look(road)

    assert [each[-1] for each in (*mended, *same, *other)] == ["ended", "decided", "open"]
    assert acts(road) == ["opened", "decided", "ended", "stands", "reopened"]
    assert reading.conflicts(road.owner)[0].revision == 2


def test_a_decision_upon_values_that_changed_meanwhile_is_refused(road: Road) -> None:
    road.take(PEOPLE, [person("1", 1)])
    road.take(PATIENTS, [patient("1", 1, "SITI AMINAT")])
    look(road)
    road.take(PATIENTS, [patient("1", 2, "SITI AMINAR")])
    look(road)

    with pytest.raises(NotPossible, match="berubah"):
        decide(road.owner, INSTANCE, 1, 1, Choice.A, reason=REASON, by=STEWARD, now=NOW)

    assert acts(road) == ["opened", "changed"]


def test_an_agency_that_was_asked_is_told_and_has_five_working_days(road: Road) -> None:
    road.take(PEOPLE, [person("1", 1)])
    road.take(PATIENTS, [patient("1", 1, "SITI AMINAT")])
    look(road)
    decide(road.owner, INSTANCE, 1, 1, Choice.ASK, reason=REASON, by=STEWARD, now=NOW)

    asked = reading.conflicts(road.owner)[0]
    notices = road.owner.execute("select cause, opd, role from notice.notice where state <> 'closed'").fetchall()
    conflict_job.look(road.owner, INSTANCE, now=NOW + timedelta(days=7))
    on_the_day = reading.conflicts(road.owner)[0].state
    conflict_job.look(road.owner, INSTANCE, now=NOW + timedelta(days=8))

    assert (asked.state, asked.due_on) == (State.ASKED, date(2026, 11, 30))
    assert notices == [("conflict:1", "uji", "opd_admin")]
    assert on_the_day is State.ASKED
    assert reading.conflicts(road.owner)[0].state is State.OPEN
    told = road.owner.execute("select act, subject, details->>'choice' from audit.entry").fetchall()
    assert ("conflict.decide", "conflict:1", "ask") in told


def test_what_happened_to_a_conflict_cannot_be_changed(road: Road) -> None:
    road.take(PEOPLE, [person("1", 1)])
    road.take(PATIENTS, [patient("1", 1, "SITI AMINAT")])
    look(road)

    with pytest.raises(Exception, match="never changed"):
        road.owner.execute("update hub.conflict_event set act = 'ended'")


def test_what_is_found_is_entered_with_the_place_behind_it_or_not_at_all(road: Road) -> None:
    road.take(PEOPLE, [person(str(number), 1) for number in range(10)])
    road.take(PATIENTS, [patient(str(number), 1, "SITI AMINAT") for number in range(10)])
    publish(road)
    with suppress(ZeroDivisionError), transaction(road.owner):
        while conflict_job.next_piece(road.owner, INSTANCE, now=NOW).more:
            pass
        raise ZeroDivisionError

    before = road.owner.execute("select count(*) from hub.conflict").fetchone()
    conflict_job.find_all(road.owner, INSTANCE, now=NOW)

    assert before == (0,)
    assert road.owner.execute("select count(*), min(act), max(act) from hub.conflict_event").fetchall() == [
        (10, "opened", "opened")
    ]


def test_two_records_of_one_person_are_one_conflict_until_one_of_them_goes(road: Road) -> None:
    road.take(PEOPLE, [person("1", 1, "HJ. SOELASTRI"), person("2", 1, "SULASTRI, S.PD."), person("3", 1, "ROHANA")])

    def search() -> list[tuple[str, str, tuple[str, ...], str]]:
        with transaction(road.owner):
            conflict_job.find_duplicates(road.owner, INSTANCE, EntityName("warga"), now=NOW)
        return [
            (each.address, each.address_b, tuple(each.hints), each.state.value)
            for each in reading.conflicts(road.owner)
        ]

    found = search()
    decide(road.owner, INSTANCE, 1, 1, Choice.DIFFERENT, reason=REASON, by=STEWARD, now=NOW)
    decided = search()
    road.take(PEOPLE, [gone(PEOPLE, "2", 2)])

    assert found == [("1", "2", ("nama.sama", "lahir.sama"), "open")]
    assert [each[-1] for each in (*decided, *search())] == ["decided", "ended"]
    assert conflict_job.find_duplicates(road.owner, INSTANCE, EntityName("bantuan"), now=NOW) is None


def test_one_version_with_two_contents_is_the_stewards_until_another_follows(road: Road) -> None:
    road.take(PEOPLE, [person("1", 1, "SITI"), person("2", 1)])
    looked = look(road)
    road.take(PEOPLE, [person("1", 1, "SITA")])
    road.take(PEOPLE, [gone(PEOPLE, "2", 1)])
    once = look(road)
    twice = look(road)
    found = reading.conflicts(road.owner)
    with pytest.raises(NotPossible, match="tidak berlaku untuk jenis"):
        decide(road.owner, INSTANCE, 1, 1, Choice.B, reason=REASON, by=STEWARD, now=NOW)
    decide(road.owner, INSTANCE, 1, 1, Choice.ASK, reason=REASON, by=STEWARD, now=NOW)
    road.take(PEOPLE, [person("1", 2, "SITA")])

    after = look(road)

    source = ("uji.warga", "uji.warga")
    assert looked == []
    assert once == twice == [("version", key, "", *source, "open") for key in "12"]
    assert {each.shown["a"]["nama"] for each in found[:1]} | {each.shown["b"]["nama"] for each in found[:1]} == {
        *("SITI", "SITA")
    }
    assert [(each.shown["differs"], each.hints) for each in found[:1]] == [(["nama"], ())]
    assert (found[1].shown["b"], found[1].hints) == ({}, ("versi.hapus",))
    assert [each[-1] for each in after] == ["ended", "open"]


def test_a_key_that_its_source_gives_to_another_person_is_the_stewards_until_the_first_comes_back(road: Road) -> None:
    other: dict[str, Any] = {"nama": "BUDI SANTOSO", "tanggal_lahir": date(1971, 2, 3)}
    road.take(PEOPLE, [person(key, 1) for key in "12345"])
    road.take(PEOPLE, [person("1", 2, **other), person("2", 2, "SITI AMINAT", tanggal_lahir=date(1971, 2, 3))])
    road.take(PEOPLE, [person("3", 2, "BUDI SANTOSO"), gone(PEOPLE, "4", 2), person("4", 3, **other)])
    road.take(PEOPLE, [person("5", 2, **other), person("5", 3, **other, tanggal_meninggal=date(2026, 1, 1))])
    found = look(road)
    hints = reading.conflicts(road.owner)[0].hints
    decide(road.owner, INSTANCE, 2, 1, Choice.B, reason=REASON, by=STEWARD, now=NOW)
    road.take(PEOPLE, [person("1", 3), person("4", 4, **other), person("5", 4, **other)])

    then = look(road)

    source = ("uji.warga", "uji.warga")
    assert found == [("new_person", key, "", *source, "open") for key in "145"]
    assert hints == ("nama.lain", "tanggal.lain")
    assert [each[-1] for each in then] == ["ended", "decided", "open"]
    notices = "select count(*) from notice.notice where cause = 'conflict:2'"
    assert road.owner.execute(notices).fetchone() == (0,)


def test_commands_tell_decide_and_look(
    road: Road, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    info, stack = road.owner.info, road.database.stack
    monkeypatch.setenv("SIMPUL_DATABASE_URL", f"postgresql://{info.host}:{info.port}/{road.database.name}")
    monkeypatch.setenv("SIMPUL_KAFKA_BOOTSTRAP", stack.kafka().bootstrap)
    monkeypatch.setenv("SIMPUL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SIMPUL_SECRETS", str(stack.layout.secrets))
    road.take(PEOPLE, [person("1", 1)])
    road.take(PATIENTS, [patient("1", 1, "SITI AMINAT")])
    publish(road)

    def run(*words: str) -> Any:
        assert main.run(["conflicts", *words]) == main.DONE, capsys.readouterr().err
        return json.loads(capsys.readouterr().out or "null")

    found = run("find", "--json")
    listed = run("list", "--json")
    run("decide", "1", "ask", "--reason", REASON)
    shown = run("show", "1", "--json")

    assert found == {"keys": 1, "opened": 1, "ended": 0}
    assert [(each["id"], each["kind"], each["about"], each["state"]) for each in listed] == [
        (1, "agree", "nama", "open")
    ]
    assert (shown["state"], [each["act"] for each in shown["events"]]) == ("asked", ["opened", "decided"])
    assert main.run(["conflicts", "decide", "1", "a", "--reason", REASON]) == main.REFUSED
    assert main.run(["conflicts", "show", "99"]) == main.REFUSED

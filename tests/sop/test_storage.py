"""Cases in the database: one decision at a time, each once, never changed; facts each once and in order."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest

from base.calendar import Change
from hub_db.connection import transaction
from identity.opds import EVERYWHERE
from sop import boards, facts, reading, store
from sop.actors import Actor
from sop.actors import Office as Held
from sop.commands import Attach, Confirm, Expected, Fact, File
from sop.errors import Forbidden, Rule, Skipped, UnknownCase
from sop.events import CaseState, Kind, StageState
from sop.ticking import tick
from tests.conftest import Database
from tests.sop.office import NUMBERS, SETTING, TOPIC, Office, make_office
from tests.sop.town import ADMIN, DOCUMENTS, KABID, LONG_AGO, PDF, TEKNIS, TEKNIS_TOO, WALIDATA, Walk, moment, sha


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    with make_office(database) as made:
        yield made


def test_a_whole_case_in_the_database_is_the_same_as_in_memory(office: Office) -> None:
    number = office.begin().case.number
    stored, told = office.walk(number).to(12), Walk().to(12)
    stored.fulfil()
    stored.confirm()
    told.fulfil()
    told.confirm()

    assert office.find(number) == stored.case
    assert [event.version for event in office.events(number)] == list(range(1, stored.now.version + 1))
    kinds = [(event.kind, event.stage, event.state) for event in office.events(number)]
    assert sorted(map(str, kinds)) == sorted(str((event.kind, event.stage, event.state)) for event in told.events)
    with office.connect() as conn:
        row = conn.execute('select state, version from sop."case"').fetchone()
    assert row == ("closed", stored.now.version)


def test_numbers_are_the_years_and_without_a_hole(office: Office) -> None:
    first = office.begin().case.number
    with pytest.raises(Forbidden), office.connect() as conn, transaction(conn):
        store.begin(
            conn, "disdik", (), numbers=NUMBERS, decree="", by=ADMIN, now=office.now(), setting=SETTING, command_id="x"
        )
    second = office.begin().case.number
    office.day = date(2027, 1, 4)

    assert [first, second, office.begin().case.number] == ["PI-2026-0001", "PI-2026-0002", "PI-2027-0001"]


def test_of_two_officers_at_once_one_succeeds_and_the_other_is_told(office: Office) -> None:
    number = office.begin().case.number
    walk = office.walk(number).to(5)
    walk.fulfil()
    seen = Expected(5, 1, StageState.READY)
    outcomes: dict[str, object] = {}
    first = office.connect()
    with transaction(first):
        store.decide(first, number, Confirm(seen), by=TEKNIS, now=office.now(), setting=SETTING, command_id="first")

        def second() -> None:
            try:
                outcomes["second"] = office.do(number, Confirm(seen), TEKNIS_TOO)
            except Forbidden as error:
                outcomes["second"] = error

        thread = threading.Thread(target=second)
        thread.start()
        waits = "select count(*) from pg_locks where not granted"
        with office.database.connect(autocommit=True) as watcher:
            while watcher.execute(waits).fetchone() == (0,):
                assert thread.is_alive()
    thread.join(timeout=20)
    first.close()

    error = outcomes["second"]
    assert isinstance(error, Forbidden)
    assert error.rule is Rule.MOVED_ON
    assert "Tahap 5 putaran 1 kini selesai: tahap ditegaskan oleh bagus pada 5 Januari 2026 pukul" in error.sentence
    assert [event.actor for event in office.events(number) if event.kind is Kind.CONFIRMED and event.stage == 5] == [
        "bagus"
    ]


def test_a_command_that_comes_twice_is_done_once(office: Office) -> None:
    number = office.begin("begin-1").case.number
    assert office.begin("begin-1").case.number == number
    walk = office.walk(number).to(2)
    attach = Attach("struktur-database", File(sha("a"), PDF, 10))

    once = office.do(number, attach, ADMIN, "click-1")
    twice = office.do(number, attach, ADMIN, "click-1")

    assert (once.repeated, twice.repeated) == (False, True)
    assert (once.events, once.case) == (twice.events, twice.case)
    assert office.find(number).version == walk.now.version + len(once.events)


def test_a_delegate_whose_letter_has_ended_cannot_act(office: Office) -> None:
    number = office.begin().case.number
    walk = office.walk(number)
    walk.submit()
    walk.fulfil()
    until = office.day
    delegate = Actor("plh", (Held("kabid_aptika", WALIDATA, LONG_AGO, until, "Plh.", "800/1/2026"),))
    office.day = until + timedelta(days=1)

    with pytest.raises(Forbidden, match=r"Surat penugasan Plh\. berakhir 5 Januari 2026") as refused:
        office.do(number, Confirm(walk.seen), delegate)
    assert refused.value.rule is Rule.DELEGATION_OVER
    office.day = until

    assert office.do(number, Confirm(walk.seen), delegate).events[0].acting == "Plh."


def test_what_was_refused_leaves_nothing(office: Office) -> None:
    number = office.begin().case.number

    with pytest.raises(Forbidden):
        office.do(number, Confirm(Expected(1, 1, StageState.ACTIVE)), KABID)
    with pytest.raises(UnknownCase):
        office.do("PI-2026-9999", Confirm(Expected(1, 1, StageState.ACTIVE)), KABID)

    assert [event.kind for event in office.events(number)] == [Kind.DRAFTED]


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("simpul_owner", "update sop.event set reason = 'lain'"),
        ("simpul_owner", "delete from sop.event"),
        ("simpul_web", "update sop.event set reason = 'lain'"),
        ("simpul_web", "update sop.outgoing set sent_at = now()"),
        ("simpul_publisher", "insert into sop.outgoing (event) values (1)"),
        ("simpul_intake", 'select contact_name from sop."case"'),
        ("simpul_publisher", 'select contact_name from sop."case"'),
        ("simpul_registry", "select kind from sop.event"),
    ],
)
def test_what_happened_is_never_changed_and_each_role_does_its_own(office: Office, role: str, statement: str) -> None:
    office.begin()

    with office.database.connect(role) as conn, pytest.raises(psycopg.Error) as refused:
        conn.execute(statement)
    assert refused.value.sqlstate in ("23001", "42501")  # restrict_violation, insufficient_privilege


def test_a_fact_that_came_early_counts_when_its_stage_begins(office: Office) -> None:
    number = office.begin().case.number
    for document in DOCUMENTS:
        office.take("contract.drafted", document)
    walk = office.walk(number).to(3)

    assert {code for code, _ in walk.attempt.met} == {"kontrak-dirancang"}
    told = [event for event in walk.events if event.stage == 3 and event.kind is Kind.EVIDENCE]
    assert {event.detail["fact"] for event in told} == {"fact-1", "fact-2"}
    assert {event.actor for event in told} == {"system"}


def test_a_fact_is_evidence_for_each_case_it_is_about_once(office: Office) -> None:
    numbers = [office.begin().case.number for _ in range(2)]
    walks = [office.walk(number).to(4) for number in numbers]
    draft = office.begin().case.number

    first = office.take("contract.approved", DOCUMENTS[0])
    again = office.take("contract.approved", DOCUMENTS[0], number=office.facts_taken)
    office.take("contract.approved", "dinkes.faskes")
    office.take("schema.looked-at", DOCUMENTS[0])

    assert [(each.case.number, [event.met for event in each.events]) for each in first] == [
        (number, [True]) for number in numbers
    ]
    assert again == []
    assert [office.find(number).version - walk.now.version for number, walk in zip(numbers, walks, strict=True)] == [
        1,
        1,
    ]
    assert office.find(draft).version == 1


def test_a_credential_of_the_opd_is_evidence_for_its_cases(office: Office) -> None:
    walk = office.walk(office.begin().case.number).to(5)

    office.take("credential.fetched", "dinkes.simrs")
    assert office.find(walk.number).version == walk.now.version
    office.take("credential.fetched", "disdik.dapodik")

    current = office.find(walk.number).current
    assert current is not None
    assert current.met == {("kredensial-diambil", "")}


def test_the_readers_place_moves_with_the_decision_or_not_at_all(office: Office) -> None:
    number = office.begin().case.number
    walk = office.walk(number).to(4)
    before = office.facts_taken

    fact = Fact("contract.approved", DOCUMENTS[0], moment(office.day).at, "cut")
    told: Any = {"number": before + 1, "next_offset": 99, "now": office.now(), "setting": SETTING}
    conn = office.connect("simpul_intake")
    conn.autocommit = False
    assert facts.take(conn, TOPIC, fact, **told)
    conn.close()  # the power goes
    assert office.find(number).version == walk.now.version
    with office.connect("simpul_intake") as conn:
        assert facts.place(conn, TOPIC).last_number == before

    with pytest.raises(Skipped, match=f"number {before + 2} follows {before}"):
        office.take("contract.approved", DOCUMENTS[0], number=before + 2)
    office.take("contract.approved", DOCUMENTS[0])
    assert office.find(number).version == walk.now.version + 1


def test_the_clock_tells_each_thing_once_whoever_asks_how_often(office: Office) -> None:
    late, held, draft = (office.begin().case.number for _ in range(3))
    office.walk(late).to(2)
    office.walk(held).to(5).hold(5)
    office.day = date(2026, 1, 9)  # stage 2 was due on the sixth: three working days late
    with office.connect("simpul_intake") as conn:
        first = list(tick(conn, office.now(), SETTING))
        again = list(tick(conn, office.now(), SETTING))

    assert [(each.case.number, event.kind, event.detail["step"]) for each in first for event in each.events] == [
        (late, Kind.OVERDUE, "terlambat-3")
    ]
    assert again == []
    assert office.find(draft).version == 1


def test_a_changed_calendar_moves_what_is_open(office: Office) -> None:
    number = office.begin().case.number
    office.walk(number).to(6)  # due on the eighth
    change = Change(date(2026, 1, 8), closed=True, reason="uji", decree=None, by="eko", at=office.now().at)
    setting = replace(SETTING, world=replace(SETTING.world, calendar=SETTING.world.calendar.changed([change])))
    with office.connect("simpul_intake") as conn:
        told = list(tick(conn, office.now(), setting))

    assert [(event.kind, event.due) for each in told for event in each.events] == [(Kind.CORRECTED, date(2026, 1, 9))]


def test_a_list_says_where_each_case_stands(office: Office) -> None:
    running, draft = (office.begin().case.number for _ in range(2))
    walk = office.walk(running).to(3)
    walk.day = date(2026, 1, 12)
    walk.send_back(2, TEKNIS)
    on, calendar = date(2026, 1, 14), SETTING.world.calendar
    with office.connect() as conn:
        found = [reading.standing(case, on, calendar, SETTING.book) for case in boards.cases(conn, EVERYWHERE)]
        over = boards.cases(conn, EVERYWHERE, [CaseState.CLOSED])

    first = found[0].at
    assert first is not None
    assert (found[0].number, first.stage, first.label, first.round, first.holder) == (
        running,
        2,
        "Definisi Data",
        2,
        "opd",
    )
    assert (found[1].number, found[1].at) == (draft, None)
    assert (first.due, first.days_left, first.overdue) == (date(2026, 1, 13), -1, True)
    assert (found[0].age, found[0].days_at_opd, found[0].days_at_kominfo, found[0].returns) == (7, 2, 5, 1)
    assert over == []


def test_who_is_to_be_called_stands_in_no_event(office: Office) -> None:
    number = office.begin().case.number
    with office.connect() as conn:
        store.set_contact(conn, number, store.Contact("Wati", "+6281200009001"))
        found = store.contact(conn, number)
        (text,) = conn.execute("select string_agg(event::text, '') from sop.event").fetchone() or ("",)

    assert (found.name, found.is_filled) == ("Wati", True)
    assert "9001" not in text

"""The desk: who may see and do what with a case, one decision and its audit entry in one transaction."""

import secrets
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from psycopg import Connection

from base import instance
from cli import settings
from cli.stack.local import Stack
from dashboard import desk
from hub_db.connection import transaction
from identity.permissions import Role
from identity.principals import Appointment, Principal
from sop.asking import Answers, Ask, Verb
from sop.commands import Expected, File, Letter
from sop.errors import Forbidden, Rule, UnknownCase
from sop.events import Kind, StageState
from sop.permitted import seen
from sop.store import Contact, Decision
from tests.conftest import Database, one_database
from tests.sop.office import SETTING, TODAY, Office, make_office
from tests.sop.town import DOCUMENTS, OPD, PDF, WALIDATA, sha

INSTANCE = instance.load(settings.load().instance)
HELD = {
    "wati": (Role.OPD_ADMIN, OPD, None),
    "lala": (Role.OPD_ADMIN, "dinkes", None),
    "bagus": (Role.TIM_TEKNIS, WALIDATA, None),
    "dewi": (Role.TIM_TEKNIS, WALIDATA, None),
    "sri": (Role.KABID_APTIKA, WALIDATA, None),
    "plh": (Role.KABID_APTIKA, WALIDATA, date(2026, 1, 30)),
    "hadi": (Role.AUDITOR, WALIDATA, None),
}


@dataclass
class Counter:
    """An office with people who have accounts; each act is a transaction of its own."""

    office: Office
    numbers: dict[str, int]

    def who(self, name: str) -> Principal:
        role, opd, _ = HELD[name]
        return Principal(self.numbers[name], name, name.title(), (Appointment(role, opd),))

    def act(
        self, name: str, number: str, key: str, answers: Answers | None = None, *, seen: Expected | None = None,
        command_id: str | None = None, conn: "Connection[Any] | None" = None,
    ) -> Decision:  # fmt: skip
        def decided(conn: "Connection[Any]") -> Decision:
            return desk.act(
                conn, self.who(name), number, Ask.of(key), answers or Answers(), seen=seen,
                command_id=command_id or secrets.token_hex(4), now=self.office.now(), setting=SETTING,
            )  # fmt: skip

        if conn is not None:
            return decided(conn)
        with self.office.connect() as own, transaction(own):
            return decided(own)

    def begin(self, name: str, command_id: str | None = None, opd: str = OPD) -> Decision:
        with self.office.connect() as conn, transaction(conn):
            return desk.begin(
                conn, self.who(name), opd, DOCUMENTS, command_id=command_id or secrets.token_hex(4),
                now=self.office.now(), setting=SETTING, instance=INSTANCE,
            )  # fmt: skip

    def at(self, stage: int) -> str:
        """A new case that was brought to the stage."""
        number = self.office.begin().case.number
        self.office.walk(number).to(stage)
        return number

    def ready(self, stage: int) -> str:
        number = self.at(stage)
        self.office.walk(number).fulfil()
        return number

    def audit(self, number: str) -> list[tuple[Any, ...]]:
        with self.office.database.connect() as conn:
            statement = "select act, actor, role, opd, purpose, details from audit.entry where subject = %s order by id"
            return conn.execute(statement, [f"case:{number}"]).fetchall()


@pytest.fixture(scope="module")
def building(stack: Stack, template: str) -> Iterator[Counter]:
    with one_database(stack, template) as database, make_office(database) as office:
        yield Counter(office, employ(database))


@pytest.fixture
def counter(building: Counter) -> Counter:
    """On the same day for each test."""
    building.office.day = TODAY
    return building


def employ(database: Database) -> dict[str, int]:
    numbers = {}
    with database.connect() as conn:
        conn.execute("insert into identity.opd (code, name, short_name) values ('dinkes', 'Dinkes', 'Dinkes')")
        for name, (role, opd, until) in HELD.items():
            added = "insert into identity.person (name, shown_name, office) values (%s, %s, 'Staf') returning id"
            ((numbers[name],),) = conn.execute(added, [name, name.title()]).fetchall()
            acting, letter = ("Plh.", "800/1/2026") if until else (None, None)
            appointed = (
                "insert into identity.appointment"
                " (person_id, role, opd, from_on, until_on, acting, letter, appointed_by)"
                " values (%s, %s, %s, '2025-01-01', %s, %s, %s, 'uji')"
            )
            conn.execute(appointed, [numbers[name], role, opd, until, acting, letter])
    return numbers


def test_a_decision_has_its_audit_entry_with_the_office_that_was_used(counter: Counter) -> None:
    number = counter.begin("wati").case.number
    counter.act("wati", number, "attach:surat-permohonan", Answers(file=File(sha("surat"), PDF, 9)))

    begun, attached = counter.audit(number)

    assert begun[:5] == ("case.begin", "wati", "opd_admin", OPD, None)
    assert begun[5]["documents"] == list(DOCUMENTS)
    assert attached[:4] == ("case.attach", "wati", "opd_admin", OPD)
    assert attached[5] == {
        "version": 2, "acting": None, "asked": "attach:surat-permohonan", "kinds": ["document.attached"], "stage": 1,
        "round": 1, "sha256": [sha("surat")],
    }  # fmt: skip


def test_what_is_rolled_back_was_neither_done_nor_audited(counter: Counter) -> None:
    number = counter.ready(2)
    before = counter.office.find(number)
    with counter.office.connect() as conn, conn.transaction(force_rollback=True):
        decision = counter.act("wati", number, "confirm", seen=seen(before), conn=conn)

    assert decision.events
    assert counter.office.find(number) == before
    assert counter.audit(number) == []


def test_of_two_officers_in_two_sessions_one_succeeds_and_the_other_reads_who_and_when(counter: Counter) -> None:
    number = counter.ready(3)
    shown = seen(counter.office.find(number))
    outcomes: dict[str, object] = {}
    first = counter.office.connect()
    with transaction(first):
        counter.act("bagus", number, "confirm", seen=shown, conn=first)

        def second() -> None:
            try:
                outcomes["second"] = counter.act("dewi", number, "confirm", seen=shown)
            except Forbidden as error:
                outcomes["second"] = error

        thread = threading.Thread(target=second)
        thread.start()
        waits = "select count(*) from pg_locks where not granted"
        with counter.office.database.connect(autocommit=True) as watcher:
            while watcher.execute(waits).fetchone() == (0,):
                assert thread.is_alive()
    thread.join(timeout=20)
    first.close()

    error = outcomes["second"]
    assert isinstance(error, Forbidden)
    assert error.rule is Rule.MOVED_ON
    assert "tahap ditegaskan oleh bagus pada 5 Januari 2026 pukul 09." in error.sentence
    assert [(act, actor) for act, actor, *_ in counter.audit(number)] == [("case.confirm", "bagus")]


def test_a_form_that_comes_twice_is_done_and_audited_once(counter: Counter) -> None:
    number = counter.ready(2)
    shown = seen(counter.office.find(number))

    first = counter.act("wati", number, "confirm", seen=shown, command_id="formulir")
    again = counter.act("wati", number, "confirm", seen=shown, command_id="formulir")

    assert (first.repeated, again.repeated) == (False, True)
    assert first.events == again.events
    assert len(counter.audit(number)) == 1
    assert counter.begin("wati", "b").case.number == counter.begin("wati", "b").case.number


def test_the_id_of_somebody_elses_form_leads_nowhere(counter: Counter) -> None:
    first, second = counter.at(3), counter.at(3)
    note = Answers(reason="Kolom kedua belum ada.")
    counter.act("bagus", first, "rework:opd", note, seen=seen(counter.office.find(first)), command_id="sama")

    other = counter.act("dewi", second, "rework:opd", note, seen=seen(counter.office.find(second)), command_id="sama")
    own = counter.act("bagus", second, "rework:kominfo", note, seen=seen(other.case), command_id="sama")

    assert [(each.case.number, each.repeated) for each in (other, own)] == [(second, False), (second, False)]


def test_a_delegate_acts_until_the_letter_ends(counter: Counter) -> None:
    number = counter.at(4)
    back = Answers(reason="Skenario keliru sejak awal sekali.", documents=DOCUMENTS[:1])
    counter.office.day = date(2026, 2, 2)

    with pytest.raises(Forbidden) as found:
        counter.act("plh", number, "return:3", back, seen=seen(counter.office.find(number)))
    counter.office.day = TODAY
    decision = counter.act("plh", number, "return:3", back, seen=seen(counter.office.find(number)))

    assert (found.value.rule, found.value.sentence) == (
        Rule.DELEGATION_OVER,
        "Surat penugasan Plh. berakhir 30 Januari 2026.",
    )
    assert (decision.events[0].kind, decision.events[0].acting) == (Kind.RETURNED, "Plh.")
    (entry,) = counter.audit(number)
    assert (entry[0], entry[4], entry[5]["acting"]) == ("case.return", "Skenario keliru sejak awal sekali.", "Plh.")


def test_a_case_of_another_agency_is_not_there(counter: Counter) -> None:
    number = counter.at(2)
    with counter.office.connect() as conn:
        for name in ("wati", "bagus", "hadi"):
            assert desk.look(conn, counter.who(name), number).number == number
        with pytest.raises(UnknownCase):
            desk.look(conn, counter.who("lala"), number)
    with pytest.raises(UnknownCase):
        counter.act("lala", number, "cancel", Answers("Tidak jadi, belum siap.", Letter("1", date(2026, 1, 5))))
    with pytest.raises(Forbidden) as found:
        counter.begin("lala")
    assert found.value.rule is Rule.NOT_YOUR_UNIT


def test_offers_are_those_of_the_persons_offices(counter: Counter) -> None:
    number = counter.ready(2)
    with counter.office.connect() as conn:
        case = desk.look(conn, counter.who("wati"), number)
        found = {
            name: {
                each.ask.key
                for each in desk.offers(conn, counter.who(name), case, now=counter.office.now(), setting=SETTING)
                if each.is_open
            }
            for name in ("wati", "bagus", "hadi")
        }
        begins = {
            name: desk.agencies_to_begin_for(conn, counter.who(name), now=counter.office.now(), setting=SETTING)
            for name in ("wati", "lala", "bagus")
        }

    assert {"confirm", "cancel"} <= found["wati"]
    assert {"confirm", "cancel"} & found["bagus"] == set()
    assert found["hadi"] == set()
    assert begins == {"wati": [OPD], "lala": ["dinkes"], "bagus": []}


def test_a_closed_account_holds_no_office(counter: Counter) -> None:
    number = counter.at(3)
    with counter.office.database.connect(autocommit=True) as conn:
        conn.execute("update identity.person set disabled_at = now() where name = 'dewi'")
    try:
        with pytest.raises(Forbidden) as found:
            counter.act("dewi", number, "state:sepakat-kominfo")
    finally:
        with counter.office.database.connect(autocommit=True) as conn:
            conn.execute("update identity.person set disabled_at = null where name = 'dewi'")
    assert found.value.rule is Rule.NOT_YOUR_ROLE


def test_the_contact_is_for_those_who_work_on_the_case_and_in_no_event(counter: Counter) -> None:
    number = counter.begin("wati").case.number
    told = Contact("Contoh Wati", "+6281200000001")
    with counter.office.connect() as conn, transaction(conn):
        desk.set_contact(conn, counter.who("wati"), number, told, now=counter.office.now())
        with pytest.raises(Forbidden) as found:
            desk.set_contact(conn, counter.who("bagus"), number, told, now=counter.office.now())
    with counter.office.connect() as conn:
        case = counter.office.find(number)
        seen_by = {name: desk.contact(conn, counter.who(name), case) for name in ("wati", "bagus", "hadi")}

    assert found.value.rule is Rule.NOT_YOUR_ROLE
    assert seen_by == {"wati": told, "bagus": told, "hadi": None}
    (_, entry) = counter.audit(number)
    assert (entry[0], entry[5]) == ("case.contact", {})
    for slot in ("surat-permohonan", "data-informasi-aplikasi"):
        counter.act("wati", number, f"attach:{slot}", Answers(file=File(sha(slot), PDF, 9)))
    submitted = counter.act("wati", number, "submit", Answers(letter=Letter("421/7", date(2026, 1, 5))))
    assert submitted.case.current is not None
    assert submitted.case.current.state is StageState.ACTIVE
    assert "Wati" not in repr(counter.office.events(number))
    assert Verb.SUBMIT not in {each.ask.verb for each in offers_of(counter, "wati", number)}


def offers_of(counter: Counter, name: str, number: str) -> list[Any]:
    with counter.office.connect() as conn:
        case = desk.look(conn, counter.who(name), number)
        return desk.offers(conn, counter.who(name), case, now=counter.office.now(), setting=SETTING)

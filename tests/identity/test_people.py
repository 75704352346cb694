"""Accounts, roles and delegates: who may be given what, and what the audit tells of it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from identity import links, people
from identity.actors import Actor
from identity.appointments import NewAppointment, appoint, disable, dismiss, enable
from identity.errors import IdentityError, LinkGone, NotAllowed, Taken, Unknown
from identity.opds import EVERYWHERE, OpdSeed, add_opd, add_system, find_opd, opds, seed_opds, switch_opd, systems
from identity.people import NewPerson, add_person, change_person, find_person, office_holders
from identity.permissions import Role
from identity.principals import Scope
from tests.identity.town import BY, NOW, OPDS, TODAY, Town

SITI = NewPerson("siti.aminah", "Siti Aminah", "Staf", "siti@example.go.id", "0812-3456-7890")
DINKES = Scope(everywhere=False, opds=frozenset({"dinkes"}))
HEAD = NewAppointment(Role.KEPALA_DINAS, "kominfo", TODAY)


def test_a_person_is_kept_as_told(town: Town) -> None:
    number = add_person(town.conn, SITI, by=BY, now=NOW)

    found = find_person(town.conn, number)

    assert (found.name, found.shown_name, found.office) == ("siti.aminah", "Siti Aminah", "Staf")
    assert (found.email, found.phone) == ("siti@example.go.id", "+6281234567890")
    assert (found.has_password, found.has_second_factor, found.disabled_at, found.held) == (False, False, None, ())
    assert find_person(town.conn, "siti.aminah") == found
    assert town.acts("people.invite") == [("people.invite", "account:siti.aminah")]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"name": "Siti"}, id="capitals in the login name"),
        pytest.param({"name": "si"}, id="a login name of two letters"),
        pytest.param({"name": "9siti"}, id="a login name that begins with a digit"),
        pytest.param({"name": "s" * 33}, id="a login name of 33 letters"),
        pytest.param({"shown_name": "  "}, id="no name"),
        pytest.param({"shown_name": "x" * 101}, id="a name of 101 characters"),
        pytest.param({"shown_name": "Siti\x00"}, id="NUL"),
        pytest.param({"shown_name": "Siti\u202eitiS"}, id="a control that turns the text around"),
        pytest.param({"office": "\n"}, id="no office"),
        pytest.param({"email": "siti"}, id="no address"),
        pytest.param({"email": "siti@example.go.id\nBcc: x@example.org"}, id="a header in the address"),
        pytest.param({"email": "s" * 65 + "@example.go.id"}, id="an address too long"),
        pytest.param({"phone": "123"}, id="no number"),
    ],
)
def test_what_cannot_be_kept_is_refused(town: Town, change: dict[str, Any]) -> None:
    with pytest.raises(NotAllowed):
        add_person(town.conn, replace(SITI, **change), by=BY, now=NOW)


def test_a_login_name_is_given_once(town: Town) -> None:
    number = add_person(town.conn, SITI, by=BY, now=NOW)

    with pytest.raises(Taken):
        add_person(town.conn, SITI, by=BY, now=NOW)
    with pytest.raises(NotAllowed, match="jejak audit"):
        change_person(town.conn, number, replace(SITI, name="siti"), by=BY, now=NOW)


def test_the_audit_tells_which_parts_of_an_account_changed_and_not_their_values(town: Town) -> None:
    number = add_person(town.conn, SITI, by=BY, now=NOW)

    change_person(town.conn, number, replace(SITI, office="Kepala Seksi", phone=None), by=BY, now=NOW)
    change_person(town.conn, number, replace(SITI, office="Kepala Seksi", phone=None), by=BY, now=NOW)

    assert town.conn.execute("select details from audit.entry where act = 'people.change'").fetchall() == [
        ({"changed": ["office", "phone"]},)
    ]


def test_an_appointment_is_in_the_audit_with_its_letter(town: Town) -> None:
    number = town.person(password=None)
    new = NewAppointment(Role.KABID_APTIKA, "kominfo", TODAY, date(2026, 1, 9), "Plh.", "800/12/2026")

    appoint(town.conn, number, new, by=BY, now=NOW)

    assert town.conn.execute(
        "select actor, actor_kind, opd, subject, details from audit.entry where act = 'people.appoint'"
    ).fetchall() == [
        (
            "penguji",
            "command",
            "kominfo",
            "account:sari",
            {
                "role": "kabid_aptika",
                "acting": "Plh.",
                "letter": "800/12/2026",
                "from_on": "2026-01-05",
                "until_on": "2026-01-09",
            },
        )
    ]


@pytest.mark.parametrize(
    ("new", "reason"),
    [
        pytest.param(replace(HEAD, opd="dinkes"), "hanya ada pada Walidata", id="an office of the Walidata elsewhere"),
        pytest.param(replace(HEAD, opd="tidakada"), "tidak ada", id="no such agency"),
        pytest.param(replace(HEAD, acting="Plt.", until_on=TODAY), "nomor surat", id="a delegate without letter"),
        pytest.param(replace(HEAD, acting="Plh.", letter="800/1/2026"), "nomor surat", id="a delegate without end"),
        pytest.param(
            replace(HEAD, acting="Plh.", letter="  ", until_on=TODAY), "nomor surat", id="a letter without number"
        ),
        pytest.param(replace(HEAD, until_on=TODAY - timedelta(days=1)), "mendahului", id="over before it begins"),
    ],
)
def test_a_role_is_not_given_against_the_rules(town: Town, new: NewAppointment, reason: str) -> None:
    number = town.person(password=None)

    with pytest.raises(IdentityError, match=reason):
        appoint(town.conn, number, new, by=BY, now=NOW)

    assert find_person(town.conn, number).held == ()


@pytest.mark.parametrize(
    ("from_on", "until_on", "allowed"),
    [
        pytest.param(date(2026, 1, 1), date(2026, 1, 4), True, id="before"),
        pytest.param(date(2026, 1, 1), date(2026, 1, 5), False, id="over its first day"),
        pytest.param(date(2026, 1, 31), None, False, id="over its last day"),
        pytest.param(date(2026, 2, 1), None, True, id="after"),
        pytest.param(date(2026, 1, 1), None, False, id="around"),
    ],
)
def test_a_role_is_held_once_on_a_day(town: Town, from_on: date, until_on: date | None, *, allowed: bool) -> None:
    number = town.person("sari", (Role.READER, "dinkes"), password=None, until=date(2026, 1, 31))
    new = NewAppointment(Role.READER, "dinkes", from_on, until_on)

    if allowed:
        assert appoint(town.conn, number, new, by=BY, now=NOW)
    else:
        with pytest.raises(NotAllowed, match="sudah memegang"):
            appoint(town.conn, number, new, by=BY, now=NOW)


def appoint_oneself(town: Town, number: int, by: Actor) -> None:
    appoint(town.conn, number, NewAppointment(Role.STEWARD, "kominfo", TODAY), by=by, now=NOW)


def dismiss_oneself(town: Town, number: int, by: Actor) -> None:
    dismiss(town.conn, number, find_person(town.conn, number).held[0].id, by=by, now=NOW)


def disable_oneself(town: Town, number: int, by: Actor) -> None:
    disable(town.conn, number, by=by, now=NOW)


def enable_oneself(town: Town, number: int, by: Actor) -> None:
    enable(town.conn, number, by=by, now=NOW)


@pytest.mark.parametrize(
    "act", [appoint_oneself, dismiss_oneself, disable_oneself, enable_oneself], ids=lambda act: act.__name__
)
def test_nobody_changes_his_own_roles_or_account(town: Town, act: Callable[[Town, int, Actor], None]) -> None:
    number = town.person("sari", (Role.ADMINISTRATOR, "kominfo"), password=None)

    with pytest.raises(NotAllowed, match="administrator lain"):
        act(town, number, Actor("sari", "person", Role.ADMINISTRATOR, "kominfo"))


def test_a_closed_account_gets_neither_role_nor_link_until_it_is_opened_again(town: Town) -> None:
    number = town.person("sari", (Role.READER, "dinkes"))
    with town.conn.transaction():
        token = links.invite_again(town.conn, number, by=BY, now=NOW)
    disable(town.conn, number, by=BY, now=NOW)

    with pytest.raises(NotAllowed):
        appoint(town.conn, number, NewAppointment(Role.READER, "disdukcapil", TODAY), by=BY, now=NOW)
    with pytest.raises(NotAllowed):
        links.invite_again(town.conn, number, by=BY, now=NOW)
    with pytest.raises(LinkGone):
        links.look_at(town.conn, token, now=NOW)
    enable(town.conn, number, by=BY, now=NOW)

    assert town.signed_in().person_id == number
    assert town.acts("people.disable", "people.enable") == [
        ("people.disable", "account:sari"),
        ("people.enable", "account:sari"),
    ]


def test_an_office_has_its_holder_first_and_then_who_stands_in(town: Town) -> None:
    town.person("budi", (Role.KABID_APTIKA, "kominfo"), password=None, acting="Plh.", until=TODAY)
    town.person("sari", (Role.KABID_APTIKA, "kominfo"), password=None)
    gone = town.person("umar", (Role.KABID_APTIKA, "kominfo"), password=None)
    disable(town.conn, gone, by=BY, now=NOW)

    today = office_holders(town.conn, "kominfo", Role.KABID_APTIKA, on=TODAY)
    tomorrow = office_holders(town.conn, "kominfo", Role.KABID_APTIKA, on=TODAY + timedelta(days=1))

    assert [(each.name, each.acting) for each in today] == [("sari", None), ("budi", "Plh.")]
    assert [each.name for each in tomorrow] == ["sari"]


def test_a_list_of_people_stays_within_its_scope_and_goes_page_by_page(town: Town) -> None:
    for each in range(5):
        town.person(f"orang{each}", (Role.READER, "dinkes" if each % 2 else "disdukcapil"), password=None)

    everybody = people.people(town.conn, EVERYWHERE)
    first = people.people(town.conn, EVERYWHERE, limit=2)
    second = people.people(town.conn, EVERYWHERE, after=first[-1].name, limit=2)

    assert [each.name for each in everybody] == [f"orang{each}" for each in range(5)]
    assert [each.name for each in first + second] == [each.name for each in everybody[:4]]
    assert [each.name for each in people.people(town.conn, DINKES)] == ["orang1", "orang3"]
    assert [each.name for each in people.people(town.conn, EVERYWHERE, search="CONTOH ORANG3")] == ["orang3"]
    assert people.people(town.conn, EVERYWHERE, search="%") == []


def test_agencies_follow_the_instance_and_none_is_taken_away(town: Town) -> None:
    renamed = (replace(OPDS[1], name="Dinas Baru"), replace(OPDS[2], walidata=True), replace(OPDS[0], walidata=False))

    again = seed_opds(town.conn, OPDS, by=BY, now=NOW)
    changed = seed_opds(town.conn, renamed, by=BY, now=NOW)
    fewer = seed_opds(town.conn, renamed[:1], by=BY, now=NOW)

    assert (again, changed, fewer) == (0, 2, 0)
    assert [(each.code, each.walidata) for each in opds(town.conn)] == [
        ("disdukcapil", False),
        ("dinkes", True),
        ("kominfo", False),
    ]
    assert find_opd(town.conn, "disdukcapil").name == "Dinas Baru"


@pytest.mark.parametrize("code", ["Dinkes", "d", "dp", "1dinas", "d-inas", "d" * 25, "dinas.", "dinas\n", ""])
def test_an_agency_needs_a_code_that_can_stand_in_a_topic(town: Town, code: str) -> None:
    with pytest.raises(NotAllowed):
        add_opd(town.conn, OpdSeed(code, "Dinas", "Dinas"), by=BY, now=NOW)


def test_an_agency_that_is_switched_off_takes_nobody_in(town: Town) -> None:
    number = town.person(password=None)
    switch_opd(town.conn, "dinkes", active=False, by=BY, now=NOW)

    with pytest.raises(NotAllowed, match="tidak aktif"):
        appoint(town.conn, number, NewAppointment(Role.READER, "dinkes", TODAY), by=BY, now=NOW)
    with pytest.raises(NotAllowed, match="tidak aktif"):
        add_system(town.conn, "dinkes", "simrs", "SIMRS", by=BY, now=NOW)


def test_systems_stay_within_their_scope(town: Town) -> None:
    add_system(town.conn, "dinkes", "simrs", "SIMRS", by=BY, now=NOW)
    add_system(town.conn, "disdukcapil", "siak", "SIAK", by=BY, now=NOW)

    with pytest.raises(Taken):
        add_system(town.conn, "dinkes", "simrs", "Lain", by=BY, now=NOW)
    with pytest.raises(NotAllowed):
        add_system(town.conn, "dinkes", "SIM RS", "SIMRS", by=BY, now=NOW)
    with pytest.raises(Unknown):
        add_system(town.conn, "tidakada", "simrs", "SIMRS", by=BY, now=NOW)

    assert [(each.opd, each.code) for each in systems(town.conn, DINKES)] == [("dinkes", "simrs")]
    assert len(systems(town.conn)) == 2


def test_an_act_and_its_audit_entry_stand_or_fall_together(town: Town) -> None:
    number = town.person(password=None)
    before = town.count("select count(*) from audit.entry")

    with town.conn.transaction(force_rollback=True):
        appoint(town.conn, number, HEAD, by=BY, now=NOW)

    assert find_person(town.conn, number).held == ()
    assert town.count("select count(*) from audit.entry") == before


@pytest.mark.parametrize("statement", ["update audit.entry set actor = 'x'", "delete from identity.person"])
def test_the_pages_cannot_undo_what_was_done(town: Town, statement: str) -> None:
    town.person(password=None)

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        town.conn.execute(statement)


@pytest.mark.parametrize("table", ["password", "second_factor", "recovery_code", "session", "device", "tries", "link"])
def test_the_process_of_jobs_reads_no_secret(town: Town, database: Any, table: str) -> None:
    with database.connect("simpul_jobs") as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute(SQL("select t.* from identity.{} t").format(Identifier(table)))

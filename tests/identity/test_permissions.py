"""The table of permissions: what must never be in it, and how a principal reads it."""

import itertools
from datetime import date
from pathlib import Path

import pytest

from identity.permissions import ROLE_TITLES, ROWS, TABLE, TITLES, TOKEN_PERMISSIONS, Permission, Reach, Role, reach
from identity.principals import Appointment, Principal, TokenPrincipal
from tests.conftest import Database

EXPECTED = Path(__file__).with_name("permissions.expected.txt")
PERSONAL_VALUES = {Permission.VIEW_RECORDS, Permission.UNMASK}
CHANGES = {
    each
    for each in Permission
    if each.rpartition(".")[2]
    in {"manage", "decide", "control", "acknowledge", "silence", "send", "unmask", "begin", "act"}
} - {Permission.MANAGE_ACCOUNT}


def person(*roles: tuple[Role, str]) -> Principal:
    return Principal(1, "sari", "Contoh Sari", tuple(Appointment(role, opd) for role, opd in roles))


def test_every_role_and_permission_has_its_cell_and_its_title() -> None:
    assert {(role, permission) for role in TABLE for permission in TABLE[role]} == set(
        itertools.product(Role, Permission)
    )
    assert len(ROWS) == len(Permission)
    assert set(TITLES) == set(Permission)
    assert set(ROLE_TITLES) == set(Role)
    assert [row.permission for row in ROWS if row.own & row.everywhere] == []


def test_each_cell_is_as_it_was_reviewed() -> None:
    lines = [line.split() for line in EXPECTED.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    roles = lines[0][1:]
    words = {"-": Reach.NONE, "own": Reach.OWN, "all": Reach.ALL}
    expected = {
        (role, permission): words[cell]
        for permission, *cells in lines[1:]
        for role, cell in zip(roles, cells, strict=True)
    }

    assert {(role.value, each.value): TABLE[role][each] for role in Role for each in Permission} == expected


def test_the_database_knows_the_same_roles(database: Database) -> None:
    with database.connect() as conn:
        ((text,),) = conn.execute(
            "select pg_get_constraintdef(oid) from pg_constraint where conname = 'appointment_role'"
        ).fetchall()

    assert {word.split("'")[1] for word in text.split(",") if "'" in word} == {role.value for role in Role}


@pytest.mark.parametrize("permission", sorted(PERSONAL_VALUES))
def test_an_administrator_sees_no_personal_values(permission: Permission) -> None:
    assert TABLE[Role.ADMINISTRATOR][permission] is Reach.NONE


@pytest.mark.parametrize("permission", sorted(CHANGES))
def test_an_auditor_reads_everything_and_changes_nothing(permission: Permission) -> None:
    assert TABLE[Role.AUDITOR][permission] is Reach.NONE


def test_an_auditor_sees_every_list_there_is() -> None:
    views = {each for each in Permission if each.endswith(".view")} - {Permission.VIEW_COMPONENTS}

    assert {each for each in views if TABLE[Role.AUDITOR][each] is not Reach.ALL} == set()


@pytest.mark.parametrize("role", [Role.OPD_ADMIN, Role.OPD_PROGRAMMER, Role.READER])
def test_people_of_an_agency_reach_no_other_agency(role: Role) -> None:
    common = {Permission.MANAGE_ACCOUNT, Permission.VIEW_CATALOGUE, Permission.VIEW_CALENDAR}

    assert {each for each in Permission if TABLE[role][each] is Reach.ALL} == common


def test_only_the_auditor_reads_the_audit_and_only_the_administrator_manages_accounts() -> None:
    assert {role for role in Role if TABLE[role][Permission.VIEW_AUDIT] is not Reach.NONE} == {Role.AUDITOR}
    assert {role for role in Role if TABLE[role][Permission.MANAGE_PEOPLE] is not Reach.NONE} == {Role.ADMINISTRATOR}


def test_no_role_reaches_nothing() -> None:
    nobody = person()

    assert reach([], Permission.VIEW_EXCHANGE) is Reach.NONE
    assert [each for each in Permission if nobody.may(each)] == []
    assert nobody.scope(Permission.VIEW_EXCHANGE).is_empty


def test_own_means_the_agency_in_which_the_role_is_held() -> None:
    somebody = person((Role.OPD_ADMIN, "dinkes"), (Role.READER, "disdukcapil"))

    assert somebody.may(Permission.VIEW_DEAD_LETTERS)
    assert somebody.may(Permission.VIEW_DEAD_LETTERS, "dinkes")
    assert not somebody.may(Permission.VIEW_DEAD_LETTERS, "disdukcapil")
    assert somebody.scope(Permission.VIEW_EXCHANGE).opds == {"dinkes", "disdukcapil"}
    assert not somebody.may(Permission.MANAGE_PEOPLE)


def test_a_wider_role_adds_to_a_narrower_one_and_the_audit_names_the_narrower() -> None:
    both = person((Role.OPERATOR, "kominfo"), (Role.OPD_ADMIN, "dinkes"))

    assert both.may(Permission.VIEW_DEAD_LETTERS, "disdukcapil")
    acted = [both.acting_as(Permission.VIEW_DEAD_LETTERS, opd) for opd in ("dinkes", "disdukcapil")]
    assert [each and each.role for each in acted] == [Role.OPD_ADMIN, Role.OPERATOR]
    assert both.acting_as(Permission.MANAGE_PEOPLE) is None


def test_a_delegate_has_what_the_office_has() -> None:
    delegate = Principal(
        1, "sari", "Contoh Sari", (Appointment(Role.KEPALA_DINAS, "kominfo", "Plt.", date(2026, 3, 1)),)
    )

    assert {each for each in Permission if delegate.may(each)} == {
        each for each in Permission if TABLE[Role.KEPALA_DINAS][each] is not Reach.NONE
    }


def test_a_token_is_for_its_agency_its_documents_and_its_acts_alone() -> None:
    token = TokenPrincipal(1, "dinkes", "simrs", frozenset({"rekam"}), frozenset({Permission.SEND_EVENTS}))

    assert token.may(Permission.SEND_EVENTS, "dinkes")
    assert not token.may(Permission.SEND_EVENTS, "disdukcapil")
    assert not token.may(Permission.VIEW_EXCHANGE)
    assert token.scope(Permission.VIEW_EXCHANGE).is_empty
    assert (token.covers("rekam"), token.covers("faskes")) == (True, False)
    assert TokenPrincipal(1, "dinkes", "simrs", None, frozenset()).covers("faskes")


def test_no_token_manages_anything() -> None:
    assert {each for each in TOKEN_PERMISSIONS if each in CHANGES} == {Permission.SEND_EVENTS, Permission.UNMASK}

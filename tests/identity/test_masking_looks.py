"""Unmasked looks: what a grant opens, and that nothing is told of which the audit does not tell."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from cli.stack.postgres import SUPERUSER
from hub_db.connection import connect
from hub_db.errors import HubDbError
from identity.actors import Actor
from identity.audit_chain import seal
from identity.audit_verify import verify
from identity.errors import NotAllowed, Unknown
from identity.grants import Grant, WantedGrant, add_grant, end_agreement, revoke_grant
from identity.looks import Look, Looker, look_unmasked, looks_since, mass_looks, search_unmasked
from identity.masking import Viewer
from identity.permissions import Role
from identity.principals import Caller
from identity.records import records
from schemas.contract import Value
from schemas.names import FieldName
from tests.conftest import Database
from tests.identity.people_of_test import (
    CHIEF,
    NOW,
    PSEUDONYMS,
    PURPOSE,
    RESIDENTS,
    ZONE,
    Population,
    canaries,
    document,
    field_names,
    fill,
    person,
    seen,
)

READER = Viewer(opds=frozenset({"disdukcapil"}))
FILTER = {FieldName("kode_pos"): "16001"}


class Desk:
    """Where somebody of dinsos looks at residents, on the connection of the page's process."""

    def __init__(self, population: Population) -> None:
        self.population = population
        self.grant = population.grant("nik", "nama", "alamat")
        self.web: Connection[TupleRow] = connect(population.database.dsn("simpul_web"), process="test")
        self.admin = population.database.connect(SUPERUSER, autocommit=True)
        self.rows = list(population.rows)

    def looker(self, caller: Caller | None = None, grant: Grant | None = None) -> Looker:
        return Looker(
            caller or person(Role.READER, "dinsos"),
            Actor("sari", "person", Role.READER, "dinsos"),
            grant or self.grant,
        )

    def addresses(self, count: int = 3) -> list[str]:
        return [each.address for each in records(self.web, RESIDENTS, READER, filters=FILTER, limit=count)]

    def look(self, addresses: list[str] | None = None, **more: Any) -> Look:
        chosen = {"purpose": PURPOSE, **more}
        return look_unmasked(
            self.web, RESIDENTS, chosen.pop("looker", self.looker()), addresses or self.addresses(), **chosen
        )

    def entries(self) -> list[tuple[Any, ...]]:
        return self.admin.execute(
            "select actor, actor_kind, role, opd, act, subject, purpose, details from audit.entry"
            " where act like 'records.%' order by id"
        ).fetchall()

    def close(self) -> None:
        self.web.close()
        self.admin.close()


@pytest.fixture
def desk(database: Database) -> Iterator[Desk]:
    made = Desk(Population.settle(database, 120))
    yield made
    made.close()


def test_a_look_tells_what_is_granted_and_nothing_else(desk: Desk) -> None:
    marked = frozenset(canaries(desk.population.rows))
    told = desk.look(desk.addresses(5)).records

    assert [set(each.values) for each in told] == [{"nik", "nama", "alamat"}] * 5
    for each in told:
        row = desk.population.rows[str(each.values[FieldName("nik")])]
        assert dict(each.values) == {name: row[name] for name in ("nik", "nama", "alamat")}
        assert seen(marked, each) == {str(row[name]) for name in ("nik", "nama", "alamat")}


def test_a_look_may_open_less_than_is_granted(desk: Desk) -> None:
    told = desk.look(fields=field_names("nama")).records

    assert [set(each.values) for each in told] == [{"nama"}] * 3


def test_values_come_in_the_type_of_their_field(desk: Desk) -> None:
    grant = desk.population.grant("nik", "tanggal_lahir", "nik_pengganti", "sumber_diubah", reader="dinkes")
    looker = desk.looker(person(Role.READER, "dinkes"), grant)
    told = desk.look(looker=looker).records[0].values

    row = desk.population.rows[str(told[FieldName("nik")])]
    assert dict(told) == {name: row[name] for name in ("nik", "tanggal_lahir", "nik_pengganti", "sumber_diubah")}


def test_the_audit_has_an_entry_for_each_row_before_anything_is_told(desk: Desk) -> None:
    look = desk.look()

    expected = [
        (
            "sari", "person", "reader", "dinsos", "records.unmask",
            PSEUDONYMS.of("penduduk", str(each.values[FieldName("nik")])), PURPOSE,
            {"entity": "penduduk", "owner": "disdukcapil", "fields": ["nik", "nama", "alamat"], "grant": desk.grant.id},
        )
        for each in look.records
    ]  # fmt: skip
    assert desk.entries() == expected
    assert len(look.entries) == 3


def test_no_value_stands_in_the_audit_or_in_what_is_returned_for_links(desk: Desk) -> None:
    marked = frozenset(canaries(desk.population.rows))
    look = desk.look()
    search_unmasked(desk.web, RESIDENTS, desk.looker(), desk.rows[:2], purpose=PURPOSE)

    assert seen(marked, desk.entries()) == set()
    assert seen(marked, [each.address for each in look.records]) == set()


def test_without_the_audit_nothing_is_told(desk: Desk) -> None:
    addresses = desk.addresses()
    desk.admin.execute(
        "create function audit.fail() returns trigger language plpgsql as"
        " $$ begin raise exception 'the disk is full' using errcode = '53100'; end $$"
    )
    desk.admin.execute("create trigger fails before insert on audit.entry for each row execute function audit.fail()")

    with pytest.raises(HubDbError) as refused:
        desk.look(addresses)

    assert seen(frozenset(canaries(desk.population.rows)), str(refused.value)) == set()
    assert desk.entries() == []


def test_who_rolls_the_audit_back_has_seen_nothing(desk: Desk) -> None:
    """As somebody would try who gets SQL into the page: ask and tell in one transaction, then undo."""
    address = desk.addresses(1)
    asked = "select masked.ask('penduduk', %s, false, '{nama}', %s, %s, 'sari', 'person', 'reader', 'dinsos')"
    desk.web.execute("begin")
    entries = desk.web.execute(asked, (address, desk.grant.id, PURPOSE)).fetchall()[0][0]
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no committed entry"):
        desk.web.execute("select told from masked.tell(%s, %s)", (entries, address))
    desk.web.execute("rollback")

    assert desk.entries() == []


def test_nor_who_does_it_in_a_savepoint(desk: Desk) -> None:
    address = desk.addresses(1)
    asked = "select masked.ask('penduduk', %s, false, '{nama}', %s, %s, 'sari', 'person', 'reader', 'dinsos')"
    desk.web.execute("begin")
    desk.web.execute("savepoint inner_one")
    entries = desk.web.execute(asked, (address, desk.grant.id, PURPOSE)).fetchall()[0][0]
    desk.web.execute("release savepoint inner_one")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        desk.web.execute("select told from masked.tell(%s, %s)", (entries, address))
    desk.web.execute("rollback")

    assert desk.entries() == []


def test_an_entry_tells_its_own_row_and_no_other(desk: Desk) -> None:
    look = desk.look(desk.addresses(1))
    other = desk.addresses(2)[1]

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="something else"):
        desk.web.execute("select told from masked.tell(%s, %s)", (list(look.entries), [other])).fetchall()


def test_an_entry_that_is_old_tells_nothing(desk: Desk) -> None:
    look = desk.look(desk.addresses(1))
    address = [each.address for each in look.records]
    desk.admin.execute("alter table audit.entry disable trigger all")
    desk.admin.execute("update audit.entry set at = at - interval '2 minutes'")

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="no committed entry"):
        desk.web.execute("select told from masked.tell(%s, %s)", (list(look.entries), address)).fetchall()


@pytest.mark.parametrize(
    "purpose", ["", "perlu", " " * 40, "sembilan belas huru", "sembilan belas huru" + " " * 9], ids=len
)
def test_a_look_needs_a_purpose_of_twenty_letters(desk: Desk, purpose: str) -> None:
    with pytest.raises(NotAllowed, match="tujuan"):
        desk.look(purpose=purpose)

    assert desk.entries() == []


@pytest.mark.parametrize("count", [0, 101])
def test_a_look_is_at_one_row_or_at_a_bounded_list(desk: Desk, count: int) -> None:
    with pytest.raises(NotAllowed, match="1 sampai 100"):
        look_unmasked(desk.web, RESIDENTS, desk.looker(), ["x"] * count, purpose=PURPOSE)

    assert desk.entries() == []


def test_a_hundred_rows_are_a_look(desk: Desk) -> None:
    assert len(desk.look(desk.addresses(100)).records) == 100
    assert len(desk.entries()) == 100


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.READER, Role.OPD_ADMIN, Role.STEWARD}])
def test_a_grant_does_not_help_who_has_no_permission(desk: Desk, role: Role) -> None:
    with pytest.raises(NotAllowed, match="Peran"):
        desk.look(looker=desk.looker(person(role, "dinsos")))


def test_a_permission_in_another_opd_does_not_help_either(desk: Desk) -> None:
    with pytest.raises(NotAllowed, match="Peran"):
        desk.look(looker=desk.looker(person(Role.READER, "dinkes")))


@pytest.mark.parametrize("fields", [("nama", "golongan_darah"), ("_clear",), ()])
def test_what_the_grant_does_not_name_stays_closed(desk: Desk, fields: tuple[str, ...]) -> None:
    with pytest.raises(NotAllowed, match="tidak mencakup"):
        desk.look(fields=field_names(*fields))


def test_the_database_itself_asks_whether_the_grant_covers_it(desk: Desk) -> None:
    """A grant that the process made up, or widened."""
    wider = replace(desk.grant, fields=[*desk.grant.fields, FieldName("golongan_darah")])
    other = replace(desk.grant, id=desk.grant.id + 1)

    for grant in (wider, other):
        with pytest.raises(NotAllowed, match="tidak berlaku lagi"):
            desk.look(looker=desk.looker(grant=grant))
    assert desk.entries() == []


def test_a_revoked_grant_opens_nothing_at_the_next_query(desk: Desk) -> None:
    addresses = desk.addresses()
    assert len(desk.look(addresses).records) == 3
    with desk.population.database.connect("simpul_web") as other:
        revoke_grant(other, desk.grant.id, by=CHIEF, reason="Tujuan sudah tercapai", now=NOW)

    with pytest.raises(NotAllowed, match="tidak berlaku lagi"):
        desk.look(addresses)


def test_a_grant_dies_with_its_agreement(desk: Desk) -> None:
    addresses = desk.addresses()
    with desk.population.database.connect("simpul_web") as other:
        assert end_agreement(other, str(desk.grant.agreement), by=CHIEF, reason="Diakhiri bersama", now=NOW) == 1

    with pytest.raises(NotAllowed, match="tidak berlaku lagi"):
        desk.look(addresses)


def test_a_grant_that_is_over_opens_nothing(desk: Desk) -> None:
    addresses = desk.addresses()
    desk.admin.execute("update identity.\"grant\" set ends_at = clock_timestamp() - interval '1 second'")

    with pytest.raises(NotAllowed, match="tidak berlaku lagi"):
        desk.look(addresses)


def test_a_search_for_a_number_is_a_look(desk: Desk) -> None:
    nik = desk.rows[4]
    told = search_unmasked(desk.web, RESIDENTS, desk.looker(), [nik], purpose=PURPOSE)

    assert [dict(each.values)[FieldName("nik")] for each in told.records] == [nik]
    assert told.records[0].address in desk.addresses(120)
    assert [(row[4], row[5]) for row in desk.entries()] == [("records.search", PSEUDONYMS.of("penduduk", nik))]


@pytest.mark.parametrize("key", ["3201990000000000", "", "a|b", "' or true --", "3201130000910000 "])
def test_a_search_that_finds_nothing_is_told_by_the_audit_too(desk: Desk, key: str) -> None:
    told = search_unmasked(desk.web, RESIDENTS, desk.looker(), [key], purpose=PURPOSE)

    assert told.records == ()
    assert [(row[4], row[5]) for row in desk.entries()] == [("records.search", PSEUDONYMS.of("penduduk", key))]


def test_a_row_whose_key_has_parts_is_looked_at_like_any_other(desk: Desk) -> None:
    children = document("dinkes.sasaran-kia")
    rows: list[dict[str, Value]] = [
        {
            "nik": nik, "jenis": kind, "puskesmas": "P3201", "tanggal_ukur": date(2026, 1, 2), "dipantau": True,
            "berat_kg": Decimal("9.50"), "tinggi_cm": Decimal("71.00"), "sumber_diubah": NOW,
        }
        for nik, kind in zip(desk.rows[:2], ("BALITA", "IBU_HAMIL"), strict=True)
    ]  # fmt: skip
    with desk.population.database.connect() as owner:
        fill(owner, children, rows)
    wanted = WantedGrant(
        "dinsos",
        ("nik", "jenis", "berat_kg", "dipantau"),
        PURPOSE,
        "Perbup 1/2026",
        date(2026, 12, 31),
        None,
        "Perbup 1",
    )
    with desk.population.database.connect() as owner:
        grant = add_grant(owner, children, wanted, by=CHIEF, zone=ZONE, now=NOW)
    owner_viewer = Viewer(opds=frozenset({"dinkes"}))
    seen_at = {FieldName("sumber_diubah"): NOW.isoformat()}
    addresses = [each.address for each in records(desk.web, children, owner_viewer, filters=seen_at)]

    looked = look_unmasked(desk.web, children, desk.looker(grant=grant), addresses, purpose=PURPOSE).records
    (searched,) = search_unmasked(
        desk.web, children, desk.looker(grant=grant), [f"{desk.rows[0]}|BALITA"], purpose=PURPOSE
    ).records

    assert sorted(str(each.values[FieldName("nik")]) for each in looked) == sorted(desk.rows[:2])
    assert dict(searched.values) == {name: rows[0][name] for name in ("nik", "jenis", "berat_kg", "dipantau")}
    assert searched.address in addresses


def test_a_handle_that_was_made_up_is_unknown(desk: Desk) -> None:
    with pytest.raises(Unknown):
        desk.look([desk.rows[0]])

    assert desk.entries() == []


def test_a_look_commits_by_itself_and_refuses_to_stand_in_anothers_transaction(desk: Desk) -> None:
    addresses = desk.addresses()
    with desk.web.transaction(), pytest.raises(ValueError, match="transaction"):
        desk.look(addresses)

    assert desk.entries() == []


def test_looks_are_counted_and_many_of_one_person_stand_out(desk: Desk) -> None:
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    desk.look(desk.addresses(51))
    search_unmasked(
        desk.web, RESIDENTS, replace(desk.looker(), actor=Actor("budi", "person")), desk.rows[:50], purpose=PURPOSE
    )

    assert (looks_since(desk.web, "sari", hour_ago), looks_since(desk.web, "budi", hour_ago)) == (51, 50)
    assert [(each.actor, each.opd, each.looks) for each in mass_looks(desk.web, since=hour_ago)] == [
        ("sari", "dinsos", 51)
    ]
    assert mass_looks(desk.web, since=datetime.now(UTC) + timedelta(minutes=1)) == []


def test_entries_of_looks_are_sealed_like_all_others(desk: Desk) -> None:
    desk.look()
    with connect(desk.population.database.dsn("simpul_jobs"), process="test") as jobs:
        assert seal(jobs) == 5  # an agreement, a grant, three rows
        assert verify(jobs).is_whole


def test_a_grant_of_today_holds_until_midnight_here(desk: Desk) -> None:
    grant = desk.population.grant("nik", "alamat", until=date(2026, 1, 5))

    assert grant.ends_at == datetime(2026, 1, 5, 17, 0, tzinfo=UTC)
    assert grant.holds(datetime(2026, 1, 5, 16, 59, 59, tzinfo=UTC))
    assert not grant.holds(datetime(2026, 1, 5, 17, 0, tzinfo=UTC))

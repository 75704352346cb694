"""Requests for access: what may be asked, who decides, what a yes of both offices gives, and how it ends."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from identity import access_requests, deletions
from identity.access_reading import AccessRequest, WantedAccess, desk_of, find, missing, requests, steps
from identity.access_requests import agree, ask, name_agreement, refuse, withdraw
from identity.access_states import Side, State, Step
from identity.actors import Actor
from identity.errors import NotAllowed, Unknown
from identity.grants import WantedAgreement, add_agreement, all_grants, grants_of, revoke_grant
from identity.looks import Looker, look_unmasked
from identity.masking import viewer_of
from identity.permissions import Role
from identity.principals import Appointment, Principal, Scope
from identity.records import records
from schemas.contract import Contract
from tests.conftest import Database
from tests.identity.people_of_test import NOW, PURPOSE, REGIONS, RESIDENTS, ZONE, Population, person
from tests.identity.test_masking_looks import FILTER

EVERYWHERE = Scope(everywhere=True, opds=frozenset())
ASKER = Actor("sari", "person", Role.READER, "dinsos")
OWNER = Actor("wati", "person", Role.OPD_ADMIN, "disdukcapil")
WALIDATA = Actor("kepala", "person", Role.KEPALA_DINAS, "kominfo")
REASON = "Sesuai tugas dan fungsi OPD pembaca"
PKS = "415.4/12/2026"
WANTED = WantedAccess(
    "dinsos", ("nik", "nama"), PURPOSE, "UU 24/2013 Pasal 58", date(2026, 1, 5), date(2026, 6, 30), PKS
)
DAY = timedelta(days=1)


@pytest.fixture
def population(database: Database) -> Population:
    return Population.settle(database, 3)


@pytest.fixture
def office(population: Population) -> Iterator[Connection[TupleRow]]:
    """The page's process."""
    with population.database.connect("simpul_web", autocommit=True) as conn:
        yield conn


def enter_pks(conn: Connection[TupleRow], *fields: str, until: date = date(2026, 6, 30)) -> None:
    elements = tuple(f"penduduk.{name}" for name in fields or ("nik", "nama"))
    add_agreement(conn, WantedAgreement(PKS, "dinsos", elements, PURPOSE, until), by=WALIDATA, zone=ZONE, now=NOW)


def file(conn: Connection[TupleRow], contract: Contract = RESIDENTS, **changes: Any) -> AccessRequest:
    return ask(conn, contract, replace(WANTED, **changes), by=ASKER, zone=ZONE, now=NOW)


def say_yes(
    conn: Connection[TupleRow], number: int, side: Side, by: Actor, *, now: datetime = NOW, reason: str = REASON
) -> AccessRequest:
    with conn.transaction():
        return agree(conn, RESIDENTS, number, side=side, by=by, reason=reason, zone=ZONE, now=now)


def granted(conn: Connection[TupleRow], **changes: Any) -> AccessRequest:
    enter_pks(conn)
    number = file(conn, **changes).id
    say_yes(conn, number, Side.OWNER, OWNER)
    return say_yes(conn, number, Side.WALIDATA, WALIDATA)


def told(conn: Connection[TupleRow]) -> list[tuple[Any, ...]]:
    """Act, actor and subject of the audit's entries."""
    return conn.execute("select act, actor, subject, opd from audit.entry order by id").fetchall()


def facts(database: Database) -> list[tuple[Any, ...]]:
    with database.connect() as conn:
        return conn.execute("select kind, key, actor, role, unit, data from hub.fact order by id").fetchall()


def test_a_request_that_both_offices_agree_to_is_a_grant(office: Connection[TupleRow], population: Population) -> None:
    request = granted(office)

    (grant,) = grants_of(office, "dinsos", on=NOW)
    assert (request.state, request.grant_id) == (State.GRANTED, grant.id)
    assert (grant.fields, grant.agreement, grant.until) == (["nik", "nama"], PKS, date(2026, 6, 30))
    assert grant.granted_by == "kepala"
    assert [(each.step, each.actor, each.role, each.opd) for each in steps(office, request.id)] == [
        (Step.ASK, "sari", "reader", "dinsos"),
        (Step.AGREE, "wati", "opd_admin", "disdukcapil"),
        (Step.DECIDE, "kepala", "kepala_dinas", "kominfo"),
        (Step.GRANT, "kepala", "kepala_dinas", "kominfo"),
    ]
    about = f"access:{request.id}"
    assert told(office) == [
        ("agreement.add", "kepala", f"agreement:{PKS}", "dinsos"),
        ("access.request", "sari", about, "dinsos"),
        ("access.agree", "wati", about, "dinsos"),
        ("access.decide", "kepala", about, "dinsos"),
        ("grant.add", "kepala", f"grant:{grant.id}", "dinsos"),
        ("access.grant", "kepala", about, "dinsos"),
    ]
    found = facts(population.database)
    assert [row[:5] for row in found] == [
        ("access.requested", "disdukcapil.penduduk", "sari", "reader", "dinsos"),
        ("access.agreed", "disdukcapil.penduduk", "wati", "opd_admin", "disdukcapil"),
        ("access.decided", "disdukcapil.penduduk", "kepala", "kepala_dinas", "kominfo"),
        ("access.granted", "disdukcapil.penduduk", "kepala", "kepala_dinas", "kominfo"),
    ]
    assert found[-1][5] == {
        "request": request.id, "reader": "dinsos", "owner": "disdukcapil", "fields": ["nik", "nama"],
        "until": "2026-06-30", "grant": grant.id,
    }  # fmt: skip
    assert PURPOSE not in str(found)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"fields": ("nik", "gaji")}, "gaji tidak ada", id="a field that the contract does not know"),
        pytest.param({"fields": ()}, "paling sedikit satu", id="no field"),
        pytest.param({"purpose": "perlu"}, "Tujuan paling sedikit 20", id="no purpose to speak of"),
        pytest.param({"legal_basis": " "}, "Dasar hukum", id="no legal basis"),
        pytest.param({"fields": ("golongan_darah",)}, "data spesifik", id="specific data without a basis"),
        pytest.param(
            {"until": date(2026, 1, 4), "starts": date(2026, 1, 1)}, "sudah lewat", id="over before it begins"
        ),
        pytest.param({"starts": date(2026, 7, 1)}, "lebih awal", id="ends before it begins"),
        pytest.param({"reader": "disdukcapil"}, "memiliki dokumen ini", id="the owner itself"),
        pytest.param({"purpose": "a" * 30 + "\0"}, "Tujuan", id="a NUL"),
    ],
)
def test_what_cannot_be_asked(office: Connection[TupleRow], changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(NotAllowed, match=reason):
        file(office, **changes)

    assert requests(office, EVERYWHERE) == []


def test_population_data_without_pks_are_asked_for_but_not_granted(office: Connection[TupleRow]) -> None:
    request = file(office, agreement=None)
    say_yes(office, request.id, Side.OWNER, OWNER)

    assert missing(office, RESIDENTS, request.wanted, zone=ZONE, now=NOW) == [
        "Data kependudukan (disdukcapil.penduduk) hanya dibuka dengan PKS; nomornya belum disebut."
    ]
    with pytest.raises(NotAllowed, match="Belum dapat diberikan: Data kependudukan"):
        say_yes(office, request.id, Side.WALIDATA, WALIDATA)
    assert (find(office, request.id).state, all_grants(office, EVERYWHERE)) == (State.AGREED, [])

    name_agreement(office, request.id, PKS, by=ASKER, now=NOW)
    with pytest.raises(NotAllowed, match=f"PKS {PKS} belum tercatat"):
        say_yes(office, request.id, Side.WALIDATA, WALIDATA)
    enter_pks(office)

    assert say_yes(office, request.id, Side.WALIDATA, WALIDATA).state is State.GRANTED


def test_everything_that_a_pks_lacks_is_said_at_once(office: Connection[TupleRow]) -> None:
    enter_pks(office, "nik", until=date(2026, 3, 31))
    request = file(office, fields=("nik", "nama"))

    assert missing(office, RESIDENTS, request.wanted, zone=ZONE, now=NOW) == [
        f"PKS {PKS} berakhir pada 2026-03-31; Hak Akses tidak dapat lebih lama.",
        f"PKS {PKS} tidak memuat penduduk.nama.",
    ]


def test_what_is_no_population_data_needs_no_pks(office: Connection[TupleRow]) -> None:
    request = file(office, REGIONS, fields=("kode", "nama"), agreement=None)
    agree(
        office,
        REGIONS,
        request.id,
        side=Side.OWNER,
        by=replace(OWNER, opd="kominfo"),
        reason=REASON,
        zone=ZONE,
        now=NOW,
    )
    found = agree(office, REGIONS, request.id, side=Side.WALIDATA, by=WALIDATA, reason=REASON, zone=ZONE, now=NOW)

    assert found.state is State.GRANTED


def test_who_asks_does_not_decide_and_nobody_decides_twice(office: Connection[TupleRow]) -> None:
    enter_pks(office)
    number = file(office).id

    with pytest.raises(NotAllowed, match="Yang mengajukan tidak memutuskan"):
        say_yes(office, number, Side.OWNER, replace(OWNER, name="sari"))
    with pytest.raises(NotAllowed, match="Yang mengajukan tidak memutuskan"):
        refuse(office, number, side=Side.OWNER, by=replace(OWNER, name="sari"), reason=REASON, now=NOW)
    say_yes(office, number, Side.OWNER, OWNER)
    for name in ("sari", "wati"):
        with pytest.raises(NotAllowed, match="satu orang tidak memutuskan di dua meja"):
            say_yes(office, number, Side.WALIDATA, replace(WALIDATA, name=name))


def test_the_owner_comes_first(office: Connection[TupleRow]) -> None:
    number = file(office).id

    with pytest.raises(NotAllowed, match="Bukan giliran Anda: menunggu pemilik data"):
        say_yes(office, number, Side.WALIDATA, WALIDATA)
    with pytest.raises(NotAllowed, match="Alasan paling sedikit 20"):
        say_yes(office, number, Side.OWNER, OWNER, reason="Setuju saja")


@pytest.mark.parametrize("side", [Side.OWNER, Side.WALIDATA])
def test_a_no_of_either_office_ends_it_with_its_reason(office: Connection[TupleRow], side: Side) -> None:
    number = file(office).id
    if side is Side.WALIDATA:
        say_yes(office, number, Side.OWNER, OWNER)

    refuse(office, number, side=side, by=WALIDATA, reason="Tujuannya tidak sesuai tugas OPD", now=NOW)

    assert find(office, number).state is State.REFUSED
    assert steps(office, number)[-1].reason == "Tujuannya tidak sesuai tugas OPD"
    with pytest.raises(NotAllowed, match="tidak dapat diubah lagi: Tidak disetujui"):
        withdraw(office, number, by=ASKER, now=NOW)
    assert all_grants(office, EVERYWHERE) == []


def test_the_reader_takes_it_back_while_it_is_undecided(office: Connection[TupleRow]) -> None:
    number = file(office).id

    assert withdraw(office, number, by=ASKER, now=NOW).state is State.WITHDRAWN
    with pytest.raises(NotAllowed, match="Ditarik"):
        say_yes(office, number, Side.OWNER, OWNER)
    with pytest.raises(Unknown):
        withdraw(office, 999, by=ASKER, now=NOW)


def test_a_request_that_begins_later_gives_a_grant_that_begins_then(office: Connection[TupleRow]) -> None:
    granted(office, starts=date(2026, 2, 1))
    begins = datetime(2026, 1, 31, 17, tzinfo=UTC)

    assert grants_of(office, "dinsos", on=begins - DAY) == []
    (grant,) = grants_of(office, "dinsos", on=begins)
    assert (grant.starts_at, grant.holds(begins - DAY), grant.holds(begins)) == (begins, False, True)


def test_the_database_tells_nothing_before_a_grant_begins(office: Connection[TupleRow], population: Population) -> None:
    today = datetime.now(UTC)
    far = (today + timedelta(days=400)).date()
    add_agreement(
        office, WantedAgreement(PKS, "dinsos", ("penduduk.nik", "penduduk.nama"), PURPOSE, far),
        by=WALIDATA, zone=ZONE, now=today,
    )  # fmt: skip
    wanted = replace(WANTED, starts=(today + 9 * DAY).date(), until=far)
    number = ask(office, RESIDENTS, wanted, by=ASKER, zone=ZONE, now=today).id
    say_yes(office, number, Side.OWNER, OWNER, now=today)
    say_yes(office, number, Side.WALIDATA, WALIDATA, now=today)

    (grant,) = all_grants(office, EVERYWHERE)
    with pytest.raises(NotAllowed, match="tidak berlaku lagi"):
        _look(office, grant)
    with population.database.connect() as owner:
        owner.execute('update identity."grant" set starts_at = clock_timestamp()')
    assert len(_look(office, grant).records) == 1


def _look(conn: Connection[TupleRow], grant: Any) -> Any:
    viewer = viewer_of(person(Role.READER, "dinsos"), {RESIDENTS.entity: frozenset(grant.fields)})
    (found, *_) = records(conn, RESIDENTS, viewer, filters=FILTER, limit=1)
    looker = Looker(person(Role.READER, "dinsos"), Actor("sari", "person", Role.READER, "dinsos"), grant)
    return look_unmasked(conn, RESIDENTS, looker, [found.address], purpose=PURPOSE)


@pytest.mark.parametrize(
    ("roles", "desks"),
    [
        pytest.param([(Role.OPD_ADMIN, "disdukcapil")], [True, False], id="the owner's admin"),
        pytest.param([(Role.OPD_ADMIN, "dinsos")], [False, False], id="the reader's admin"),
        pytest.param([(Role.OPD_PROGRAMMER, "disdukcapil")], [False, False], id="the owner's programmer"),
        pytest.param([(Role.KEPALA_DINAS, "kominfo")], [False, True], id="the Walidata"),
        pytest.param([(Role.KEPALA_DINAS, "kominfo"), (Role.OPD_ADMIN, "disdukcapil")], [True, True], id="both"),
        pytest.param([(Role.ADMINISTRATOR, "kominfo")], [False, False], id="an administrator"),
    ],
)
def test_each_desk_has_its_office(
    office: Connection[TupleRow], roles: list[tuple[Role, str]], desks: list[bool]
) -> None:
    who = Principal(1, "budi", "Budi", tuple(Appointment(role, opd) for role, opd in roles))
    request = file(office)

    found = [desk_of(who, replace(request, state=state)) is not None for state in (State.ASKED, State.AGREED)]
    assert found == desks
    assert desk_of(who, replace(request, state=State.GRANTED)) is None


def test_steps_are_never_changed(office: Connection[TupleRow], population: Population) -> None:
    number = file(office).id

    for statement in ("update identity.access_step set reason = 'x'", "delete from identity.access_step"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            office.execute(statement.encode())
        with population.database.connect() as owner, pytest.raises(psycopg.errors.InsufficientPrivilege):
            owner.execute(statement.encode())
    assert len(steps(office, number)) == 1


def test_data_of_a_grant_that_is_over_are_to_be_deleted_until_the_reader_says_so(
    office: Connection[TupleRow], population: Population
) -> None:
    request = granted(office)
    grant, readers = request.grant_id or 0, Scope(everywhere=False, opds=frozenset({"dinsos"}))
    assert deletions.due(office, EVERYWHERE, now=NOW) == []
    revoke_grant(office, grant, by=WALIDATA, reason="Tujuan sudah tercapai", now=NOW + DAY)

    (task,) = deletions.due(office, readers, now=NOW + DAY)
    assert (task.id, task.reader, task.revoked, task.over_at) == (grant, "dinsos", True, NOW + DAY)
    assert deletions.due(office, Scope(everywhere=False, opds=frozenset({"dinkes"})), now=NOW + DAY) == []
    how = "Tabel sementara dihapus dan cadangannya dimusnahkan"
    others = Scope(everywhere=False, opds=frozenset({"dinkes"}))
    for within, said, error in ((others, how, Unknown), (readers, "sudah", NotAllowed)):
        with pytest.raises(error):
            deletions.confirm(office, grant, by=ASKER, how=said, within=within, now=NOW + DAY)
    deletions.confirm(office, grant, by=ASKER, how=how, within=readers, now=NOW + 2 * DAY)

    assert deletions.due(office, EVERYWHERE, now=NOW + 3 * DAY) == []
    assert deletions.deletion_of(office, grant) == deletions.Deletion(grant, NOW + 2 * DAY, "sari", how)
    assert facts(population.database)[-1] == (
        "access.deletion-confirmed", "disdukcapil.penduduk", "sari", "reader", "dinsos",
        {"grant": grant, "reader": "dinsos", "entity": "penduduk", "fields": ["nik", "nama"]},
    )  # fmt: skip
    assert told(office)[-1] == ("access.confirm_deletion", "sari", f"grant:{grant}", "dinsos")
    with pytest.raises(Unknown):
        deletions.confirm(office, grant, by=ASKER, how=how, within=readers, now=NOW + 2 * DAY)


def test_a_grant_that_another_outlasts_leaves_nothing_to_delete(office: Connection[TupleRow]) -> None:
    enter_pks(office)
    for until in (date(2026, 3, 31), date(2026, 6, 30)):
        number = file(office, until=until).id
        say_yes(office, number, Side.OWNER, OWNER)
        say_yes(office, number, Side.WALIDATA, WALIDATA)

    assert deletions.due(office, EVERYWHERE, now=datetime(2026, 4, 15, tzinfo=UTC)) == []
    assert len(deletions.due(office, EVERYWHERE, now=datetime(2026, 7, 15, tzinfo=UTC))) == 1


def test_a_grant_is_unused_until_somebody_looks_under_it(office: Connection[TupleRow]) -> None:
    now = datetime.now(UTC)
    far = (now + timedelta(days=400)).date()
    add_agreement(
        office, WantedAgreement(PKS, "dinsos", ("penduduk.nik", "penduduk.nama"), PURPOSE, far),
        by=WALIDATA, zone=ZONE, now=NOW,
    )  # fmt: skip
    number = file(office, until=far).id
    say_yes(office, number, Side.OWNER, OWNER)
    grant_id = say_yes(office, number, Side.WALIDATA, WALIDATA).grant_id
    begun = max(now, NOW + timedelta(days=91))

    assert deletions.unused(office, EVERYWHERE, now=NOW + timedelta(days=89)) == []
    (found,) = deletions.unused(office, EVERYWHERE, now=begun)
    assert (found.id, found.used_at, found.begun_at) == (grant_id, None, NOW)
    (grant,) = all_grants(office, EVERYWHERE)
    _look(office, grant)

    assert deletions.unused(office, EVERYWHERE, now=datetime.now(UTC)) == []
    (later,) = deletions.unused(office, EVERYWHERE, now=datetime.now(UTC) + timedelta(days=91))
    assert later.used_at is not None
    assert deletions.unused(office, Scope(everywhere=False, opds=frozenset({"dinkes"})), now=begun) == []


@pytest.mark.parametrize(
    ("fields", "documents", "permissions", "counts"),
    [
        pytest.param(["pekerjaan"], None, ["records.view"], True, id="a token for all documents"),
        pytest.param(["nama", "pekerjaan"], ["penduduk"], ["records.view"], True, id="a token for this document"),
        pytest.param(["pekerjaan"], ["wilayah"], ["records.view"], False, id="a token for another document"),
        pytest.param(["pekerjaan"], None, ["events.send"], False, id="a token that sends"),
        pytest.param(["nama"], None, ["records.view"], False, id="fields that need a look, which the audit tells"),
        pytest.param(["golongan_darah"], None, ["records.view"], False, id="specific data"),
    ],
)
def test_a_program_uses_a_grant_whose_data_its_token_reads_without_a_look(
    office: Connection[TupleRow],
    population: Population,
    *,
    fields: list[str],
    documents: list[str] | None,
    permissions: list[str],
    counts: bool,
) -> None:
    granted(office)
    at = NOW + timedelta(days=60)
    with population.database.connect() as owner:
        owner.execute('update identity."grant" set fields = %s', (fields,))
        owner.execute("insert into identity.system (opd, code, name) values ('dinsos', 'sikd', 'SIKD')")
        owner.execute(
            "insert into identity.service_token (system_id, purpose, token_sha256, hint, documents, permissions,"
            " issued_by, issued_at, expires_at, last_used_at) select id, 'baca', sha256('x'), 'abcd', %s, %s, 'tes',"
            " %s, %s, %s from identity.system",
            (documents, permissions, NOW, NOW + timedelta(days=300), at - DAY),
        )

    assert (deletions.unused(office, EVERYWHERE, now=NOW + timedelta(days=95)) == []) is counts
    (found,) = deletions.unused(office, EVERYWHERE, now=at + timedelta(days=90))
    assert (found.token_at, found.looked_at) == (at - DAY if counts else None, None)


def test_the_source_of_facts_is_a_path() -> None:
    assert access_requests.SOURCE == deletions.SOURCE == "/simpul/access"

"""Grants: on which conditions one is given, and when it holds."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from identity.errors import NotAllowed, Taken, Unknown
from identity.grants import (
    Grant,
    WantedAgreement,
    WantedGrant,
    add_agreement,
    add_grant,
    agreement,
    agreements,
    all_grants,
    end_agreement,
    granted_fields,
    grants_of,
    is_population_data,
    revoke_grant,
)
from identity.principals import Scope
from tests.conftest import Database
from tests.identity.people_of_test import CHIEF, DOCUMENTS, NOW, OPDS, PURPOSE, REGIONS, RESIDENTS, ZONE, field_names

PKS = WantedAgreement(
    "415.4/12/2026", "dinsos", ("penduduk.nik", "penduduk.nama", "penduduk.golongan_darah"), PURPOSE, date(2026, 6, 30)
)
WANTED = WantedGrant("dinsos", ("nik", "nama"), PURPOSE, "UU 24/2013 Pasal 58", date(2026, 6, 30), PKS.number)
EVERYWHERE = Scope(everywhere=True, opds=frozenset())
REASON = "Tujuan sudah tercapai"


@pytest.fixture
def office(database: Database) -> Iterator[Connection[TupleRow]]:
    """The page's process, with some OPDs and one PKS."""
    with database.connect() as owner:
        for opd in OPDS:
            owner.execute("insert into identity.opd (code, name, short_name) values (%s, %s, %s)", (opd, opd, opd))
    with database.connect("simpul_web", autocommit=True) as conn:
        add_agreement(conn, PKS, by=CHIEF, zone=ZONE, now=NOW)
        yield conn


def give(conn: Connection[TupleRow], **changes: Any) -> Grant:
    return add_grant(conn, RESIDENTS, replace(WANTED, **changes), by=CHIEF, zone=ZONE, now=NOW)


def test_a_grant_is_kept_as_it_was_given(office: Connection[TupleRow]) -> None:
    given = give(office)

    assert given == Grant(
        given.id, "dinsos", RESIDENTS.entity, list(map(str, ("nik", "nama"))), PURPOSE, "UU 24/2013 Pasal 58",  # type: ignore[arg-type]
        None, PKS.number, date(2026, 6, 30), datetime(2026, 6, 30, 17, tzinfo=UTC), "kepala", NOW,
    )  # fmt: skip
    assert grants_of(office, "dinsos", on=NOW) == [given]
    assert grants_of(office, "dinkes", on=NOW) == []
    assert granted_fields(office, ["dinsos", "dinkes"], on=NOW) == {"penduduk": field_names("nik", "nama")}


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({"fields": ("nik", "gaji")}, "gaji tidak ada", id="a field that the contract does not know"),
        pytest.param({"fields": ()}, "paling sedikit satu", id="no field"),
        pytest.param({"purpose": "perlu"}, "Tujuan", id="no purpose to speak of"),
        pytest.param({"legal_basis": " "}, "Dasar hukum", id="no legal basis"),
        pytest.param({"agreement": None}, "hanya dibuka dengan PKS", id="population data without PKS"),
        pytest.param({"fields": ("nik", "alamat")}, "tidak memuat penduduk.alamat", id="more than the PKS names"),
        pytest.param({"until": date(2026, 7, 1)}, "tidak dapat lebih lama", id="longer than the PKS"),
        pytest.param({"until": date(2026, 1, 4)}, "sudah lewat", id="over before it begins"),
        pytest.param({"reader": "dinkes"}, "bukan dengan OPD dinkes", id="another's PKS"),
        pytest.param({"fields": ("golongan_darah",)}, "data spesifik", id="specific data without a basis"),
        pytest.param({"purpose": "a" * 30 + "\0"}, "Tujuan", id="a NUL"),
    ],
)
def test_a_grant_that_a_rule_forbids_is_not_given(
    office: Connection[TupleRow], changes: dict[str, Any], reason: str
) -> None:
    with pytest.raises(NotAllowed, match=reason):
        give(office, **changes)

    assert all_grants(office, EVERYWHERE) == []


def test_specific_data_are_granted_on_a_stated_basis(office: Connection[TupleRow]) -> None:
    given = give(office, fields=("golongan_darah",), specific_basis="UU 27/2022 Pasal 4 ayat 2")

    assert given.specific_basis == "UU 27/2022 Pasal 4 ayat 2"


@pytest.mark.parametrize(
    ("changes", "error"), [({"agreement": "tidak ada"}, Unknown), ({"agreement": "415.4/13/2026"}, Unknown)]
)
def test_a_grant_names_a_pks_that_is_there(
    office: Connection[TupleRow], changes: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error, match="belum tercatat"):
        give(office, **changes)


def test_a_reader_is_an_opd_that_is_there(office: Connection[TupleRow]) -> None:
    with pytest.raises(Unknown, match="tidak dikenal"):
        add_grant(
            office, REGIONS, replace(WANTED, reader="dinasgaib", fields=("kode",), agreement=None),
            by=CHIEF, zone=ZONE, now=NOW,
        )  # fmt: skip
    with pytest.raises(Unknown, match="tidak dikenal"):
        add_agreement(office, replace(PKS, number="415.4/99/2026", reader="dinasgaib"), by=CHIEF, zone=ZONE, now=NOW)


def test_what_is_no_population_data_needs_no_pks(office: Connection[TupleRow]) -> None:
    wanted = replace(WANTED, fields=("kode", "nama"), agreement=None)
    given = add_grant(office, REGIONS, wanted, by=CHIEF, zone=ZONE, now=NOW)

    assert (given.entity, given.agreement) == ("wilayah", None)


def test_every_document_of_the_civil_registry_is_population_data() -> None:
    assert {each.opd for each in DOCUMENTS.values() if is_population_data(each)} == {"disdukcapil"}
    assert is_population_data(replace(REGIONS, entity=RESIDENTS.entity))


def test_a_revocation_holds_for_the_next_query_of_anybody(office: Connection[TupleRow], database: Database) -> None:
    given = give(office)
    with database.connect("simpul_web", autocommit=True) as other:
        assert grants_of(other, "dinsos", on=NOW) == [given]
        revoke_grant(office, given.id, by=CHIEF, reason=REASON, now=NOW)

        assert grants_of(other, "dinsos", on=NOW) == []
    (left,) = all_grants(office, EVERYWHERE)
    assert (left.revoked_at, left.revoked_by, left.revoked_reason) == (NOW, "kepala", REASON)
    assert not left.holds(NOW)


def test_a_grant_is_revoked_once_and_with_a_reason(office: Connection[TupleRow]) -> None:
    given = give(office)
    with pytest.raises(NotAllowed, match="Alasan"):
        revoke_grant(office, given.id, by=CHIEF, reason="x", now=NOW)
    revoke_grant(office, given.id, by=CHIEF, reason=REASON, now=NOW)
    with pytest.raises(Unknown, match="sudah dicabut"):
        revoke_grant(office, given.id, by=CHIEF, reason=REASON, now=NOW)
    with pytest.raises(Unknown, match="tidak ada"):
        revoke_grant(office, given.id + 1, by=CHIEF, reason=REASON, now=NOW)


def test_a_grant_dies_with_its_pks(office: Connection[TupleRow]) -> None:
    given = give(office)
    later = NOW + timedelta(days=3)
    assert end_agreement(office, PKS.number, by=CHIEF, reason="Diakhiri bersama", now=later) == 1

    assert [each.id for each in grants_of(office, "dinsos", on=NOW)] == [given.id]
    assert grants_of(office, "dinsos", on=later) == []
    assert all_grants(office, EVERYWHERE)[0].ends_at == later
    with pytest.raises(NotAllowed, match="sudah berakhir"):
        add_grant(office, RESIDENTS, WANTED, by=CHIEF, zone=ZONE, now=later)
    with pytest.raises(Unknown, match="sudah berakhir"):
        end_agreement(office, PKS.number, by=CHIEF, reason="Diakhiri bersama", now=later)


def test_a_grant_holds_to_the_end_of_its_last_day_here(office: Connection[TupleRow]) -> None:
    give(office)
    end = datetime(2026, 6, 30, 17, tzinfo=UTC)  # midnight in Jakarta

    assert len(grants_of(office, "dinsos", on=end - timedelta(microseconds=1))) == 1
    assert grants_of(office, "dinsos", on=end) == []


def test_an_agreement_is_entered_once_and_wants_elements(office: Connection[TupleRow]) -> None:
    with pytest.raises(Taken, match="sudah tercatat"):
        add_agreement(office, PKS, by=CHIEF, zone=ZONE, now=NOW)
    for elements in ((), ("nik",), ("penduduk.nik.x",)):
        with pytest.raises(NotAllowed, match=r"entitas\.kolom"):
            add_agreement(office, replace(PKS, number="baru/1", elements=elements), by=CHIEF, zone=ZONE, now=NOW)
    assert [each.number for each in agreements(office, EVERYWHERE)] == [PKS.number]
    assert agreement(office, PKS.number).holds(NOW)


def test_a_reader_sees_the_grants_within_his_scope(office: Connection[TupleRow]) -> None:
    give(office)
    own, foreign = (Scope(everywhere=False, opds=frozenset({opd})) for opd in ("dinsos", "dinkes"))

    assert (len(all_grants(office, own)), len(agreements(office, own))) == (1, 1)
    assert (all_grants(office, foreign), agreements(office, foreign)) == ([], [])


def test_every_act_on_grants_stands_in_the_audit(office: Connection[TupleRow]) -> None:
    given = give(office)
    revoke_grant(office, given.id, by=CHIEF, reason=REASON, now=NOW)
    end_agreement(office, PKS.number, by=CHIEF, reason="Diakhiri bersama", now=NOW)

    rows = office.execute("select actor, actor_kind, opd, act, subject from audit.entry order by id").fetchall()
    assert rows == [
        ("kepala", "command", "dinsos", "agreement.add", f"agreement:{PKS.number}"),
        ("kepala", "command", "dinsos", "grant.add", f"grant:{given.id}"),
        ("kepala", "command", "dinsos", "grant.revoke", f"grant:{given.id}"),
        ("kepala", "command", None, "agreement.end", f"agreement:{PKS.number}"),
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "update identity.\"grant\" set fields = '{nama_ibu}'",
        "update identity.\"grant\" set ends_at = '2100-01-01'",
        'delete from identity."grant"',
        "update identity.agreement set elements = '{penduduk.nama_ibu}'",
        "delete from identity.agreement",
    ],
)
def test_what_was_granted_cannot_be_widened_afterwards(office: Connection[TupleRow], statement: str) -> None:
    give(office)

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        office.execute(statement)

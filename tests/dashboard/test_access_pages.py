"""Requests for access on the pages: asking by the form, both desks, reading under the grant, and its end."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from cli.stack.postgres import SUPERUSER
from dashboard.settings import Settings
from identity.access_reading import find, requests, steps
from identity.access_states import State, Step
from identity.grants import WantedAgreement, add_agreement, all_grants
from identity.opds import EVERYWHERE
from identity.permissions import Role
from tests.conftest import Database
from tests.dashboard.conftest import Site
from tests.dashboard.people import OWN, WALIDATA, People
from tests.identity.people_of_test import CHIEF, PURPOSE, ZONE, Population

WAY, ASK = "/permohonan-akses", "/katalog/disdukcapil/penduduk/minta"
REASON = "Sesuai tugas dan fungsi OPD pembaca"
PKS = "415.4/12/2026"
UNTIL = (datetime.now(UTC) + timedelta(days=200)).date()


@pytest.fixture
def population(database: Database, people: People) -> Population:
    return Population.settle(database, 3)


@pytest.fixture
def site(serve: Callable[[Settings], Site], site_settings: Settings, population: Population) -> Site:
    return serve(site_settings)


@pytest.fixture
def conn(database: Database, population: Population) -> Iterator[psycopg.Connection[Any]]:
    with database.connect(autocommit=True) as found:
        yield found


@pytest.fixture
def reader(site: Site, people: People) -> Site:
    return site.with_session(people.sign_in(Role.READER, "dinsos"))


@pytest.fixture
def owner(site: Site, people: People) -> Site:
    return site.with_session(people.sign_in(Role.OPD_ADMIN, OWN))


@pytest.fixture
def head(site: Site, people: People) -> Site:
    return site.with_session(people.sign_in(Role.KEPALA_DINAS, WALIDATA))


def asked(**fields: str) -> dict[str, str]:
    return {
        "opd": "dinsos", "isian": "nama", "tujuan": PURPOSE, "dasar": "UU 24/2013 Pasal 58", "pks": PKS,
        "mulai": "5 Januari 2026", "sampai": UNTIL.strftime("%d-%m-%Y"),
    } | fields  # fmt: skip


def file(reader: Site, **fields: str) -> int:
    answer = reader.post(ASK, asked(**fields))
    assert answer.status_code == 303, answer.text
    found = re.fullmatch(rf"{WAY}/(\d+)\?kabar=permohonan", answer.headers["location"])
    assert found is not None
    return int(found[1])


def decide(site: Site, number: int, answer: str = "setuju", reason: str = REASON) -> int:
    return site.post(f"{WAY}/{number}/putuskan", {"putusan": answer, "alasan": reason}).status_code


def enter_pks(conn: psycopg.Connection[Any]) -> None:
    wanted = WantedAgreement(PKS, "dinsos", ("penduduk.nama",), PURPOSE, UNTIL)
    add_agreement(conn, wanted, by=CHIEF, zone=ZONE, now=datetime.now(UTC))


def test_from_the_form_to_a_value_in_the_clear_and_to_its_end(
    reader: Site, owner: Site, head: Site, conn: psycopg.Connection[Any], population: Population
) -> None:
    """The whole road, and that a revocation holds for the very next request."""
    enter_pks(conn)
    nik, row = next(iter(population.rows.items()))
    number = file(reader)
    search = {"kunci": nik, "isian": "nama", "tujuan": PURPOSE}
    before = reader.post("/data-induk/penduduk/cari", search | {"hak": "1"})
    assert (before.status_code, str(row["nama"]) in before.text) == (422, False)

    assert [decide(owner, number), decide(head, number)] == [303, 303]
    request = find(conn, number)
    (grant,) = all_grants(conn, EVERYWHERE)
    assert (request.state, request.grant_id, grant.fields, grant.agreement) == (State.GRANTED, grant.id, ["nama"], PKS)
    page = reader.get(f"{WAY}/{number}").text
    assert all(text in page for text in ("Hak Akses diberikan", f"reference.penduduk.{grant.id}", REASON, "Berlaku"))
    told = reader.post("/data-induk/penduduk/cari", search | {"hak": str(grant.id)})
    assert (told.status_code, str(row["nama"]) in told.text) == (200, True)

    assert "Hak Akses sudah berakhir" not in reader.get(WAY).text
    revoked = head.post(f"/hak-akses/{grant.id}/cabut", {"alasan": "Tujuan sudah tercapai"})
    assert revoked.status_code == 303
    after = reader.post("/data-induk/penduduk/cari", search | {"hak": str(grant.id)})
    assert (after.status_code, str(row["nama"]) in after.text) == (422, False)

    assert "Hak Akses sudah berakhir" in reader.get(WAY).text
    assert "Hak Akses sudah berakhir" in owner.get(WAY).text
    assert "Nyatakan penghapusan" in reader.get(f"{WAY}/{number}").text
    assert "penghapusan datanya belum dinyatakan" in reader.get("/").text
    way = f"{WAY}/penghapusan/{grant.id}"
    assert reader.post(way, {"cara": "sudah"}).status_code == 422
    assert reader.post(way, {"cara": "Tabel sementara dan cadangannya dihapus"}).status_code == 303
    assert reader.get(way).status_code == 404
    assert "Penghapusan data dinyatakan" in reader.get(f"{WAY}/{number}").text
    assert f"/hak-akses/{grant.id}" not in reader.get(f"{WAY}?tampil=penghapusan").text


def test_each_act_stands_in_the_audit_under_the_office_that_did_it(
    reader: Site, owner: Site, head: Site, conn: psycopg.Connection[Any], database: Database
) -> None:
    enter_pks(conn)
    number = file(reader)
    decide(owner, number)
    decide(head, number)

    with database.connect(SUPERUSER) as superuser:
        acts = superuser.execute(
            "select actor, role, act from audit.entry where actor_kind = 'person' order by id"
        ).fetchall()
    assert acts == [
        ("reader.dinsos", "reader", "access.request"),
        ("opd-admin.disdukcapil", "opd_admin", "access.agree"),
        ("kepala-dinas.kominfo", "kepala_dinas", "access.decide"),
        ("kepala-dinas.kominfo", "kepala_dinas", "grant.add"),
        ("kepala-dinas.kominfo", "kepala_dinas", "access.grant"),
    ]


def test_population_data_without_pks_are_filed_told_what_lacks_and_not_granted(
    reader: Site, owner: Site, head: Site, conn: psycopg.Connection[Any]
) -> None:
    number = file(reader, pks="")
    page = reader.get(f"{WAY}/{number}").text
    assert "hanya dibuka dengan PKS; nomornya belum disebut" in page

    assert decide(owner, number) == 303
    refused = head.post(f"{WAY}/{number}/putuskan", {"putusan": "setuju", "alasan": REASON})
    assert (refused.status_code, "Belum dapat diberikan: Data kependudukan" in refused.text) == (422, True)
    assert REASON in refused.text
    assert all_grants(conn, EVERYWHERE) == []

    assert reader.post(f"{WAY}/{number}/pks", {"pks": PKS}).status_code == 303
    assert f"PKS {PKS} belum tercatat" in reader.get(f"{WAY}/{number}").text
    enter_pks(conn)
    assert decide(head, number) == 303


@pytest.mark.parametrize(
    ("fields", "place", "sentence"),
    [
        ({"tujuan": "Bantuan"}, "tujuan", "Tujuan baru 7 huruf, paling sedikit 20"),
        ({"isian": "bukan_kolom"}, "isian", "Isian belum dipilih"),
        ({"opd": "dinkes"}, "opd", "OPD pembaca belum dipilih dari daftar"),
        ({"dasar": "-"}, "dasar", "Dasar hukum baru 1 huruf"),
        ({"sampai": "31 Februari 2099"}, "sampai", "bukan tanggal yang ada"),
        ({"sampai": "6 Januari 2026"}, "sampai", "sudah lewat"),
        ({"mulai": "1 Januari 2099"}, "mulai", "lebih awal daripada tanggal mulai"),
        ({"isian": "golongan_darah"}, "khusus", "data spesifik"),
    ],
)
def test_what_is_wrong_stands_at_its_field_with_what_was_typed(
    reader: Site, conn: psycopg.Connection[Any], fields: dict[str, str], place: str, sentence: str
) -> None:
    answer = reader.post(ASK, asked(**fields))

    assert answer.status_code == 422
    assert f'href="#{place}"' in answer.text
    assert f'id="{place}"' in answer.text or place == "opd"
    assert sentence in answer.text
    assert f'value="{PKS}"' in answer.text
    assert requests(conn, EVERYWHERE) == []


def test_who_asked_does_not_decide_and_a_foreign_office_sees_nothing(
    site: Site, people: People, reader: Site, owner: Site, head: Site, conn: psycopg.Connection[Any]
) -> None:
    number = file(reader)
    own_admin = site.with_session(people.sign_in(Role.OPD_ADMIN, "dinsos"))
    stranger = site.with_session(people.sign_in(Role.OPD_ADMIN, "dinkes"))
    auditor = site.with_session(people.sign_in(Role.AUDITOR))
    with conn.transaction():
        conn.execute("update identity.access_request set asked_by = 'kepala-dinas.kominfo'")

    assert decide(own_admin, number) == 404
    assert decide(reader, number) == 403
    assert [stranger.get(f"{WAY}/{number}").status_code, decide(stranger, number)] == [404, 404]
    assert f"Permohonan {number}" not in stranger.get(WAY).text
    assert [auditor.get(f"{WAY}/{number}").status_code, decide(auditor, number)] == [200, 403]
    assert decide(head, number) == 422  # the owner's turn
    assert decide(owner, number, reason="Ya") == 422
    assert decide(owner, number) == 303
    assert "Anda yang mengajukan permohonan ini" in head.get(f"{WAY}/{number}").text
    refused = head.post(f"{WAY}/{number}/putuskan", {"putusan": "setuju", "alasan": REASON})
    assert (refused.status_code, "Yang mengajukan tidak memutuskan" in refused.text) == (422, True)
    assert [each.step for each in steps(conn, number)] == [Step.ASK, Step.AGREE]


def test_a_no_is_told_with_its_reason_and_ends_it(reader: Site, owner: Site) -> None:
    number = file(reader)

    assert decide(owner, number, "tidak", "Tujuannya tidak sesuai tugas OPD") == 303
    page = reader.get(f"{WAY}/{number}").text
    assert "Tidak disetujui" in page
    assert "Tujuannya tidak sesuai tugas OPD" in page
    assert "Tarik permohonan" not in page
    assert reader.post(f"{WAY}/{number}/tarik").status_code == 422


def test_the_list_shows_whose_turn_it_is(reader: Site, owner: Site, head: Site) -> None:
    first, second = file(reader), file(reader)
    decide(owner, first)

    assert "1 permohonan menunggu putusan Anda" in owner.get(WAY).text
    assert "1 permohonan akses menunggu putusan Anda" in owner.get("/").text
    queue = owner.get(f"{WAY}?tampil=putuskan").text
    assert (f"Permohonan {second}<" in queue, f"Permohonan {first}<" in queue) == (True, False)
    assert f"Permohonan {first}<" in head.get(f"{WAY}?tampil=putuskan").text
    assert f"Permohonan {second}<" in reader.get(f"{WAY}?tampil=kami").text
    assert owner.get(f"{WAY}?tampil=lain").status_code == 404
    assert reader.post(f"{WAY}/{second}/tarik").status_code == 303
    assert "Tidak ada yang menunggu Anda" in owner.get(f"{WAY}?tampil=putuskan").text


def test_unused_grants_are_listed(head: Site, population: Population, conn: psycopg.Connection[Any]) -> None:
    grant = population.grant("nama", until=UNTIL)
    with conn.transaction():
        conn.execute("update identity.\"grant\" set granted_at = now() - interval '100 days'")

    page = head.get(f"{WAY}?tampil=tidak-dipakai").text
    assert f'href="/hak-akses/{grant.id}"' in page
    assert "Belum pernah" in page


def test_the_catalogue_of_who_asks_has_no_document_of_the_own_office(site: Site, people: People) -> None:
    visitor = site.with_session(people.sign_in(Role.OPD_PROGRAMMER, OWN))
    page = visitor.get(f"{WAY}/baru").text

    assert "/katalog/kominfo/wilayah/minta" in page
    assert ASK not in page
    assert "OPD pemilik tidak memerlukan" in visitor.get(ASK).text
    assert visitor.post(ASK, asked(opd=OWN)).status_code == 422
    assert visitor.get("/katalog/disdukcapil/tidak-ada/minta").status_code == 404


def test_long_and_strange_texts_are_shown_as_text(reader: Site) -> None:
    number = file(reader, tujuan="<script>alert(1)</script> " + "Penyaluran" * 40)
    page = reader.get(f"{WAY}/{number}").text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page

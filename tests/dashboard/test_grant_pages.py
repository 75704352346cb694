"""Grants and PKS on the pages: who sees which, giving one by a form, taking it back with a reason."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from cli.stack.postgres import SUPERUSER
from dashboard.settings import Settings
from identity.grants import revoke_grant
from identity.permissions import Role
from tests.conftest import Database
from tests.dashboard.conftest import Site
from tests.dashboard.people import OWN, WALIDATA, People
from tests.identity.people_of_test import CHIEF, NOW, PURPOSE, Population

LIST, PKS = "/hak-akses", "/hak-akses/pks"
MAY_VIEW = {
    Role.OPD_ADMIN, Role.OPD_PROGRAMMER, Role.READER, Role.TIM_TEKNIS, Role.PEJABAT_PENGAWAS, Role.KABID_APTIKA,
    Role.KEPALA_DINAS, Role.STEWARD, Role.AUDITOR,
}  # fmt: skip
MAY_DECIDE = {Role.KEPALA_DINAS}
REASON = "Tujuannya sudah tercapai seluruhnya"


@pytest.fixture
def population(database: Database, people: People) -> Population:
    return Population.settle(database, 3)


@pytest.fixture
def site(serve: Callable[[Settings], Site], site_settings: Settings, population: Population) -> Site:
    return serve(site_settings)


@pytest.fixture
def head(site: Site, people: People) -> Site:
    """The one who decides."""
    return site.with_session(people.sign_in(Role.KEPALA_DINAS))


def acts(database: Database) -> list[tuple[Any, ...]]:
    """What the pages made the audit tell: the preparation's own entries are by another."""
    with database.connect(SUPERUSER) as conn:
        return conn.execute(
            "select actor, role, act, subject, opd from audit.entry where actor_kind = 'person' order by id"
        ).fetchall()


def numbers(text: str) -> list[int]:
    """The grants of a list, as they stand."""
    return [int(number) for number in re.findall(r'<th scope="row"><a href="/hak-akses/(\d+)"', text)]


def wanted(**fields: str) -> dict[str, str]:
    return {
        "entitas": "wilayah", "opd": "dinsos", "isian": "nama", "tujuan": PURPOSE, "dasar": "Perpres 39/2019",
        "sampai": "31 Desember 2099", "pks": "",
    } | fields  # fmt: skip


@pytest.mark.parametrize("role", list(Role))
def test_the_pages_are_for_those_who_may(site: Site, people: People, population: Population, role: Role) -> None:
    grant = population.grant("nama", reader=OWN)
    visitor = site.with_session(people.sign_in(role, OWN if role in (Role.OPD_ADMIN, Role.READER) else WALIDATA))
    everywhere = role in MAY_VIEW and role is not Role.OPD_PROGRAMMER  # who is held by kominfo here
    decides = role in MAY_DECIDE

    assert [visitor.get(path).status_code for path in (LIST, PKS)] == ([200] * 2 if role in MAY_VIEW else [403] * 2)
    assert visitor.get(f"{LIST}/{grant.id}").status_code == (200 if everywhere else 404 if role in MAY_VIEW else 403)
    assert visitor.get(f"{LIST}/baru").status_code == (200 if decides else 403)
    for path in (f"{LIST}/baru", f"{LIST}/{grant.id}/cabut", PKS, f"{PKS}/akhiri"):
        assert visitor.post(path).status_code == (422 if decides else 403), path


def test_an_opd_sees_its_own_grants_only(site: Site, people: People, population: Population) -> None:
    mine, other = population.grant("nama", reader="dinkes"), population.grant("alamat", reader="dinsos")
    visitor = site.with_session(people.sign_in(Role.OPD_ADMIN, "dinkes"))

    assert numbers(visitor.get(LIST).text) == [mine.id]
    assert "PKS-dinsos" not in visitor.get(PKS).text
    assert [visitor.get(f"{LIST}/{each.id}").status_code for each in (mine, other)] == [200, 404]
    assert "Beri Hak Akses" not in visitor.get(LIST).text


def test_the_list_tells_states_and_filters_by_them(head: Site, population: Population, database: Database) -> None:
    holds, gone = population.grant("nama", reader="dinkes"), population.grant("alamat")
    with database.connect() as conn:
        revoke_grant(conn, gone.id, by=CHIEF, reason=REASON, now=NOW)
        conn.execute("update identity.\"grant\" set ends_at = 'infinity' where id = %s", (holds.id,))
        conn.execute("update identity.agreement set ends_at = '2099-01-01'")

    assert "1 dari 2 Hak Akses berlaku" in head.get(LIST).text
    assert numbers(head.get(LIST).text) == [gone.id, holds.id]
    assert numbers(head.get(f"{LIST}?keadaan=dicabut").text) == [gone.id]
    assert numbers(head.get(f"{LIST}?keadaan=berlaku&entitas=penduduk").text) == [holds.id]
    assert numbers(head.get(f"{LIST}?opd=dinkes").text) == [holds.id]
    assert "Tidak ada Hak Akses yang cocok" in head.get(f"{LIST}?opd=tidak-ada").text


def test_a_grant_is_given_by_the_form(head: Site, database: Database) -> None:
    answer = head.post(f"{LIST}/baru", wanted())
    number = re.fullmatch(r"/hak-akses/(\d+)\?kabar=hak", answer.headers["location"])

    assert (answer.status_code, number is not None) == (303, True)
    page = head.get(answer.headers["location"]).text
    assert all(text in page for text in ("Hak Akses diberikan.", PURPOSE, "Perpres 39/2019", "31 Desember 2099"))
    assert acts(database) == [
        ("kepala-dinas.kominfo", "kepala_dinas", "grant.add", f"grant:{number and number[1]}", "dinsos")
    ]


@pytest.mark.parametrize(
    ("fields", "place", "sentence"),
    [
        ({"tujuan": "Bantuan"}, "tujuan", "Tujuan baru 7 huruf, paling sedikit 20"),
        ({"isian": "bukan_kolom"}, "isian", "Isian belum dipilih"),
        ({"opd": "antah"}, "opd", "OPD antah tidak dikenal"),
        ({"sampai": "31 Februari 2099"}, "sampai", "bukan tanggal yang ada"),
        ({"sampai": "1 Januari 2020"}, "sampai", "sudah lewat"),
        ({"entitas": "penduduk"}, "pks", "hanya dibuka dengan PKS"),
        ({"entitas": "penduduk", "isian": "golongan_darah"}, "khusus", "data spesifik"),
        ({"entitas": "penduduk", "pks": "PKS-99/2026"}, "pks", "belum tercatat"),
    ],
)
def test_what_is_wrong_stands_at_its_field_with_what_was_typed(
    head: Site, database: Database, fields: dict[str, str], place: str, sentence: str
) -> None:
    answer = head.post(f"{LIST}/baru", wanted(**fields))

    assert answer.status_code == 422
    assert f'href="#{place}"' in answer.text
    assert f'id="{place}-e"' in answer.text
    assert sentence in answer.text
    assert 'value="Perpres 39/2019"' in answer.text
    assert acts(database) == []


def test_a_grant_is_taken_back_with_a_reason(head: Site, population: Population, database: Database) -> None:
    grant = population.grant("nama")
    short = head.post(f"{LIST}/{grant.id}/cabut", {"alasan": "Selesai"})
    done = head.post(f"{LIST}/{grant.id}/cabut", {"alasan": REASON})
    again = head.post(f"{LIST}/{grant.id}/cabut", {"alasan": REASON})

    assert (short.status_code, done.status_code, again.status_code) == (422, 303, 422)
    assert "Alasan baru 7 huruf" in short.text
    page = head.get(f"{LIST}/{grant.id}").text
    assert REASON in page
    assert "Cabut Hak Akses" not in page
    assert [act[2:4] for act in acts(database)] == [("grant.revoke", f"grant:{grant.id}")]


def test_a_pks_is_entered_used_and_ended(head: Site, database: Database) -> None:
    pks = {
        "nomor": "PKS-7/2026", "opd": "dinsos", "isian": "penduduk.nama, penduduk.alamat", "tujuan": PURPOSE,
        "sampai": "31 Desember 2099",
    }  # fmt: skip
    entered = head.post(PKS, pks)
    given = head.post(f"{LIST}/baru", wanted(entitas="penduduk", pks="PKS-7/2026"))
    outside = head.post(f"{LIST}/baru", wanted(entitas="penduduk", isian="nik", pks="PKS-7/2026"))
    ended = head.post(f"{PKS}/akhiri", {"nomor_akhir": "PKS-7/2026", "alasan": REASON})

    assert [each.status_code for each in (entered, given, outside, ended)] == [303, 303, 422, 303]
    assert "tidak memuat penduduk.nik" in outside.text
    assert REASON in head.get(PKS).text
    assert "0 dari 1 Hak Akses berlaku" in head.get(LIST).text
    assert head.post(PKS, pks | {"nomor": "PKS-8/2026", "isian": "penduduk.rahasia"}).status_code == 422
    assert "sudah tercatat" in head.post(PKS, pks).text
    assert [act[2] for act in acts(database)] == ["agreement.add", "grant.add", "agreement.end"]


def test_an_act_without_the_token_or_from_elsewhere_changes_nothing(
    head: Site, population: Population, database: Database
) -> None:
    grant = population.grant("nama")
    for path, fields in ((f"{LIST}/baru", wanted()), (f"{LIST}/{grant.id}/cabut", {"alasan": REASON})):
        assert head.post(path, fields | {"csrf": ""}).status_code == 403
        assert (
            head.post(path, fields, Origin="http://jahat.example", **{"Sec-Fetch-Site": "cross-site"}).status_code
            == 403
        )

    assert acts(database) == []


@pytest.mark.parametrize("path", [f"{LIST}/999", f"{LIST}/baru?entitas=tidak_ada"])
def test_what_is_not_there_is_404(head: Site, path: str) -> None:
    assert head.get(path).status_code == 404


def test_long_and_strange_texts_are_shown_as_text(head: Site) -> None:
    purpose = "<script>alert(1)</script> " + "Penyaluran" * 40
    answer = head.post(f"{LIST}/baru", wanted(tujuan=purpose))
    page = head.get(answer.headers["location"].partition("?")[0]).text

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page

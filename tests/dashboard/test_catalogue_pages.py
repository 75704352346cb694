"""The catalogue on the real server: what stands where, for whom, and what the hub has on that day."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from dashboard.exchange import Tally
from dashboard.pages import Pages
from dashboard.settings import Settings
from dashboard.visit import Visit
from identity.permissions import Role
from registry.artefacts import EXPORTS
from schemas import code_lists
from tests.conftest import Database
from tests.dashboard.catalogue_rows import CONTRACTS, REGIONS, RESIDENTS, CatalogueRows
from tests.dashboard.conftest import Site
from tests.dashboard.exchange_rows import INSTANCE, ExchangeRows
from tests.dashboard.people import FOREIGN, OWN, WALIDATA, People
from tests.identity.people_of_test import PURPOSE, Population

RESIDENTS_PAGE, REGIONS_PAGE = "/katalog/disdukcapil/penduduk", "/katalog/kominfo/wilayah"


@pytest.fixture
def approved(database: Database) -> CatalogueRows:
    return CatalogueRows(database)


@pytest.fixture
def bare(serve: Callable[[Settings], Site], site_settings: Settings) -> Site:
    """The pages over a hub in which no document is entered."""
    return serve(site_settings)


def told(site: Site, path: str) -> str:
    """The words of a page, without its tags."""
    answer = site.get(path)
    assert answer.status_code == 200, answer.text
    main = answer.text.split("<main")[1]
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", main)).split())


def ways(site: Site, path: str) -> list[str]:
    """Where the rows of a list lead."""
    return re.findall(r'<th scope="row"><a href="([^"]+)"', site.get(path).text)


def test_an_empty_hub_says_when_a_document_will_stand_here(bare: Site) -> None:
    assert "Dokumen tampil di sini setelah kontraknya disetujui." in told(bare, "/katalog")
    assert bare.get("/katalog/berkas/dcat").status_code == 404
    assert bare.get(RESIDENTS_PAGE).status_code == 404


def test_what_the_registry_approved_stands_under_its_agency_and_its_entity(bare: Site, approved: CatalogueRows) -> None:
    approved.everything()

    found = ways(bare, "/katalog")

    assert sorted(found) == sorted(f"/katalog/{each.opd}/{each.document}" for each in CONTRACTS.values())
    assert found[:1] == ["/katalog/disdukcapil/kartu-keluarga"]  # the agencies without a name come by their code, last
    by_entity = ways(bare, "/katalog/entitas")
    assert [way for way in by_entity if way in (RESIDENTS_PAGE, "/katalog/dinkes/pasien")] == [
        RESIDENTS_PAGE,
        "/katalog/dinkes/pasien",
    ]


def test_a_list_is_narrowed_by_its_address(bare: Site, approved: CatalogueRows) -> None:
    approved.everything()
    public = sorted(each.name for each in CONTRACTS.values() if each.sensitivity == "umum" and each.opd == "disdik")

    assert [way.split("/")[2:] for way in ways(bare, "/katalog?opd=disdik&kepekaan=umum")] == [
        name.split(".") for name in public
    ]
    assert ways(bare, "/katalog?keadaan=tidak-mutakhir&opd=kominfo") == []
    assert "Tidak ada dokumen dengan saringan ini." in told(bare, "/katalog?keadaan=tidak-mutakhir&opd=kominfo")
    assert "Belum dibuka" in told(bare, "/katalog?keadaan=belum-dibuka")


def test_a_search_leads_to_the_field_itself(bare: Site, approved: CatalogueRows) -> None:
    approved.everything()

    answer = bare.get("/katalog?cari=IBU+Kandung")

    assert f'href="{RESIDENTS_PAGE}#isian-nama_ibu"' in answer.text
    assert 'id="isian-nama_ibu"' in bare.get(RESIDENTS_PAGE).text
    assert "Tidak ada yang memuat “xyzzy”" in told(bare, "/katalog?cari=xyzzy")
    assert "&lt;b&gt;" in bare.get("/katalog?cari=<b>").text


def test_the_newest_version_is_what_the_page_tells(bare: Site, approved: CatalogueRows) -> None:
    fields = [dict(field) for field in RESIDENTS.schema["fields"]]
    fields[1]["doc"] = "Nama sesuai akta kelahiran"
    fields[18]["deprecated"] = {"since": "2026-11-01", "until": "2027-11-01", "use": "no_kk"}
    approved.approve(RESIDENTS.schema)
    approved.approve({**RESIDENTS.schema, "fields": fields}, by="kepala.dinas")

    page = told(bare, RESIDENTS_PAGE)

    assert "disdukcapil.penduduk , versi 2." in page
    assert "Nama sesuai akta kelahiran" in page
    assert "Ditinggalkan sejak 1 November 2026, ada sampai 1 November 2027; gunakan no_kk" in page
    assert re.search(
        r"Versi 2 berlaku 5 Januari 2026 pukul 14\.05 WIB kepala\.dinas \d perubahan .*"
        r"Versi 1 .* tim\.teknis Versi pertama, 23 isian",
        page,
    )
    assert "Isian no_kk" not in page
    assert re.search(r"perubahan .*nama.* Versi 1", page)
    assert "Pemilik Bidang PIAK dan Pemanfaatan Data Wakil Belum ditetapkan" in page
    assert "kejadian 90 hari, riwayat 100 tahun" in page
    assert "pribadi ‡" in page
    assert "Tanggal meninggal lebih awal daripada tanggal lahir." in page


def test_a_contract_that_cannot_be_read_hides_no_other(bare: Site, approved: CatalogueRows) -> None:
    approved.approve(REGIONS.schema)
    approved.approve({"contract": {"opd": "dinkes", "document": "rusak"}, "type": "record", "name": "rusak"})

    assert ways(bare, "/katalog") == [REGIONS_PAGE]


def test_the_days_add_up_from_batches_releases_and_what_waits(
    bare: Site, approved: CatalogueRows, database: Database
) -> None:
    approved.approve(RESIDENTS.schema)
    approved.open(RESIDENTS)
    yesterday = datetime.now(UTC) - timedelta(days=1)
    approved.batch(RESIDENTS, Tally(1_000, 900, 40, 50, 10), at=yesterday - timedelta(days=40))  # out of the curves
    approved.batch(RESIDENTS, Tally(100, 90, 5, 3, 2), at=yesterday)
    approved.batch(RESIDENTS, Tally(20, 17, 1, 1, 1))
    approved.release(RESIDENTS, accepted=2, dead=1)

    page = told(bare, RESIDENTS_PAGE)

    assert "Diterima 19 109 dalam 30 hari" in page
    assert "Sudah dikenal 1 6 dalam 30 hari" in page
    assert "Dikembalikan 2 4 dalam 30 hari" in page
    assert "Masih menunggu rujukan 54" in page  # 50 + 3 + 1: the hub's position knows of no release here
    assert "Mutakhir pribadi Pembaruan terakhir baru saja, janji 1 hari kerja." in page
    assert "19 diterima, 1 sudah dikenal, 2 dikembalikan, 54 menunggu" in told(bare, "/katalog")


def test_why_data_came_back_is_for_those_who_may_see_returned_data(
    site: Site, rows: ExchangeRows, people: People
) -> None:
    for offset in range(3):
        rows.return_letter("opd.disdukcapil.penduduk", offset)
    roles = [
        (Role.OPERATOR, WALIDATA), (Role.OPD_ADMIN, OWN), (Role.OPD_ADMIN, FOREIGN), (Role.READER, OWN),
        (Role.KEPALA_DINAS, WALIDATA),
    ]  # fmt: skip

    pages = [told(site.with_session(people.sign_in(role, opd)), RESIDENTS_PAGE) for role, opd in roles]

    why = "Isian tanggal_lahir tanggal yang ada dalam kalender 3"
    assert [why in page for page in pages] == [True, True, False, False, False]


def test_who_reads_is_told_as_far_as_the_grants_may_be_seen(
    serve: Callable[[Settings], Site], site_settings: Settings, database: Database, people: People
) -> None:
    population = Population.settle(database, 1)
    site = serve(site_settings)
    population.grant("nama", "alamat", reader="dinkes")

    told_to = {
        (role, opd): told(site.with_session(people.sign_in(role, opd)), RESIDENTS_PAGE)
        for role, opd in ((Role.KEPALA_DINAS, WALIDATA), (Role.READER, "dinkes"), (Role.READER, "dinsos"))
    }
    operator = told(site, RESIDENTS_PAGE)

    assert f"2 dari 23 nama, alamat {PURPOSE}" in told_to[Role.KEPALA_DINAS, WALIDATA]
    assert f"2 dari 23 nama, alamat {PURPOSE}" in told_to[Role.READER, "dinkes"]
    assert "Hanya Hak Akses OPD Anda yang tampil." in told_to[Role.READER, "dinkes"]
    assert "Belum ada Hak Akses yang berlaku atas data ini bagi OPD Anda." in told_to[Role.READER, "dinsos"]
    assert "Daftar Hak Akses bukan untuk peran Anda." in operator
    assert PURPOSE not in operator


def test_an_entity_tells_where_its_fields_come_from(bare: Site, approved: CatalogueRows) -> None:
    approved.everything()

    page = told(bare, "/katalog/entitas/penduduk")

    assert "26 isian dari 5 dokumen." in page
    assert (
        "telepon Nomor telepon 15. bkpsdm.pegawai menambah lewat nik 20. dinkes.pasien 25. rsudnganjuk.pasien 30."
        in page
    )
    assert "wilayah lewat kode_wilayah pada disdukcapil.penduduk" in page
    assert bare.get("/katalog/entitas/kapal").status_code == 404


def test_rows_are_offered_only_where_they_are_there(site: Site, approved: CatalogueRows, people: People) -> None:
    """`site` has the documents that are open; the others are only approved, so they have no table yet."""
    opened = approved.everything() | {"penduduk", "wilayah"}
    closed = sorted({str(contract.entity) for contract in CONTRACTS.values()} - opened)[:2]
    visitor = site.with_session(people.sign_in(Role.STEWARD))

    offered = {
        entity: f'href="/data-induk/{entity}"' in visitor.get(f"/katalog/entitas/{entity}").text
        for entity in ("penduduk", "wilayah", *closed)
    }

    assert len(closed) == 2
    assert offered == {"penduduk": True, "wilayah": True, closed[0]: False, closed[1]: False}
    assert [visitor.get(f"/data-induk/{name}").status_code for name in closed] == [404, 404]


def test_abbreviations_are_written_as_such(bare: Site, approved: CatalogueRows) -> None:
    approved.everything()
    page = told(bare, "/katalog")

    assert all(
        title in page for title in ("GTK Guru dan tenaga", "UMKM Usaha mikro", "Sasaran KIA Sasaran", "OPD Perangkat")
    )
    assert "Data Induk GTK" in told(bare, "/katalog/entitas/gtk")
    assert "Data Induk kartu keluarga" in told(bare, "/katalog/entitas/kartu_keluarga")


def test_a_code_list_tells_its_codes_their_other_names_and_who_uses_it(bare: Site, approved: CatalogueRows) -> None:
    approved.everything()

    assert "3 Katolik tanpa batas siak: katholik, katolik dapodik: katholik" in told(bare, "/katalog/kode/agama")
    assert "disdukcapil.penduduk agama" in told(bare, "/katalog/kode/agama")
    assert "disdukcapil.penduduk" in told(bare, "/katalog/kode")
    assert bare.get("/katalog/kode/tidak-ada").status_code == 404


def test_a_code_outside_its_days_is_marked() -> None:
    found = code_lists.read(
        "uji",
        {
            "title": "uji",
            "source": "tes",
            "codes": {
                "1": {"name": "Lama", "validUntil": "2025-12-31"},
                "2": {"name": "Kini", "validFrom": "2026-01-01"},
                "3": {"name": "Nanti", "validFrom": "2027-01-01"},
            },
        },
    )
    now = datetime(2026, 1, 5, tzinfo=UTC)

    html = Pages(INSTANCE).page(
        "catalogue_code_list.html",
        Visit(now),
        found=found,
        valid=frozenset(found.valid_on(now.date())),
        today=now.date(),
        texts={code: {} for code in found.codes},
        users=[],
    )

    words = " ".join(unescape(re.sub(r"<[^>]*>", " ", bytes(html.body).decode())).split())
    assert "1 dari 3 kode berlaku hari ini." in words
    assert "1 Lama Berakhir sampai 31 Desember 2025" in words
    assert "2 Kini Berlaku sejak 1 Januari 2026" in words
    assert "3 Nanti Belum berlaku sejak 1 Januari 2027" in words


def test_each_file_of_a_document_is_handed_out_and_not_shown(bare: Site, approved: CatalogueRows) -> None:
    approved.approve(REGIONS.schema)

    for name, export in EXPORTS.items():
        answer = bare.get(f"{REGIONS_PAGE}/berkas/{name}")

        assert answer.status_code == 200, name
        assert answer.headers["content-type"] == export.media_type
        assert answer.headers["content-disposition"] == f'attachment; filename="kominfo.wilayah{export.suffix}"'
        assert len(answer.content) > 300, name


def test_files_of_the_whole_catalogue_name_the_address_that_was_asked(bare: Site, approved: CatalogueRows) -> None:
    approved.approve(REGIONS.schema)
    approved.approve(RESIDENTS.schema)

    told_all = json.loads(bare.get("/katalog/berkas/dcat").content)

    assert told_all["@id"] == f"{bare.url}/katalog"
    assert len(told_all["dcat:dataset"]) == 2
    assert bare.get("/katalog/berkas/bps").content[:2] == b"PK"
    for path in ("/katalog/berkas/lain", f"{REGIONS_PAGE}/berkas/lain", "/katalog/kominfo/kapal/berkas/csv"):
        assert bare.get(path).status_code == 404, path

"""What the catalogue reckons out of contracts and days, without a database."""

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from base.calendar import pinned
from dashboard.catalogue import Catalogue, Entry
from dashboard.catalogue_lineage import lineage
from dashboard.catalogue_picture import draw
from dashboard.catalogue_quality import CLOSED, EMPTY, FRESH, STALE, Clock, ago, quality
from dashboard.catalogue_search import documents, folded, lists
from dashboard.catalogue_wording import field_rows, principles, rule_rows, span
from dashboard.exchange import Tally
from dashboard.wording import Badge
from hub_db.entities import build
from schemas.loader import read
from schemas.names import EntityName
from tests.dashboard.catalogue_rows import CONTRACTS, PATIENTS, RESIDENTS

ZONE = ZoneInfo("Asia/Jakarta")
FRIDAY = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # 09.00 WIB
SUNDAY, MONDAY, TUESDAY = FRIDAY + timedelta(days=2), FRIDAY + timedelta(days=3), FRIDAY + timedelta(days=4)
ALL = Catalogue(
    tuple(Entry(contract, 1, FRIDAY, FRIDAY) for contract in CONTRACTS.values()), {"disdik": "Dinas Pendidikan"}
)


def clock(now: datetime) -> Clock:
    return Clock(now, ZONE, pinned().is_working_day)


@pytest.mark.parametrize(
    ("newest", "opened", "now", "badge", "sentence"),
    [
        pytest.param(
            FRIDAY, FRIDAY, SUNDAY, FRESH, "Pembaruan terakhir 2 hari lalu, janji 1 hari kerja.", id="Sunday is free"
        ),
        pytest.param(
            FRIDAY, FRIDAY, MONDAY, FRESH, "Pembaruan terakhir 1 hari kerja lalu, janji 1 hari kerja.", id="Monday"
        ),
        pytest.param(
            FRIDAY, FRIDAY, TUESDAY, STALE,
            "Data ini tidak mutakhir: pembaruan terakhir 2 hari kerja lalu, janji 1 hari kerja.", id="late on Tuesday",
        ),
        pytest.param(
            None, MONDAY, TUESDAY, EMPTY, "Belum pernah ada data; janji pembaruan 1 hari kerja.", id="opened yesterday"
        ),
        pytest.param(
            None, FRIDAY, TUESDAY, STALE, "Belum pernah ada data; janji pembaruan 1 hari kerja.", id="opened long ago"
        ),
        pytest.param(
            None, None, TUESDAY, CLOSED, "Kontraknya disetujui; hub belum menerima datanya.", id="only approved"
        ),
    ],
)  # fmt: skip
def test_a_document_is_as_fresh_as_its_promise(
    newest: datetime | None, opened: datetime | None, now: datetime, badge: Badge, sentence: str
) -> None:
    entry = Entry(RESIDENTS, 1, FRIDAY, opened)

    found = quality(entry, newest, Tally(), clock(now))

    assert (found.badge, found.sentence) == (badge, sentence)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(5, "baru saja"), (61, "1 menit lalu"), (3_700, "1 jam lalu"), (86_000, "23 jam lalu"), (-9, "baru saja")],
)
def test_the_time_since_is_told_in_one_unit(seconds: int, words: str) -> None:
    assert ago(FRIDAY, clock(FRIDAY + timedelta(seconds=seconds))) == words


def test_one_line_tells_today() -> None:
    found = quality(Entry(RESIDENTS, 1, FRIDAY, FRIDAY), FRIDAY, Tally(1_425, 1_385, 12, 4, 28), clock(FRIDAY))

    assert found.line == "1.385 diterima, 12 sudah dikenal, 28 dikembalikan, 4 menunggu"


def test_words_are_compared_without_case_accents_and_signs() -> None:
    assert folded("  Kartu-Keluarga: Désa_X ") == "kartu keluarga desa x"


def hits(wanted: str) -> dict[str, list[str]]:
    """What of which documents is found."""
    return {
        each.entry.contract.name: [f"{hit.kind} {hit.name or hit.text}" for hit in each.hits]
        for each in documents(ALL, ALL.entries, wanted)
    }


def test_a_field_is_found_by_its_meaning_and_shown_as_a_field() -> None:
    assert hits("IBU kandung")["disdik.peserta-didik"] == ["Isian nama_ibu"]


def test_a_rule_is_found_by_its_sentence() -> None:
    assert hits("nik pengganti hanya diisi") == {
        "disdukcapil.penduduk": [
            "Aturan Status GANDA harus disertai NIK pengganti, dan NIK pengganti hanya diisi pada status GANDA."
        ]
    }


def test_a_document_is_found_by_the_name_of_its_agency_and_stands_first() -> None:
    found = documents(ALL, ALL.entries, "dinas pendidikan")

    assert [each.entry.contract.name for each in found] == ["disdik.gtk", "disdik.peserta-didik", "disdik.sekolah"]
    assert all(each.is_itself for each in found)


def test_the_name_of_the_document_may_be_one_of_the_words() -> None:
    assert hits("alamat pasien") == {
        name: ["Isian alamat_domisili"] for name in ("dinkes.pasien", "rsudnganjuk.pasien")
    }


@pytest.mark.parametrize("wanted", ["", "  ", "-", "tidakadayangbegini"])
def test_nothing_is_found_for_nothing(wanted: str) -> None:
    assert (documents(ALL, ALL.entries, wanted), lists(["agama"], wanted)) == ([], [])


def test_a_code_is_found_by_its_name() -> None:
    assert [(hit.kind, hit.name, hit.way) for hit in lists(["agama", "status-kawin"], "hindu")] == [
        ("Kode", "4", "/katalog/kode/agama")
    ]


def test_a_field_of_the_record_names_its_sources_in_their_order() -> None:
    found = lineage(list(CONTRACTS.values()), EntityName("penduduk"))
    assert found is not None
    columns = {column.name: column for column in found.columns}

    phone = columns[PATIENTS.by_name["telepon"].name]  # type: ignore[index]
    assert [(each.priority, each.contract.name, each.field.name, each.by) for each in phone.supplies] == [
        (15, "bkpsdm.pegawai", "telepon", "nik"),
        (20, "dinkes.pasien", "telepon", None),
        (25, "rsudnganjuk.pasien", "telepon", None),
        (30, "disdik.peserta-didik", "telepon_wali", "nik"),
    ]
    assert [each.name for each in found.sources] == ["disdukcapil.penduduk", "dinkes.pasien", "rsudnganjuk.pasien"]
    assert columns[RESIDENTS.fields[0].name].choice == "Sumber pertama yang berisi"
    assert columns[RESIDENTS.by_name["nama"].name].agree  # type: ignore[index]
    assert {(link.contract.name, link.field.name) for link in found.outgoing} >= {
        ("disdukcapil.penduduk", "kode_wilayah")
    }
    assert {link.contract.name for link in found.incoming} >= {"disdik.peserta-didik", "disdukcapil.kematian"}


def test_how_a_value_is_chosen_is_what_the_fold_does() -> None:
    """The entity's own first source says it, not a document that feeds; only texts have a length."""
    words = {}
    for document, field, survivorship in (
        ("dinkes.pasien", "telepon", "latest"),
        ("bkpsdm.pegawai", "telepon", "longest"),
        ("disdukcapil.penduduk", "tanggal_lahir", "longest"),
    ):
        schema = json.loads(json.dumps(CONTRACTS[document].schema))
        next(each for each in schema["fields"] if each["name"] == field)["survivorship"] = survivorship
        others = [each for name, each in CONTRACTS.items() if name != document]
        found = lineage([*others, read(schema, file=document)], EntityName("penduduk"))
        assert found is not None
        words[document] = next(column.choice.partition(";")[0] for column in found.columns if column.name == field)

    assert words == {
        "dinkes.pasien": "Yang terakhir diubah di sumbernya",
        "bkpsdm.pegawai": "Sumber pertama yang berisi",
        "disdukcapil.penduduk": "Sumber pertama yang berisi",
    }


@pytest.mark.parametrize("entity", sorted({each.entity for each in CONTRACTS.values()}))
def test_sources_speak_in_the_order_of_the_fold(entity: EntityName) -> None:
    contracts = list(CONTRACTS.values())
    found, folded_as = lineage(contracts[::-1], entity), build(entity, contracts)
    assert found is not None
    assert folded_as is not None

    for column in found.columns:
        wanted = [
            each.name
            for each in folded_as.sources
            if column.name in each.fields or (column.name in each.key and not each.feeds)
        ]
        assert [each.contract.name for each in column.supplies] == wanted
    assert [column.name for column in found.columns] == [field.name for field in folded_as.columns]


def test_an_entity_of_no_document_has_no_lineage() -> None:
    assert lineage(list(CONTRACTS.values()), EntityName("kapal")) is None


@pytest.mark.parametrize("entity", sorted({each.entity for each in CONTRACTS.values()}))
def test_the_picture_has_each_source_and_stays_within_its_frame(entity: EntityName) -> None:
    found = lineage(list(CONTRACTS.values()), entity)
    assert found is not None

    drawing = draw(found)

    assert len(drawing.sources) == len(found.sources) + len(found.feeders)
    ends = (*drawing.sources, *drawing.targets)
    assert all(20 < end.y < drawing.height - 20 for end in ends)
    assert len({(end.x, end.y) for end in ends}) == len(ends) == len(drawing.threads)


def test_a_field_that_goes_says_until_when_and_what_stands_in_its_place() -> None:
    fields = [dict(field) for field in RESIDENTS.schema["fields"]]
    fields[18]["deprecated"] = {"since": "2026-11-01", "until": "2027-11-01", "use": "no_kk"}
    contract = read({**RESIDENTS.schema, "fields": fields}, file="tes")

    row = field_rows(contract)[18]

    assert row.leaving is not None
    assert (row.leaving.since, row.leaving.until, row.leaving.use) == (date(2026, 11, 1), date(2027, 11, 1), "no_kk")
    assert [each.leaving for each in field_rows(RESIDENTS)] == [None] * len(RESIDENTS.fields)


def test_each_rule_says_what_a_breach_of_it_does() -> None:
    words = [row.effect.word for row in rule_rows(CONTRACTS["disdukcapil.kematian"])]

    assert words[-1] == "Diterima, lalu Tidak Padan"
    assert set(words[:-1]) <= {"Dikembalikan", "Diterima dengan peringatan"}


def test_a_principle_is_open_while_something_of_it_is_missing() -> None:
    told = list(principles(Entry(RESIDENTS, 1, None, None), {EntityName("penduduk")}))

    assert [(each.badge.look, each.text) for each in told] == [
        ("ok", "23 isian dengan konsep, definisi, dan bentuknya"),
        ("wait", "belum ada: wakil"),
        ("ok", "skema Avro opd.disdukcapil.penduduk-value, OpenAPI, AsyncAPI, dan ODCS"),
        ("wait", "belum ada: Data Induk wilayah"),
    ]


@pytest.mark.parametrize(("iso", "words"), [("P90D", "90 hari"), ("P100Y", "100 tahun"), ("PT12H", "12 jam")])
def test_a_span_is_told_in_words(iso: str, words: str) -> None:
    assert span(iso) == words

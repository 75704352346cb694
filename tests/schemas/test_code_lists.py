"""The code lists are complete and in order."""

from datetime import date
from typing import Any

import pytest

from schemas import code_lists
from schemas.field_lists import lists_of
from schemas.loader import load
from schemas.names import FieldName
from tests.schemas.contracts import AVRO, INSTANCE

SIZES = {
    "agama": 7,
    "status-kawin": 4,
    "shdk": 11,
    "pendidikan": 10,
    "golongan-darah": 13,
    "pekerjaan": 89,
    "alasan-pindah": 7,
}
# From the domain's sheet.
NAMED = [
    ("agama", "7", "Kepercayaan terhadap Tuhan YME"),
    ("status-kawin", "4", "Cerai mati"),
    ("shdk", "1", "Kepala keluarga"),
    ("pendidikan", "10", "Strata III"),
    ("golongan-darah", "13", "Tidak tahu"),
    ("pekerjaan", "9", "Petani/pekebun"),
    ("pekerjaan", "65", "Guru"),
    ("pekerjaan", "72", "Dokter"),
    ("pekerjaan", "84", "Pedagang"),
    ("pekerjaan", "85", "Perangkat desa"),
    ("pekerjaan", "88", "Wiraswasta"),
    ("pekerjaan", "89", "Lainnya"),
    ("alasan-pindah", "1", "Pekerjaan"),
]


# Lists of closed words: the words that contracts have as `enum`.
WORDS = {
    "jenis-kelamin": ["L", "P"],
    "skala-usaha": ["MIKRO", "KECIL", "MENENGAH", "BESAR"],
    "risiko-usaha": ["R", "MR", "MT", "T"],
    "status-izin": ["AKTIF", "DIBEKUKAN", "DICABUT"],
    "bentuk-usaha": ["PERORANGAN", "CV", "PT", "PT_PERORANGAN", "KOPERASI", "YAYASAN", "LAIN"],
}
EDITIONS = {"kbli-2020": 88, "kbli-2025": 87}  # how many main groups (golongan pokok) the regulations have


def test_there_is_a_list_for_each_name() -> None:
    assert code_lists.names() == SIZES.keys() | WORDS.keys() | EDITIONS.keys()


@pytest.mark.parametrize(("name", "words"), WORDS.items())
def test_closed_words_are_explained_by_the_list_that_has_exactly_them(name: str, words: list[str]) -> None:
    found = code_lists.of_words(tuple(words))

    assert found is not None
    assert (found.name, list(found.codes)) == (name, words)
    assert code_lists.of_words((*words, "LAINNYA")) is None
    assert code_lists.of_words(tuple(words[1:])) is None


@pytest.mark.parametrize(
    ("document", "field", "lists"),
    [
        ("dpmptsp.izin-usaha", "skala", ["skala-usaha"]),
        ("dpmptsp.izin-usaha", "risiko", ["risiko-usaha"]),
        ("dpmptsp.izin-usaha", "status", ["status-izin"]),
        ("dpmptsp.izin-usaha", "bentuk", ["bentuk-usaha"]),
        ("dpmptsp.izin-usaha", "kbli", ["kbli-2020", "kbli-2025"]),
        ("dpmptsp.izin-usaha", "kbli_edisi", []),
        ("dpmptsp.izin-usaha", "nib", []),
        ("dpmptsp.izin-kegiatan", "kbli", ["kbli-2020", "kbli-2025"]),
        ("disdukcapil.penduduk", "agama", ["agama"]),
        ("disdukcapil.penduduk", "jenis_kelamin", ["jenis-kelamin"]),
        ("disdukcapil.penduduk", "status", []),
    ],
)
def test_a_field_is_explained_by_its_lists(document: str, field: str, lists: list[str]) -> None:
    opd, _, name = document.partition(".")
    contract = load(AVRO / opd / f"{name}.avsc", INSTANCE)

    assert [each.name for each in lists_of(contract.by_name[FieldName(field)])] == lists


@pytest.mark.parametrize(("name", "size"), EDITIONS.items())
def test_an_edition_has_the_main_groups_of_its_regulation(name: str, size: int) -> None:
    codes = code_lists.load(name).codes

    assert (len(codes), list(codes)) == (size, sorted(codes))
    assert {len(code) for code in codes} == {2}
    assert ("45" in codes) == (name == "kbli-2020")


def test_an_edition_ends_as_a_whole() -> None:
    old, new = code_lists.load("kbli-2020"), code_lists.load("kbli-2025")

    assert old.valid_on(date(2026, 6, 30)) == tuple(old.codes)
    assert old.valid_on(date(2026, 7, 1)) == ()
    assert new.valid_on(date(2026, 7, 1)) == tuple(new.codes)
    assert (old.is_limited, new.is_limited) == (True, False)


@pytest.mark.parametrize(("name", "size"), SIZES.items())
def test_a_list_counts_from_one_without_a_gap(name: str, size: int) -> None:
    codes = code_lists.load(name).codes

    assert list(codes) == [str(number) for number in range(1, size + 1)]
    assert len(set(codes.values())) == size
    assert code_lists.load(name).source


@pytest.mark.parametrize(("name", "code", "text"), NAMED)
def test_a_code_means_what_the_sheet_says(name: str, code: str, text: str) -> None:
    assert code_lists.load(name).codes[code] == text


@pytest.mark.parametrize(
    ("name", "system", "text", "code"),
    [
        ("agama", "dapodik", "Budha", "5"),
        ("agama", "dapodik", " kepercayaan  kpd tuhan yme ", "7"),
        ("agama", "siak", "KATHOLIK", "3"),
        ("agama", None, "katolik", "3"),
        ("agama", "dapodik", "Lainnya", None),
        ("status-kawin", "siak", "Kawin Belum Tercatat", "2"),
        ("pendidikan", "dapodik", "S1", "8"),
        ("jenis-kelamin", "siak", "laki-laki", "L"),
        ("skala-usaha", "oss", "Usaha Mikro", "MIKRO"),
        ("skala-usaha", "oss", "1", None),
        ("risiko-usaha", "oss", "menengah-tinggi", "MT"),
        ("status-izin", "oss", "Dibekukan", "DIBEKUKAN"),
        ("bentuk-usaha", "oss", "Persekutuan Komanditer (CV)", "CV"),
        ("bentuk-usaha", "oss", "Persekutuan Firma", "LAIN"),
    ],
)
def test_another_systems_text_has_our_code_by_name(name: str, system: str | None, text: str, code: str | None) -> None:
    assert code_lists.load(name).code_of(text, system=system) == code


def test_a_list_without_days_is_always_valid() -> None:
    codes = code_lists.load("agama")

    assert codes.limited == {}
    assert codes.valid_on(date(1900, 1, 1)) == tuple(codes.codes)


LIST: dict[str, Any] = {
    "title": "contoh",
    "source": "Contoh",
    "codes": {
        "1": "Satu",
        "2": {"name": "Dua", "validUntil": "2025-12-31"},
        "3": {"name": "Tiga", "validFrom": "2026-01-01"},
    },
    "mappings": {"lama": {"DUA": "3"}},
    "history": [{"on": "2026-01-01", "text": "Kode 3 menggantikan kode 2."}],
}


@pytest.mark.parametrize(
    ("day", "valid"),
    [(date(2025, 12, 31), ("1", "2")), (date(2026, 1, 1), ("1", "3"))],
    ids=["last day of the old", "first day of the new"],
)
def test_codes_have_first_and_last_days(day: date, valid: tuple[str, ...]) -> None:
    codes = code_lists.read("contoh", LIST)

    assert codes.valid_on(day) == valid
    assert dict(codes.codes) == {"1": "Satu", "2": "Dua", "3": "Tiga"}
    assert codes.history == (code_lists.Change(date(2026, 1, 1), "Kode 3 menggantikan kode 2."),)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"codes": {}}, "at least 1"),
        ({"colour": "red"}, "Extra inputs"),
        ({"mappings": {"lama": {"X": "9"}}}, "9 is no code"),
        ({"mappings": {"lama": {"X y": "1", "x  Y": "2"}}}, "stands twice"),
        ({"codes": {"1": {"name": "Satu", "validFrom": "2026-02-01", "validUntil": "2026-01-01"}}}, "ends before"),
        ({"validFrom": "2026-02-01", "validUntil": "2026-01-01"}, "the list ends before"),
        ({"history": [{"on": "kemarin", "text": "x"}]}, "date"),
    ],
)
def test_a_wrong_list_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        code_lists.read("contoh", LIST | change)

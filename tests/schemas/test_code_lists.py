"""The code lists are complete and in order."""

from datetime import date
from typing import Any

import pytest

from schemas import code_lists

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


def test_there_is_a_list_for_each_name() -> None:
    assert code_lists.names() == set(SIZES)


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
        ({"history": [{"on": "kemarin", "text": "x"}]}, "date"),
    ],
)
def test_a_wrong_list_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        code_lists.read("contoh", LIST | change)

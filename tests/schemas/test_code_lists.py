"""The code lists are complete and in order."""

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

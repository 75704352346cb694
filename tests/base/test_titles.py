"""Names are shown as people write them."""

import pytest

from base.titles import human, in_sentence


@pytest.mark.parametrize(
    ("name", "title", "within"),
    [
        ("peserta-didik", "Peserta didik", "peserta didik"),
        ("kartu_keluarga", "Kartu keluarga", "kartu keluarga"),
        ("gtk", "GTK", "GTK"),
        ("umkm-binaan", "UMKM binaan", "UMKM binaan"),
        ("sasaran_kia", "Sasaran KIA", "sasaran KIA"),
        ("no_kk", "No KK", "no KK"),
        ("berat_kg", "Berat kg", "berat kg"),
        ("PPPK_PARUH_WAKTU", "PPPK paruh waktu", "PPPK paruh waktu"),
        ("MENENGAH", "Menengah", "menengah"),
        ("", "", ""),
    ],
)
def test_a_name_is_read_as_people_write_it(name: str, title: str, within: str) -> None:
    assert (human(name), in_sentence(name)) == (title, within)

"""Each format takes the spellings of the domain's table, and no others."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.formats import FORMATS, Format

GOOD = [
    ("nik", "3518131708909001", "3518131708909001"),
    ("nik", " 3518 0852.0315 9002", "3518085203159002"),
    ("nik", "'3518132902009003", "3518132902009003"),
    ("no-kk", "3518131203129001", "3518131203129001"),
    ("no-kk", "3518080501239002", "3518080501239002"),
    ("kode-wilayah", "35.18", "35.18"),
    ("kode-wilayah", "3518131001", "35.18.13.1001"),
    ("kode-wilayah", "91.03.01.3001", "91.03.01.3001"),
    ("kode-bps", "3518140010", "3518140010"),
    ("kode-bps", "35.18", "3518"),
    ("kode-pos", "64 411", "64411"),
    ("nama-orang", "Siti  Aminah ", "SITI AMINAH"),
    ("nama-orang", "M. NUR HIDAYAT", "M. NUR HIDAYAT"),
    ("nama-orang", "André d’Arc", "ANDRE D'ARC"),
    ("nama-orang", "SUKARNO", "SUKARNO"),
    ("rt", "RT 1", "001"),
    ("rt", "1", "001"),
    ("rw", "rw.012", "012"),
]
BAD = [
    ("nik", "351813170890901"),
    ("nik", "0518131708909001"),
    ("nik", "35181317089090\u0660\u0661"),  # digits of another script
    ("nik", "3518131708909001\n9"),
    ("no-kk", "35181312031290011"),
    ("no-kk", "3518-1312-0312-XXXX"),
    ("kode-wilayah", "35.18.1"),
    ("kode-wilayah", "35.18.13.4001"),
    ("kode-wilayah", "3518140"),
    ("kode-bps", "35181"),
    ("kode-bps", "35.18.13.X"),
    ("kode-pos", "6441"),
    ("kode-pos", "64-412"),
    ("nama-orang", "BUDI2"),
    ("nama-orang", "-"),
    ("nama-orang", ""),
    ("rt", "1A"),
    ("rt", "1234"),
    ("rw", "-"),
]
# A value of the right form that breaks a check.
BROKEN = [
    ("nik", "9918131708909001", "nik.provinsi"),
    ("nik", "3518131708900000", "nik.urut"),
    ("nik", "3518131313909001", "nik.tanggal"),
    ("nik", "3518132902019001", "nik.tanggal"),  # 2001 and 1901 have no 29 February
    ("nik", "3518137208909001", "nik.tanggal"),  # day 72: a woman's 32nd
    ("nama-orang", "A" * 61, "nama-orang.panjang"),
    ("lintang", 111.9046, "lintang.batas"),
    ("bujur", -7.6051, "bujur.batas"),
    ("lintang", 6.01, "lintang.batas"),
]


def broken_checks(form: Format, value: object) -> list[str]:
    return [check.code for check in form.checks if not check.passes(value)]


@pytest.mark.parametrize(("name", "typed", "normal"), GOOD)
def test_a_spelling_of_the_table_becomes_its_normal_form(name: str, typed: str, normal: str) -> None:
    form = FORMATS[name]

    assert form.normalise(typed) == normal
    assert form.pattern is not None
    assert re.fullmatch(form.pattern, normal)
    assert broken_checks(form, normal) == []


@pytest.mark.parametrize(("name", "typed"), BAD)
def test_another_spelling_has_no_normal_form(name: str, typed: str) -> None:
    form = FORMATS[name]

    assert form.pattern is not None
    assert not re.fullmatch(form.pattern, form.normalise(typed))


@pytest.mark.parametrize(("name", "value", "code"), BROKEN)
def test_a_check_finds_what_the_form_does_not_say(name: str, value: object, code: str) -> None:
    assert broken_checks(FORMATS[name], value) == [code]


@pytest.mark.parametrize("form", [form for form in FORMATS.values() if form.pattern], ids=lambda form: form.name)
@given(data=st.data())
def test_a_value_of_the_form_is_its_own_normal_form(form: Format, data: st.DataObject) -> None:
    value = data.draw(st.from_regex(form.pattern or "", fullmatch=True))

    assert form.normalise(value) == value


@pytest.mark.parametrize("form", [form for form in FORMATS.values() if form.pattern], ids=lambda form: form.name)
def test_a_pattern_means_the_same_in_every_engine(form: Format) -> None:
    assert form.pattern is not None
    assert not re.search(r"\\[dwsbDWSB]|\(\?[=!<]|[$^]", form.pattern)

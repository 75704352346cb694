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
    ("nip", "19870312 201001 2 903", "198703122010012903"),
    ("nip", "199204052024211907", "199204052024211907"),
    ("nip", "199011302025242911", "199011302025242911"),
    ("nuptk", "0551756657129002", "0551756657129002"),
    ("nisn", "0098765901", "0098765901"),
    ("npsn", "p9998903", "P9998903"),
    ("npsn", "20538901", "20538901"),
    ("npwp16", "01.234.567.4-655.000", "0012345674655000"),
    ("npwp16", "3518131708909001", "3518131708909001"),
    ("nitku", "0012345674655000000001", "0012345674655000000001"),
    ("nib", "1203250 009001", "1203250009001"),
    ("kbli", "47.111", "47111"),
    ("nop", "35.18.140.001.002-0045.0", "351814000100200450"),
    ("nop", "351820000700190037", "351820000700190037"),
    ("kode-opd", "RSUDNganjuk ", "rsudnganjuk"),
    ("kode-skpd", "2.16.2.20.2.21.01.0000", "2.16.2.20.2.21.01.0000"),
    ("kode-faskes", "p3518140901", "P3518140901"),
    ("kode-faskes", "10009001", "10009001"),
    ("plat-nomor", "ag9001va", "AG 9001 VA"),
    ("plat-nomor", "AG 45  U", "AG 45 U"),
    ("telepon", "0812-3456-7890", "+6281234567890"),
    ("telepon", "62 857 0000 9001", "+6285700009001"),
    ("telepon", "(0358) 330901", "+62358330901"),
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
    ("nip", "198713122010012903"[:17]),
    ("nip", "198703122010152903"),  # month 15 is neither an appointment nor a contract
    ("nip", "131268190"),
    ("nuptk", "4538-7656"),
    ("nuptk", "45387656661290O1"),
    ("nisn", "98765901"),  # a spreadsheet ate the zeros
    ("nisn", "00987659O1"),
    ("npsn", "X1234567"),
    ("npsn", "205389011"),
    ("npwp16", "12345"),
    ("npwp16", "0012345674655OOO"),
    ("nitku", "0012345674655000"),
    ("nib", "NIB1203250009"),
    ("kbli", "G4711"),
    ("kbli", "471110"),
    ("nop", "35181400010020045"),
    ("nop", "351801300100200450"),  # 013 is no district of the tax office
    ("kode-opd", "Disduk Capil"),
    ("kode-opd", "1dinkes"),
    ("kode-opd", "dp"),
    ("kode-skpd", "2.16.2.20.2.21.1.0000"),
    ("kode-faskes", "RSUD-1"),
    ("plat-nomor", "1234 AG"),
    ("plat-nomor", "AG 0123 V"),
    ("telepon", "+62812345"),
    ("telepon", "12345"),
    ("telepon", "+6587654321"),
]
# A value of the right form that breaks a check.
BROKEN = [
    ("nip", "198713122010012903", "nip.tanggal"),
    ("nisn", "0000000000", "nisn.nol"),
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


# A value that is taken with a warning, and its like without.
WARNED = [
    ("npwp16", "0012345675655000", "0012345674655000", "npwp16.luhn"),
    ("nop", "351814000100200455", "351814000100200459", "nop.khusus"),
]


@pytest.mark.parametrize(("name", "odd", "usual", "code"), WARNED)
def test_an_odd_value_of_the_right_form_is_warned_of(name: str, odd: str, usual: str, code: str) -> None:
    form = FORMATS[name]

    assert [check.code for check in form.warnings if not check.passes(odd)] == [code]
    assert [check.code for check in form.warnings if not check.passes(usual)] == []
    assert broken_checks(form, odd) == []

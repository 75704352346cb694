"""What is told of accepted rows: the same by both ways, and nothing where there is nothing."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import polars as pl
import pytest

from producers.synthetic.documents import Documents
from schemas import code_lists
from schemas.column_judge import ColumnJudge
from schemas.contract import Contract
from schemas.formats import FORMATS
from schemas.formats.local_marks import local_warnings
from schemas.loader import load, load_all, read
from schemas.row_warnings import WarningSet, outdated, parted
from schemas.rules import dtypes, today
from schemas.validator import Validator
from tests.schemas.contracts import AVRO, INSTANCE, REGION, RESIDENT, TODAY, penduduk, schema_of, wilayah

LOCAL = local_warnings(INSTANCE)
GOOD = RESIDENT | {"nik": "3201135708909001", "kode_pos": f"{INSTANCE.kode_pos}000"[:5]}


def told(contract: Contract, row: Mapping[str, Any], on: date = TODAY) -> tuple[str, ...]:
    """The codes by the validator, which the column judge must give too."""
    frame = pl.DataFrame([dict(row)], schema=dtypes(contract.fields))
    one = Validator(contract, LOCAL).warnings([row], accepted_on=on)

    assert [parted(text) for text in ColumnJudge(contract, LOCAL).warnings(frame, on)] == [one.get(0, ())]
    return one.get(0, ())


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        pytest.param({}, (), id="nothing"),
        pytest.param(
            {"nik": "3201133102909001"}, ("nik:nik.tanggal", "rule:nik_sesuai_lahir_dan_jenis_kelamin"), id="no day"
        ),
        pytest.param({"jenis_kelamin": "L"}, ("rule:nik_sesuai_lahir_dan_jenis_kelamin",), id="another sex"),
        pytest.param(
            {"tanggal_lahir": date(1990, 8, 18)}, ("rule:nik_sesuai_lahir_dan_jenis_kelamin",), id="another birth"
        ),
        pytest.param({"nik": "3299135708909001"}, ("nik:nik.kecamatan",), id="no district"),
        pytest.param({"nama": "SITI"}, ("nama:nama-orang.satu-kata",), id="one word"),
        pytest.param({"nama": "DR. SITI"}, ("nama:nama-orang.gelar",), id="title"),
        pytest.param({"nama": "TEST AMINAH"}, ("nama:nama-orang.uji",), id="trial"),
        pytest.param({"no_kk": "3201133113129001"}, ("no_kk:no-kk.tanggal",), id="card of no day"),
        pytest.param({"no_kk": "3201132902129001"}, (), id="card of a leap day"),
        pytest.param({"rt": "000", "rw": "000"}, ("rt:rt.nol", "rw:rw.nol"), id="zeros"),
        pytest.param({"kode_pos": "16110"}, ("kode_pos:kode-pos.daerah",), id="elsewhere"),
        pytest.param({"status": "MENINGGAL"}, ("rule:meninggal_bertanggal",), id="no date of death"),
        pytest.param({"tanggal_meninggal": TODAY}, ("rule:meninggal_bertanggal",), id="dead and alive"),
        pytest.param({"status": "MENINGGAL", "tanggal_meninggal": TODAY}, (), id="dead"),
        pytest.param(
            {"nik": "3201134203109001", "tanggal_lahir": date(2010, 3, 2)},
            ("rule:kawin_di_bawah_16_tahun",),
            id="married the day before 16",
        ),
        pytest.param({"nik": "3201134103109001", "tanggal_lahir": date(2010, 3, 1)}, (), id="married at 16"),
    ],
)
def test_a_resident_is_accepted_and_told_of(change: dict[str, Any], codes: tuple[str, ...]) -> None:
    row = GOOD | change

    assert Validator(penduduk()).check(row, accepted_on=TODAY) == row
    assert told(penduduk(), row) == codes


def test_age_is_that_of_the_day_of_acceptance() -> None:
    row = GOOD | {"nik": "3201134203109001", "tanggal_lahir": date(2010, 3, 2)}

    assert told(penduduk(), row, date(2026, 3, 1)) == ("rule:kawin_di_bawah_16_tahun",)
    assert told(penduduk(), row, date(2026, 3, 2)) == ()


@pytest.mark.parametrize(
    ("lintang", "codes"), [(sum(INSTANCE.setempat.lintang) / 2, ()), (-2.0, ("lintang:lintang.daerah",))]
)
def test_a_place_elsewhere_is_told(lintang: float, codes: tuple[str, ...]) -> None:
    row = REGION | {"lintang": lintang, "bujur": sum(INSTANCE.setempat.bujur) / 2}

    assert told(wilayah(), row) == codes


def test_many_rows_are_told_of_by_place() -> None:
    rows = [GOOD, GOOD | {"rt": "000"}, GOOD, GOOD | {"rw": "000"}]

    assert Validator(penduduk()).warnings(rows, accepted_on=TODAY) == {1: ("rt:rt.nol",), 3: ("rw:rw.nol",)}


def test_a_contract_without_warnings_asks_nothing() -> None:
    schema = schema_of(wilayah())
    schema["fields"] = [f for f in schema["fields"] if f["name"] in {"kode", "nama", "tingkat", "sumber_diubah"}]
    schema["contract"]["rules"] = []
    warnings = WarningSet(read(schema, file="x"), LOCAL)

    assert warnings.sentences == {}
    assert warnings.of_rows([{}], TODAY) == {}


@pytest.mark.parametrize(
    ("day", "told_of"), [(date(2025, 12, 31), [False, True, False]), (date(2026, 1, 1), [True, False, False])]
)
def test_a_code_outside_its_days_is_told(day: date, told_of: list[bool]) -> None:
    codes = {"1": {"name": "Satu", "validUntil": "2025-12-31"}, "2": {"name": "Dua", "validFrom": "2026-01-01"}}
    limited = code_lists.read("contoh", {"title": "contoh", "source": "x", "codes": codes | {"3": "Tiga"}})
    frame = pl.DataFrame({"code": ["1", "2", "3"]}).with_columns(today(day))

    assert frame.select(told=outdated(limited.limited, pl.col("code")))["told"].to_list() == told_of


# The last day of the old edition, and the day after it.
BEFORE, AFTER = date(2026, 6, 30), date(2026, 7, 1)


@pytest.mark.parametrize(
    ("kbli", "edition", "on", "codes"),
    [
        pytest.param("47111", "2020", BEFORE, (), id="old code in the old edition"),
        pytest.param("47111", "2025", AFTER, (), id="in both"),
        pytest.param("45201", "2020", BEFORE, (), id="only in the old"),
        pytest.param("45201", "2025", AFTER, ("kbli:codes.edisi",), id="gone in the new"),
        pytest.param("04111", "2020", BEFORE, ("kbli:codes.edisi",), id="in neither"),
        pytest.param("47111", "2020", AFTER, ("kbli_edisi:codes.berlaku",), id="old edition after its end"),
        pytest.param("04111", "2020", AFTER, ("kbli:codes.edisi", "kbli_edisi:codes.berlaku"), id="both"),
    ],
)
@pytest.mark.parametrize("document", ["izin-usaha", "izin-kegiatan"])
def test_an_activity_is_told_of_by_the_edition_that_its_row_names(
    document: str, kbli: str, edition: str, on: date, codes: tuple[str, ...]
) -> None:
    contract = load(AVRO / "dpmptsp" / f"{document}.avsc", INSTANCE)
    row = Documents(contract, seed=1, accepted_on=TODAY).good(1)[0] | {"kbli": kbli, "kbli_edisi": edition}
    found = told(contract, row, on)

    assert tuple(code for code in found if code.startswith("kbli")) == codes


@pytest.mark.parametrize("contract", load_all(AVRO, INSTANCE), ids=lambda contract: contract.name)
def test_every_warning_has_a_code_of_its_own_and_a_sentence(contract: Contract) -> None:
    sentences = WarningSet(contract, LOCAL).sentences

    assert all(sentence.text.endswith(".") for sentence in sentences.values())
    assert all(code.startswith("rule:") or code.partition(":")[0] in contract.by_name for code in sentences)


CASES = [
    ("nip", "198703122010012903", ()),
    ("nip", "198703122002012903", ("nip.pengangkatan",)),
    ("nip", "195003122011012903", ("nip.pengangkatan",)),
    ("npwp16", "0012345674655000", ()),
    ("npwp16", "0012345675655000", ("npwp16.luhn",)),
    ("npwp16", "3201131708909001", ()),
    ("nop", "351814000100200450", ()),
    ("nop", "351814000100200457", ()),
    ("nop", "351814000100200455", ("nop.khusus",)),
    ("nama-orang", "M. NUR HIDAYAT", ()),
    ("nama-orang", "HIDAYAT, S.PD.", ("nama-orang.gelar",)),
    ("nama-orang", "SITI XXXX", ("nama-orang.uji",)),
    ("nama-orang", "TESTIANA PUTRI", ()),
]


@pytest.mark.parametrize(("form", "value", "codes"), CASES)
def test_a_value_is_told_of(form: str, value: str, codes: tuple[str, ...]) -> None:
    assert tuple(check.code for check in FORMATS[form].warnings if not check.passes(value)) == codes


@pytest.mark.parametrize(("form", "value", "codes"), CASES)
def test_a_twin_never_clears_what_the_check_tells(form: str, value: str, codes: tuple[str, ...]) -> None:
    frame = pl.DataFrame({"value": [value]})
    for check in FORMATS[form].warnings:
        cleared = check.column is not None and frame.select(check.column(pl.col("value"))).item()

        assert not (cleared and check.code in codes)

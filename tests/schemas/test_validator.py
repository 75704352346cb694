"""What the validator accepts, what it makes of it, and how it words what it refuses."""

import ast
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.contract import Contract, Kind
from schemas.finishers import finisher
from schemas.formats import FORMATS
from schemas.loader import read
from schemas.names import FieldName
from schemas.reasons import REASONS
from schemas.rejection import Fault, Rejection
from schemas.validator import Validator
from tests.schemas.contracts import CHANGED, REGION, RESIDENT, ROOT, TODAY, penduduk, schema_of, wilayah

RESIDENTS = Validator(penduduk())
REGIONS = Validator(wilayah())


def reasons(validator: Validator, row: dict[str, Any]) -> list[tuple[str | None, str]]:
    verdict = validator.check(row, accepted_on=TODAY)
    return [(found.field, found.code) for found in verdict] if isinstance(verdict, tuple) else []


def test_a_good_row_comes_back_as_it_is() -> None:
    assert RESIDENTS.check(RESIDENT, accepted_on=TODAY) == RESIDENT
    assert REGIONS.check(REGION, accepted_on=TODAY) == REGION


def test_physical_values_become_logical_ones() -> None:
    physical = RESIDENT | {"tanggal_lahir": 7533, "sumber_diubah": 1_767_596_700_000}

    assert RESIDENTS.check(physical, accepted_on=TODAY) == RESIDENT
    assert REGIONS.check(REGION | {"luas_km2": b"\x04\xd2"}, accepted_on=TODAY) == REGION | {
        "luas_km2": Decimal("12.34")
    }


def test_fields_that_the_writer_does_not_know_are_null_and_in_their_place() -> None:
    row = {name: value for name, value in RESIDENT.items() if value is not None}

    verdict = RESIDENTS.check(row, accepted_on=TODAY)

    assert verdict == RESIDENT
    assert list(verdict) == [field.name for field in RESIDENTS.contract.fields]


@pytest.mark.parametrize(
    ("field", "typed", "normal"),
    [
        ("nik", " 3201 1317 0890 9001", "3201131708909001"),
        ("nama", "siti  aminah", "SITI AMINAH"),
        ("rt", "RT 1", "001"),
        ("kode_wilayah", "3201132001", "32.01.13.2001"),
        ("sumber_diubah", CHANGED.astimezone(timezone(timedelta(hours=7))), CHANGED),
        ("sumber_diubah", CHANGED + timedelta(microseconds=999), CHANGED),
    ],
)
def test_another_spelling_is_normalised(field: str, typed: object, normal: object) -> None:
    assert RESIDENTS.check(RESIDENT | {field: typed}, accepted_on=TODAY) == RESIDENT | {field: normal}


def test_a_negative_zero_is_a_zero() -> None:
    verdict = REGIONS.check(REGION | {"lintang": -0.0}, accepted_on=TODAY)

    assert isinstance(verdict, dict)
    assert str(verdict["lintang"]) == "0.0"


BAD: list[tuple[dict[str, Any], str]] = [
    ({"nik": "320113170890900"}, "nik.bentuk"),
    ({"nik": "9901131708909001"}, "nik.provinsi"),
    ({"nik": "3201131708900000"}, "nik.urut"),
    ({"nik": None}, "required"),
    ({"nik": 3201131708909001}, "type"),
    ({"nik": b"3201131708909001"}, "type"),
    ({"nama": "BUDI2"}, "nama-orang.bentuk"),
    ({"nama": "A" * 61}, "nama-orang.panjang"),
    ({"nama": "A\x00B"}, "text-nul"),
    ({"jenis_kelamin": "X"}, "enum"),
    ({"jenis_kelamin": "l"}, "enum"),
    ({"tempat_lahir": ""}, "minLength"),
    ({"tempat_lahir": "A" * 61}, "maxLength"),
    ({"tanggal_lahir": 10_000_000}, "date-range"),
    ({"tanggal_lahir": -10_000_000}, "date-range"),
    ({"tanggal_lahir": 2**62}, "date-range"),
    ({"tanggal_lahir": date(1899, 12, 31)}, "minimum"),
    ({"tanggal_lahir": TODAY + timedelta(days=1)}, "maximum"),
    ({"tanggal_lahir": "1990-08-17"}, "type"),
    ({"tanggal_lahir": datetime(1990, 8, 17, tzinfo=UTC)}, "type"),
    ({"tanggal_lahir": True}, "type"),
    ({"agama": "8"}, "codes"),
    ({"agama": "1 "}, "codes"),
    ({"pekerjaan": "90"}, "codes"),
    ({"alamat": "A\x00"}, "text-nul"),
    ({"alamat": "A\nB"}, "text-control"),
    ({"alamat": "A\x85B"}, "text-control"),
    ({"alamat": "A\u202eB"}, "text-bidi"),
    ({"alamat": "A\u2066B"}, "text-bidi"),
    ({"alamat": "A\ud800B"}, "text-surrogate"),
    ({"alamat": "A" * 201}, "maxLength"),
    ({"kode_wilayah": "32.01.13"}, "minLength"),
    ({"kode_wilayah": "32.01.13.4001"}, "kode-wilayah.bentuk"),
    ({"sumber_diubah": 2**62}, "date-range"),
    ({"sumber_diubah": datetime(2026, 1, 5)}, "type"),  # noqa: DTZ001
    ({"sumber_diubah": datetime.max.replace(tzinfo=UTC)}, "date-range"),
]


@pytest.mark.parametrize(("change", "code"), BAD, ids=lambda value: value if isinstance(value, str) else None)
def test_a_bad_value_is_refused_with_its_field_and_code(change: dict[str, Any], code: str) -> None:
    assert reasons(RESIDENTS, RESIDENT | change) == [(next(iter(change)), code)]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"luas_km2": Decimal("1.234")}, "number"),
        ({"luas_km2": Decimal("NaN")}, "number"),
        ({"luas_km2": Decimal("sNaN")}, "number"),
        ({"luas_km2": Decimal("-Infinity")}, "number"),
        ({"luas_km2": Decimal("1E+20")}, "number"),
        ({"luas_km2": 10**400}, "number"),
        ({"lintang": 10**400}, "number"),
        ({"luas_km2": Decimal(0)}, "minimum"),
        ({"luas_km2": b"\x01" * 1_000}, "number"),
        ({"luas_km2": b""}, "number"),
        ({"luas_km2": "1,5"}, "type"),
        ({"lintang": float("nan")}, "number"),
        ({"lintang": float("-inf")}, "number"),
        ({"lintang": 112.0}, "lintang.batas"),
        ({"bujur": -7.5}, "bujur.batas"),
        ({"bujur": "112"}, "type"),
        ({"kode_bps": "35181"}, "kode-bps.bentuk"),
    ],
)
def test_a_bad_number_is_refused(change: dict[str, Any], code: str) -> None:
    assert reasons(REGIONS, REGION | change) == [(next(iter(change)), code)]


def test_every_reason_is_given_in_the_contracts_order() -> None:
    row = RESIDENT | {"status": "TIDUR", "nama": None, "alamat": "\x00", "nik": "1", "warna": "merah"}

    assert reasons(RESIDENTS, row) == [
        ("nik", "nik.bentuk"),
        ("nama", "required"),
        ("alamat", "text-nul"),
        ("status", "enum"),
        ("warna", "unknown-field"),
    ]


def test_an_impossible_date_in_a_nik_is_only_a_warning_in_disdukcapils_documents() -> None:
    row = RESIDENT | {"nik": "3201139913909001"}

    assert RESIDENTS.check(row, accepted_on=TODAY) == row
    strict = replace(penduduk().by_name[FieldName("nik")], warn_only=frozenset())
    finish = finisher(strict, in_key=True)
    assert finish is not None
    assert finish(row["nik"], TODAY).code == "nik.tanggal"


def test_today_is_the_day_of_acceptance() -> None:
    row = RESIDENT | {"tanggal_lahir": TODAY}

    assert RESIDENTS.check(row, accepted_on=TODAY) == row
    assert isinstance(RESIDENTS.check(row, accepted_on=TODAY - timedelta(days=1)), tuple)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"status": "GANDA"}, "ganda_menunjuk_pengganti"),
        ({"nik_pengganti": "3201131708909002"}, "ganda_menunjuk_pengganti"),
        ({"status": "MENINGGAL", "tanggal_meninggal": date(1990, 8, 16)}, "meninggal_setelah_lahir"),
    ],
)
def test_a_broken_rule_is_a_reason_of_its_own(change: dict[str, Any], rule: str) -> None:
    verdict = RESIDENTS.check(RESIDENT | change, accepted_on=TODAY)

    assert isinstance(verdict, tuple)
    assert [(found.fault, found.code, found.field) for found in verdict] == [(Fault.RULE, f"rule:{rule}", rule)]


def test_a_rule_with_a_null_does_not_apply() -> None:
    row = RESIDENT | {"status": "MENINGGAL", "tanggal_meninggal": None}

    assert RESIDENTS.check(row, accepted_on=TODAY) == row


@pytest.mark.parametrize(
    ("kode", "tingkat", "good"),
    [
        ("32", "PROVINSI", True),
        ("32", "DESA", False),
        ("32.01", "KABUPATEN", True),
        ("32.01.13", "KECAMATAN", True),
        ("32.01.13.1001", "KELURAHAN", True),
        ("32.01.13.1001", "KECAMATAN", False),
    ],
)
def test_a_regions_level_fits_its_code(kode: str, tingkat: str, *, good: bool) -> None:
    verdict = REGIONS.check(REGION | {"kode": kode, "tingkat": tingkat}, accepted_on=TODAY)

    assert isinstance(verdict, dict) is good


def test_one_bad_row_leaves_its_neighbours_alone() -> None:
    rows = [RESIDENT, RESIDENT | {"status": "GANDA"}, RESIDENT | {"agama": "0"}, RESIDENT]

    verdicts = RESIDENTS.check_all(rows, accepted_on=TODAY)

    assert [type(verdict) for verdict in verdicts] == [dict, tuple, tuple, dict]
    assert verdicts == [RESIDENTS.check(row, accepted_on=TODAY) for row in rows]


def test_a_message_is_indonesian_and_shows_the_shape_only() -> None:
    verdict = RESIDENTS.check(RESIDENT | {"nik": "320113170890900"}, accepted_on=TODAY)

    assert isinstance(verdict, tuple)
    assert verdict[0].sentence() == (
        "nik: 15 digit; seharusnya 16 digit. Mohon perbaiki kolom ini di sistem asal, lalu kirim lagi."
    )


@given(st.sampled_from([field.name for field in penduduk().fields]), st.text(min_size=12, max_size=30))
def test_no_message_ever_holds_a_value(field: str, text: str) -> None:
    verdict = RESIDENTS.check(RESIDENT | {field: text}, accepted_on=TODAY)

    if isinstance(verdict, tuple):
        assert text not in " ".join(found.sentence() for found in verdict)


KEYS = [
    ("3201131708909001", ("3201131708909001",)),
    ("320113170890900", "key-format"),
    (" 3201131708909001", "key-format"),
    ("9901131708909001", "key-format"),
    ("3201131708909001|2", "key-parts"),
    ("", "key-format"),
]


@pytest.mark.parametrize(("key", "expected"), KEYS)
def test_a_key_has_the_parts_of_its_fields(key: str, expected: tuple[str, ...] | str) -> None:
    found = RESIDENTS.check_key(key)

    assert (found.code if isinstance(found, Rejection) else found) == expected


def keyed_by_text() -> Contract:
    """A document whose key is a text without a format, and a code."""
    schema = schema_of(penduduk())
    schema["contract"]["key"] = ["tempat_lahir", "agama"]
    del schema["fields"][21]["isReplacedBy"]  # it names a row by its NIK
    return read(schema, file="x")


def test_a_key_of_two_parts_is_split_at_the_bar() -> None:
    assert Validator(keyed_by_text()).check_key("AKTA/1|2") == ("AKTA/1", "2")


@pytest.mark.parametrize("text", ["A|B", "A\u200bB", "e\u0301", "A\u00adB"])
def test_a_text_that_would_blur_a_key_is_refused(text: str) -> None:
    assert reasons(Validator(keyed_by_text()), RESIDENT | {"tempat_lahir": text}) == [("tempat_lahir", "text-key")]


def test_every_code_in_the_sources_stands_in_the_table() -> None:
    used = set()
    for folder in ("schemas", "producers"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "reject":
                    code = node.args[0]
                    used |= {code.value} if isinstance(code, ast.Constant) else set()

    assert used - set(REASONS) == set()
    assert {"truncated", "key-mismatch", "header-doubled", "csv-date"} <= used


def test_codes_of_formats_begin_with_their_format() -> None:
    for form in FORMATS.values():
        assert {check.code.partition(".")[0] for check in form.checks} <= {form.name}


READ_EXAMPLE: dict[Kind, Callable[[str], Any]] = {
    Kind.DATE: date.fromisoformat,
    Kind.TIMESTAMP: datetime.fromisoformat,
    Kind.DECIMAL: Decimal,
    Kind.DOUBLE: float,
}


@pytest.mark.parametrize("contract", [penduduk(), wilayah()], ids=lambda contract: contract.name)
def test_every_field_has_an_example_that_it_accepts(contract: Contract) -> None:
    row: dict[str, Any] = {
        field.name: READ_EXAMPLE.get(field.kind, str)(field.example or "") for field in contract.fields
    }
    row |= {"nik_pengganti": None} if "nik_pengganti" in row else {}  # filled for the status GANDA only

    verdict = Validator(contract).check(row, accepted_on=TODAY)

    assert isinstance(verdict, dict), json.dumps([found.sentence() for found in verdict])

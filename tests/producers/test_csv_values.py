"""Cells as offices type them."""

from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.csv_values import read_date, read_moment, read_row
from schemas.contract import Contract, Value
from tests.schemas.contracts import penduduk, wilayah

ZONE = ZoneInfo("Asia/Jakarta")


def read(contract: Contract, name: str, text: str) -> Value | str:
    """The value of one cell, or the code of its rejection."""
    row = read_row(contract, {name: text}, ZONE)
    return row[name] if isinstance(row, dict) else row[0].code


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("1990-08-17", date(1990, 8, 17)),
        ("17-08-1990", date(1990, 8, 17)),
        ("17/8/1990", date(1990, 8, 17)),
        ("17 Agustus 1990", date(1990, 8, 17)),
        ("1 Mei 2001", date(2001, 5, 1)),
        ("5 Nopember 2001", date(2001, 11, 5)),
        ("17 Agt 1990", date(1990, 8, 17)),
        ("1990-08-17 00:00:00", date(1990, 8, 17)),
        ("2000-02-29", date(2000, 2, 29)),
        ("31/02/2025", None),
        ("08/17/1990", None),
        ("17-8-90", None),
        ("00-00-0000", None),
        ("33102", None),
        ("17 Augustus 1990", None),
        ("17-08/1990", None),
        ("\u0661-01-1990", None),
        ("infinity", None),
    ],
)
def test_a_date_is_read_day_first_and_only_if_it_exists(text: str, day: date | None) -> None:
    assert read_date(text) == day


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-05T07:05:00Z", datetime(2026, 1, 5, 7, 5, tzinfo=UTC)),
        ("2026-01-05T14:05:00+07:00", datetime(2026, 1, 5, 7, 5, tzinfo=UTC)),
        ("2026-01-05 14:05:00.250+07:00", datetime(2026, 1, 5, 7, 5, 0, 250_000, tzinfo=UTC)),
        ("2026-01-05 14:05", datetime(2026, 1, 5, 7, 5, tzinfo=UTC)),
        ("05/01/2026 14.05", datetime(2026, 1, 5, 7, 5, tzinfo=UTC)),
        ("5 Januari 2026 pukul 14.05", datetime(2026, 1, 5, 7, 5, tzinfo=UTC)),
        ("2026-01-05", datetime(2026, 1, 4, 17, tzinfo=UTC)),
        ("2026-01-05 25:00", None),
        ("2026-02-30T00:00:00Z", None),
        ("0001-01-01", None),
        ("9999-12-31T23:59:59-12:00", None),
        ("kemarin", None),
    ],
)
def test_a_time_without_a_zone_is_the_offices(text: str, moment: datetime | None) -> None:
    assert read_moment(text, ZONE) == moment


@given(st.text(max_size=40))
def test_no_text_makes_the_readers_raise(text: str) -> None:
    for contract in (penduduk(), wilayah()):
        read = read_row(contract, {field.name: text for field in contract.fields}, ZONE)

        assert isinstance(read, dict | tuple)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12,5", Decimal("12.5")),
        ("12.5", Decimal("12.5")),
        ("1.224,33", Decimal("1224.33")),
        ("-3", Decimal(-3)),
        ("", None),
        ("  ", None),
        ("1,224.33", "csv-number"),
        ("12 km", "csv-number"),
        ("NaN", "csv-number"),
        ("1e400", "csv-number"),
    ],
)
def test_a_decimal_may_have_a_comma(text: str, value: object) -> None:
    assert read(wilayah(), "luas_km2", text) == value


@pytest.mark.parametrize(("text", "value"), [("-7,6051", -7.6051), ("111.9046", 111.9046), ("7°36'", "csv-number")])
def test_a_coordinate_may_have_a_comma(text: str, value: object) -> None:
    assert read(wilayah(), "lintang", text) == value


@pytest.mark.parametrize("text", ["3,51813E+15", "3.51813E+15", "3E+15", "3,5e15"])
def test_a_number_that_excel_bent_is_named_as_such(text: str) -> None:
    row = read_row(penduduk(), {"nik": text}, ZONE)

    assert isinstance(row, tuple)
    assert row[0].sentence() == (
        "nik: NIK berbentuk bilangan berpangkat (E+…); seharusnya teks berisi digit. "
        "Mohon atur kolom sebagai Teks, isi ulang, lalu simpan sebagai CSV."
    )


def test_every_cell_that_cannot_be_read_is_named() -> None:
    row = read_row(penduduk(), {"nik": "3,5E+15", "nama": "SITI", "tanggal_lahir": "31/02/2025"}, ZONE)

    assert isinstance(row, tuple)
    assert [(found.field, found.code) for found in row] == [("nik", "csv-exponent"), ("tanggal_lahir", "csv-date")]

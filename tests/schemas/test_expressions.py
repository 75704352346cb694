"""Our own functions in rules, written out before polars reads them."""

from datetime import date
from typing import Any

import polars as pl
import pytest

from schemas import expressions

COLUMNS = {"since": pl.Date, "until": pl.Date, "text": pl.String}


def value(expression: str, **row: Any) -> Any:
    """What a number's expression comes to: the only number it equals."""
    frame = pl.DataFrame({name: [row.get(name)] for name in COLUMNS}, schema=COLUMNS).with_columns(
        pl.lit(date(2026, 3, 1)).alias("hari_terima")
    )
    parsed = [expressions.parse(f"{expression} {sign} {expected}", COLUMNS) for sign, expected in row["asked"]]
    return frame.select(pl.all_horizontal(parsed)).item()


# since, until, whole years, whole months
SPANS = [
    ("2000-03-01", "2001-03-01", 1, 12),
    ("2000-03-01", "2001-02-28", 0, 11),
    ("2000-03-02", "2001-03-01", 0, 11),
    ("2000-12-31", "2001-01-01", 0, 0),
    ("2004-02-29", "2005-02-27", 0, 11),
    ("2004-02-29", "2005-02-28", 1, 12),
    ("2004-02-29", "2005-03-01", 1, 12),
    ("2004-02-29", "2008-02-28", 3, 47),
    ("2004-02-29", "2008-02-29", 4, 48),
    ("2003-02-28", "2004-02-28", 1, 12),
    ("1900-02-28", "2000-02-28", 100, 1200),
    ("2026-01-31", "2026-02-27", 0, 0),
    ("2026-01-31", "2026-02-28", 0, 1),
    ("2024-01-31", "2024-02-28", 0, 0),
    ("2024-01-31", "2024-02-29", 0, 1),
    ("2026-01-31", "2026-03-30", 0, 1),
    ("2026-01-31", "2026-03-31", 0, 2),
    ("2026-01-31", "2026-04-30", 0, 3),
    ("2026-04-30", "2026-05-29", 0, 0),
    ("2026-04-30", "2026-05-30", 0, 1),
    ("2026-08-31", "2027-08-30", 0, 11),
    ("2026-03-15", "2026-03-14", -1, -1),
]


@pytest.mark.parametrize(("since", "until", "years", "months"), SPANS)
def test_whole_years_and_months(since: str, until: str, years: int, months: int) -> None:
    row = {"since": date.fromisoformat(since), "until": date.fromisoformat(until)}

    assert value("usia(since, until)", **row, asked=[("=", years)])
    assert value("selisih_bulan(since, until)", **row, asked=[("=", months)])


def test_a_date_that_is_not_there_gives_no_number() -> None:
    assert value("usia(since, until)", until=date(2026, 1, 1), asked=[("=", 0)]) is None


def test_the_day_of_acceptance_is_a_column() -> None:
    assert value("usia(since, hari_terima)", since=date(2010, 3, 1), asked=[("=", 16)])
    assert value("usia(since, hari_terima)", since=date(2010, 3, 2), asked=[("=", 15)])


@pytest.mark.parametrize(("text", "number"), [("0012", 12), ("19870312", 19870312), ("12a", None), ("", None)])
def test_digits_are_a_number(text: str, number: int | None) -> None:
    found = value("angka(text)", text=text, asked=[("=", number if number is not None else 0)])

    assert found is (None if number is None else True)


@pytest.mark.parametrize("day", [date(1850, 1, 1), date(1987, 3, 12), date(2000, 12, 31), date(2200, 12, 31)])
def test_a_date_is_a_number(day: date) -> None:
    assert value("angka_tanggal(since)", since=day, asked=[("=", f"{day:%Y%m%d}")])


def test_arguments_may_be_expressions_with_commas_and_brackets() -> None:
    asked = [(">=", 0)]

    assert value("usia(COALESCE(since, DATE '2000-01-01'), (hari_terima))", asked=asked)


def test_a_function_in_a_text_is_a_text() -> None:
    parsed = expressions.parse("text <> 'usia(a, b)'", COLUMNS)

    assert parsed.meta.root_names() == ["text"]


def test_the_names_of_an_expression_are_its_columns() -> None:
    found = expressions.names("usia(nik__lahir, \"tanggal\") >= 10 AND status IN ('ya', 'x') AND LENGTH(nama) > 3")

    assert found == {"nik__lahir", "tanggal", "status", "nama"}

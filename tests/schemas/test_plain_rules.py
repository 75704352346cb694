"""A rule asked row by row says what the same rule says over columns, or is left to them."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas import plain_rules
from schemas.contract import Contract, Kind
from schemas.loader import load_all
from schemas.rules import as_frame, dtypes, parse
from tests.schemas.contracts import AVRO, INSTANCE, penduduk

CONTRACTS = [contract for contract in load_all(AVRO, INSTANCE) if contract.rules]
EVERY = [(contract, rule) for contract in CONTRACTS for rule in contract.rules]
OF_DECIMALS = {"bumi_tanpa_bangunan"}  # left to columns
RULES = [
    pytest.param(contract, rule, id=f"{contract.name}-{rule.name}")
    for contract, rule in EVERY
    if rule.name not in OF_DECIMALS
]
DAYS = st.dates(date(1890, 1, 1), date(2190, 12, 31)) | st.sampled_from(
    [date(2024, 2, 29), date(2023, 2, 28), date(2024, 3, 31), date(2024, 4, 30), date(2000, 1, 1)]
)
VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.STRING: st.sampled_from(["", "P", "L", "2", "PNS", "AKTIF", "GANDA", "3201131708909001", "198001012005011001",
                                  "32.01.13.2001", "É’", "+5", "-7", " 1", "1 ", "9223372036854775807",
                                  "9223372036854775808", "000000000000000000012", "HIDUP"])
    | st.text("0123456789PL.", max_size=20),
    Kind.INT: st.integers(-(2**31), 2**31 - 1),
    Kind.LONG: st.integers(-(2**63), 2**63 - 1),
    Kind.DATE: DAYS,
}  # fmt: skip
MORE = [
    "angka(nama) > 5 AND angka(alamat) < 7 OR tanggal_lahir < tanggal_meninggal",
    "NOT nama = alamat",
    "nama IN ('P', 'L')",
    "LENGTH(nama) BETWEEN 1 AND LENGTH(alamat)",
    "SUBSTR(nama, 3, 2) = LEFT(alamat, 2)",
    "SUBSTR(nama, 0, 2) = 'P'",
    "STARTS_WITH(nama, alamat)",
    "usia(tanggal_lahir, hari_terima) > selisih_bulan(tanggal_meninggal, tanggal_lahir)",
    "angka(nama) * 1000000 - angka(alamat) + 5 > angka(nama) % 7",
    "angka(nama) % 0 = 1",
    "tanggal_lahir + INTERVAL '30 days' >= tanggal_meninggal",
    "tanggal_lahir + INTERVAL '1 month' >= tanggal_meninggal",
    "CASE nama WHEN 'P' THEN 1 WHEN alamat THEN 2 ELSE 3 END = 2",
    "(nama IS NULL) = (alamat IS NOT NULL)",
    "nama <> alamat AND (alamat <> 'P' OR nama IS NULL)",
    "UPPER(nama) = 'P'",
]
LEFT_TO_COLUMNS = {"NOT nama = alamat", "nama IN ('P', 'L')", "SUBSTR(nama, 0, 2) = 'P'", "UPPER(nama) = 'P'",
                   "tanggal_lahir + INTERVAL '1 month' >= tanggal_meninggal"}  # fmt: skip


def both(contract: Contract, expression: str, data: st.DataObject) -> tuple[list[Any], list[Any]]:
    """What is said of some rows one by one, and over columns."""
    told, columns = plain_rules.compiled(expression, contract.fields), parse(expression, contract.fields)
    assert told is not None
    named = sorted(set(columns.meta.root_names()) - {"hari_terima"})
    kinds = {name: contract.by_name[name].kind for name in named}  # type: ignore[index]
    rows: list[dict[str, Any]] = data.draw(
        st.lists(st.fixed_dictionaries({name: st.none() | VALUES[kind] for name, kind in kinds.items()}), max_size=8)
    )
    day = data.draw(DAYS)
    frame = as_frame(rows, {name: dtypes(contract.fields)[name] for name in named}, day)

    return [told(row, day) for row in rows], frame.select(verdict=columns)["verdict"].to_list()


@pytest.mark.parametrize(("contract", "rule"), RULES)
@settings(max_examples=40)
@given(data=st.data())
def test_every_contracts_rules_say_the_same(contract: Contract, rule: Any, data: st.DataObject) -> None:
    by_row, by_column = both(contract, rule.expression, data)

    assert by_row == by_column


@pytest.mark.parametrize("expression", [each for each in MORE if each not in LEFT_TO_COLUMNS])
@settings(max_examples=40)
@given(data=st.data())
def test_other_rules_say_the_same(expression: str, data: st.DataObject) -> None:
    by_row, by_column = both(penduduk(), expression, data)

    assert by_row == by_column


def test_rules_of_decimals_alone_are_left_to_columns() -> None:
    left = {rule.name for contract, rule in EVERY if plain_rules.compiled(rule.expression, contract.fields) is None}

    assert left == OF_DECIMALS


@pytest.mark.parametrize("expression", sorted(LEFT_TO_COLUMNS))
def test_what_is_not_sure_is_left_to_columns(expression: str) -> None:
    parse(expression, penduduk().fields)

    assert plain_rules.compiled(expression, penduduk().fields) is None

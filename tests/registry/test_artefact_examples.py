"""The examples made from contracts: the validator, the CSV reader and another spreadsheet library judge them."""

import io
import json
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl

from producers.csv_file import examine
from producers.csv_values import read_row
from registry.artefacts import EXPORTS, Edition
from registry.artefacts.bends import EXAMPLE_DAY
from schemas import code_lists
from schemas.contract import Contract, Field, Kind, Severity
from schemas.formats import FORMATS
from schemas.validator import Validator
from tests.registry.test_artefacts import CONTRACTS, HUB, of_each_contract

ZONE = ZoneInfo("Asia/Jakarta")


@cache
def _events(contract_name: str) -> dict[str, Any]:
    contract = next(each for each in CONTRACTS if each.name == contract_name)
    found: dict[str, Any] = json.loads(EXPORTS["events"].make(Edition(contract, HUB)))
    return found


def events(contract: Contract) -> dict[str, Any]:
    return _events(contract.name)


def logical(contract: Contract, value: Mapping[str, Any]) -> dict[str, Any]:
    """What a program makes of an example's value."""
    return {name: _logical(contract.by_name[name], each) for name, each in value.items()}  # type: ignore[index]


def _logical(field: Field, value: Any) -> Any:
    match field.kind:
        case Kind.DECIMAL if isinstance(value, int | float):
            return Decimal(str(value))
        case Kind.DATE if isinstance(value, str) and value[:1].isdigit():
            return date.fromisoformat(value)
        case Kind.TIMESTAMP if isinstance(value, str) and value[:1].isdigit():
            return datetime.fromisoformat(value)
        case _:
            return value


@of_each_contract
def test_the_good_examples_are_accepted(contract: Contract) -> None:
    good = [each["value"] for each in events(contract)["good"]]
    rows = [logical(contract, value) for value in good if value is not None]

    verdicts = Validator(contract).check_all(rows, accepted_on=EXAMPLE_DAY)

    assert verdicts == rows
    assert good[-1] is None


@of_each_contract
def test_there_is_a_bad_example_for_each_rule_and_it_breaks_that_rule_alone(contract: Contract) -> None:
    found = events(contract)
    validator = Validator(contract)

    refused = {each["about"]: each for each in found["bad"] if each["code"].startswith("rule:")}
    warned = {each["about"]: each for each in found["warned"]}

    assert set(refused) == {rule.name for rule in contract.rules if rule.severity is Severity.ERROR}
    assert set(warned) == {rule.name for rule in contract.rules if rule.severity is Severity.WARN}
    for name, each in refused.items():
        verdict = validator.check(logical(contract, each["value"]), accepted_on=EXAMPLE_DAY)
        assert isinstance(verdict, tuple)
        assert [reason.code for reason in verdict] == [f"rule:{name}"]
    for name, each in warned.items():
        row = logical(contract, each["value"])
        assert validator.check(row, accepted_on=EXAMPLE_DAY) == row
        assert f"rule:{name}" in validator.warnings([row], accepted_on=EXAMPLE_DAY)[0]


@of_each_contract
def test_a_bad_example_is_refused_for_the_reasons_that_it_names(contract: Contract) -> None:
    bad = [each for each in events(contract)["bad"] if not each["about"].startswith("ce_")]
    verdicts = Validator(contract).check_all(
        [logical(contract, each["value"]) for each in bad], accepted_on=EXAMPLE_DAY
    )

    for each, verdict in zip(bad, verdicts, strict=True):
        assert isinstance(verdict, tuple), each["about"]
        assert [reason.code for reason in verdict] == [reason["code"] for reason in each["reasons"]]


@of_each_contract
def test_there_is_a_bad_example_for_each_check_of_each_field(contract: Contract) -> None:
    shown = {(each["about"], each["code"]) for each in events(contract)["bad"]}

    assert {(field.name, code) for field in contract.fields for code in wanted(field)} - shown == set()


def wanted(field: Field) -> set[str]:
    """The codes with which a field of that contract can be refused, apart from those of every text."""
    form = FORMATS[field.format] if field.format else None
    codes = {"type"}
    codes |= {check.code for check in form.checks} - field.warn_only if form else set()
    codes |= {form.form_code} if form and form.pattern else set()
    codes |= {word for word in ("pattern", "enum", "codes", "minimum", "maximum") if getattr(field, word) is not None}
    codes |= {"maximum"} if field.maximum_today else set()
    return codes if field.nullable else codes | {"required"}


@of_each_contract
def test_the_sample_csv_is_what_publish_takes(contract: Contract, tmp_path: Path) -> None:
    path = tmp_path / "contoh.csv"
    path.write_bytes(EXPORTS["csv"].make(Edition(contract, HUB)))

    file = examine(path, known=[each.name for each in contract.fields], required=[])
    rows = [read_row(contract, dict(zip(file.header, line.cells, strict=True)), ZONE) for line in file.lines()]
    verdicts = Validator(contract).check_all([row for row in rows if isinstance(row, dict)], accepted_on=EXAMPLE_DAY)

    assert len(verdicts) == len(rows) >= 1
    assert [verdict for verdict in verdicts if isinstance(verdict, tuple)] == []


@of_each_contract
def test_the_sample_workbook_keeps_identifiers_as_text_and_has_the_codes(contract: Contract) -> None:
    book = openpyxl.load_workbook(io.BytesIO(EXPORTS["xlsx"].make(Edition(contract, HUB))))
    head, first = [list(line) for line in book["Data"].iter_rows(max_row=2)]
    codes = {line[1] for line in book["Kode"].iter_rows(min_row=2, values_only=True)}

    assert book.sheetnames == ["Data", "Isian", "Kode"]
    assert [cell.value for cell in head] == [field.name for field in contract.fields]
    for field, cell in zip(contract.fields, first, strict=True):
        if field.kind in {Kind.STRING, Kind.DATE, Kind.TIMESTAMP} and cell.value is not None:
            assert (cell.data_type, cell.number_format) == ("s", "@")
    for field in contract.fields:
        assert set(field.enum or ()) | set(code_lists.load(field.codes).codes if field.codes else ()) <= codes
    assert book.properties.created == datetime(2000, 1, 1)  # noqa: DTZ001

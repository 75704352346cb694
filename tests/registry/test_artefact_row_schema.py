"""The JSON Schema of a row says what the validator says, as far as a JSON Schema can."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.artefacts import Edition
from registry.artefacts.bends import EXAMPLE_DAY, bad_values
from registry.artefacts.example_rows import ExampleRows
from registry.artefacts.row_schema import json_value, row_schema
from schemas import code_lists
from schemas.contract import Contract, Field, Kind
from schemas.formats import FORMATS
from schemas.validator import Validator
from tests.registry.test_artefacts import CONTRACTS, HUB, of_each_contract

ROWS = settings(max_examples=30)
# What the schema leaves to the hub; it says so in `x-simpul-…`.
LEFT_TO_THE_HUB = {check.code for known in FORMATS.values() for check in known.checks}


class Judges:
    """Both judges of one contract, and its good row."""

    def __init__(self, contract: Contract) -> None:
        self.contract = contract
        self.good = ExampleRows(contract).good
        self.validator = Validator(contract)
        self.schema = jsonschema_rs.Draft202012Validator(row_schema(Edition(contract, HUB)), validate_formats=True)

    def of_json(self, row: Mapping[str, Any]) -> Any:
        fields = {str(field.name): field for field in self.contract.fields}
        return json.loads(json.dumps({name: json_value(fields[name], value) for name, value in row.items()}))


@cache
def judges(name: str) -> Judges:
    return Judges(next(each for each in CONTRACTS if each.name == name))


@cache
def rows(name: str) -> st.SearchStrategy[dict[str, Any]]:
    """Rows of a document; made once, since hypothesis looks at each new strategy anew."""
    return st.fixed_dictionaries({str(field.name): values(field) for field in judges(name).contract.fields})


def values(field: Field) -> st.SearchStrategy[Any]:
    """Values of a field in their normal form, good for all that the schema can say."""
    found = _values(field)
    return st.none() | found if field.nullable else found


def _values(field: Field) -> st.SearchStrategy[Any]:
    match field.kind:
        case Kind.STRING:
            return _texts(field)
        case Kind.INT | Kind.LONG:
            return st.integers(_limit(field.minimum, -(2**31)), _limit(field.maximum, 2**31 - 1))
        case Kind.DOUBLE:
            return st.floats(-11, 6) if field.format == "lintang" else st.floats(95, 141)
        case Kind.BOOLEAN:
            return st.booleans()
        case Kind.DATE:
            first, last = field.minimum or date(1850, 1, 1), field.maximum or date(2200, 12, 31)
            return st.dates(first, EXAMPLE_DAY if field.maximum_today else last)  # type: ignore[arg-type]
        case Kind.TIMESTAMP:
            moments = st.datetimes(datetime(1850, 1, 1), datetime(2200, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
            return moments.map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))
        case Kind.DECIMAL:
            return st.decimals(
                _limit_of(field.minimum, -(10**12)), _limit_of(field.maximum, 10**12), places=field.scale or 0
            )


def _limit(limit: Decimal | date | None, otherwise: int) -> int:
    return int(limit) if isinstance(limit, Decimal) else otherwise


def _limit_of(limit: Decimal | date | None, otherwise: int) -> Decimal:
    return limit if isinstance(limit, Decimal) else Decimal(otherwise)


def _texts(field: Field) -> st.SearchStrategy[str]:
    if field.enum or field.codes:
        return st.sampled_from(field.enum or tuple(code_lists.load(str(field.codes)).codes))
    pattern = field.pattern or (FORMATS[field.format].pattern if field.format else None)
    if pattern is not None:
        return st.from_regex(pattern, fullmatch=True)
    plain = st.characters(exclude_categories=["Cc", "Cf", "Cs", "Cn", "Co"], exclude_characters="|")
    return st.text(plain, min_size=field.min_length or 0, max_size=min(field.max_length or 60, 60))


@pytest.mark.parametrize("name", [contract.name for contract in CONTRACTS])
@ROWS
@given(data=st.data())
def test_both_judges_agree_on_rows_in_their_normal_form(name: str, data: st.DataObject) -> None:
    """Whatever the validator takes, the schema takes; what it refuses alone are inner checks and rules."""
    both = judges(name)
    row = data.draw(rows(name))

    verdict = both.validator.check(row, accepted_on=EXAMPLE_DAY)
    fits = both.schema.is_valid(both.of_json(row))

    if isinstance(verdict, dict):
        assert fits
    else:
        codes = {reason.code for reason in verdict}
        assert fits or not codes <= LEFT_TO_THE_HUB
        if fits:
            assert all(code in LEFT_TO_THE_HUB or code.startswith(("rule:", "text-key")) for code in codes)


@of_each_contract
def test_what_the_schema_refuses_the_validator_refuses_and_both_name_the_field(contract: Contract) -> None:
    both = judges(contract.name)
    refused = 0
    for field in contract.fields:
        for bad in bad_values(field, both.good[field.name]):
            row = {**both.good, field.name: bad}
            errors = list(both.schema.iter_errors(both.of_json(row)))
            verdict = both.validator.check(row, accepted_on=EXAMPLE_DAY)
            if errors:
                refused += 1
                assert {error.instance_path[0] for error in errors} == {field.name}
                assert _normal(field, bad) != bad or isinstance(verdict, tuple), (field.name, bad)
                assert not isinstance(verdict, tuple) or verdict[0].field == field.name
            elif isinstance(verdict, tuple):
                codes = {reason.code for reason in verdict}
                assert all(_is_left(code, field) for code in codes), (field.name, codes)

    assert refused >= 2 * len(contract.fields)


def _normal(field: Field, value: Any) -> Any:
    return FORMATS[field.format].normalise(value) if field.format and isinstance(value, str) else value


def _is_left(code: str, field: Field) -> bool:
    """Codes that the schema leaves to the hub: inner checks, rules, limits of days, separators that are dropped."""
    return (
        code in LEFT_TO_THE_HUB
        or code.startswith("rule:")
        or (field.kind is Kind.DATE and code in {"minimum", "maximum"})
    )


@of_each_contract
def test_a_row_without_a_required_field_or_with_an_unknown_one_does_not_fit(contract: Contract) -> None:
    both = judges(contract.name)
    row = both.of_json(both.good)

    assert both.schema.is_valid(row)
    assert not both.schema.is_valid({**row, "tidak_dikenal": 1})
    for field in contract.fields:
        without = {name: value for name, value in row.items() if name != field.name}
        assert both.schema.is_valid(without) is field.nullable

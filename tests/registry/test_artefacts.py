"""What is made from contracts, each held against the standard that it claims."""

import json
from collections.abc import Callable
from typing import Any

import jsonschema_rs
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31

from registry.artefacts import EXPORTS, Edition, Hub
from schemas.contract import Contract
from schemas.loader import load_all
from tests.schemas.contracts import AVRO, INSTANCE

HUB = Hub(INSTANCE)
CONTRACTS = load_all(AVRO, INSTANCE)
of_each_contract = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)


def made(name: str, contract: Contract) -> Any:
    return json.loads(EXPORTS[name].make(Edition(contract, HUB)))


@pytest.mark.parametrize("name", EXPORTS)
def test_the_same_contract_gives_the_same_bytes(name: str) -> None:
    make: Callable[[Edition], bytes] = EXPORTS[name].make

    assert make(Edition(load_all(AVRO, INSTANCE)[0], HUB)) == make(Edition(CONTRACTS[0], HUB))


@of_each_contract
def test_the_openapi_text_is_openapi_3_1(contract: Contract) -> None:
    text = made("openapi", contract)

    jsonschema_rs.Draft202012Validator(OPENAPI_31).validate(text)
    for schema in text["components"]["schemas"].values():
        jsonschema_rs.Draft202012Validator(schema | {"components": text["components"]})


@of_each_contract
def test_the_openapi_text_tells_which_fields_are_masked(contract: Contract) -> None:
    values = made("openapi", contract)["components"]["schemas"]["Values"]["properties"]

    masked = {name for name, schema in values.items() if "x-simpul-masked" in schema}
    assert masked == {str(each.name) for each in contract.fields if each.specific or each.sensitivity == "pribadi"}


@of_each_contract
def test_the_schema_of_a_row_is_a_json_schema(contract: Contract) -> None:
    schema = made("json-schema", contract)

    jsonschema_rs.Draft202012Validator(schema)
    assert list(schema["properties"]) == [field.name for field in contract.fields]
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"

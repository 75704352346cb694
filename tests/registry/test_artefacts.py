"""What is made from contracts, each held against the standard that it claims."""

import json
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import fastavro
import jsonschema_rs
import pytest
import yaml
from open_data_contract_standard.model import OpenDataContractStandard
from schemathesis.specs.openapi.definitions import OPENAPI_31

from registry.artefacts import EXPORTS, Edition, Hub
from schemas.contract import Contract
from schemas.loader import load_all
from tests.schemas.contracts import AVRO, INSTANCE

HUB = Hub(INSTANCE)
CONTRACTS = load_all(AVRO, INSTANCE)
OFFICIAL = Path(__file__).parent / "official"
ASYNCAPI = jsonschema_rs.Draft7Validator(json.loads((OFFICIAL / "asyncapi-3.0.0.json").read_text(encoding="utf-8")))
ODCS = jsonschema_rs.Draft201909Validator(
    json.loads((files("open_data_contract_standard") / "schema.json").read_text(encoding="utf-8"))
)
OPENAPI = jsonschema_rs.Draft202012Validator(OPENAPI_31)
of_each_contract = pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)


def made(name: str, contract: Contract) -> Any:
    # JSON is YAML too; libyaml reads it with the same rules in a tenth of the time
    return yaml.load(EXPORTS[name].make(Edition(contract, HUB)), Loader=yaml.CSafeLoader)


@pytest.mark.parametrize("name", EXPORTS)
def test_the_same_contract_gives_the_same_bytes(name: str) -> None:
    make: Callable[[Edition], bytes] = EXPORTS[name].make

    assert make(Edition(load_all(AVRO, INSTANCE)[0], HUB)) == make(Edition(CONTRACTS[0], HUB))


@of_each_contract
def test_the_openapi_text_is_openapi_3_1(contract: Contract) -> None:
    text = made("openapi", contract)

    assert list(OPENAPI.iter_errors(text)) == []
    for schema in text["components"]["schemas"].values():
        jsonschema_rs.Draft202012Validator(schema | {"components": text["components"]})


@of_each_contract
def test_each_answer_in_the_openapi_text_has_an_example_that_fits_its_schema(contract: Contract) -> None:
    text = made("openapi", contract)
    answers = [
        (answer["content"][kind]["schema"], answer["content"][kind]["example"])
        for way in text["paths"].values()
        for answer in [way["get"]["responses"]["200"], *text["components"]["responses"].values()]
        for kind in answer["content"]
        if kind.endswith("json") and "ndjson" not in kind
    ]

    for schema, example in answers:
        jsonschema_rs.Draft202012Validator(schema | {"components": text["components"]}).validate(example)
    assert len(answers) >= 4 * 8


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


@of_each_contract
def test_the_asyncapi_text_is_asyncapi_3(contract: Contract) -> None:
    text = made("asyncapi", contract)
    change = text["components"]["messages"]["change"]

    assert [error.message for error in ASYNCAPI.iter_errors(text)] == []
    assert text["channels"]["changes"]["address"] == contract.topic
    assert change["payload"]["schema"] == contract.schema
    assert jsonschema_rs.Draft7Validator(change["headers"]).is_valid(change["examples"][0]["headers"])
    fastavro.parse_schema(change["payload"]["schema"])


@of_each_contract
def test_the_contract_in_odcs_is_odcs(contract: Contract) -> None:
    text = made("odcs", contract)
    read = OpenDataContractStandard.model_validate(text)

    assert [(error.instance_path, error.message) for error in ODCS.iter_errors(text)] == []
    assert read.schema_ is not None
    properties = read.schema_[0].properties or []
    assert [each.name for each in properties] == [field.name for field in contract.fields]
    assert [each.name for each in properties if each.primaryKey] == [
        field.name for field in contract.fields if field.name in contract.key
    ]
    assert [each.name for each in read.schema_[0].quality or []] == [
        rule.name for rule in (*contract.rules, *contract.checks)
    ]


@pytest.mark.parametrize(
    ("name", "official", "broken"),
    [
        pytest.param("asyncapi", ASYNCAPI, {"asyncapi": "2.0"}, id="asyncapi version"),
        pytest.param("asyncapi", ASYNCAPI, {"channels": {"x": {"address": 1}}}, id="asyncapi channel"),
        pytest.param("odcs", ODCS, {"apiVersion": "v1"}, id="odcs version"),
        pytest.param("odcs", ODCS, {"schema": [{"properties": [{"logicalType": "teks"}]}]}, id="odcs type"),
        pytest.param("openapi", OPENAPI, {"openapi": "3.0.0"}, id="openapi version"),
        pytest.param("openapi", OPENAPI, {"paths": {"x": {}}}, id="openapi path"),
    ],
)
def test_the_official_schema_would_refuse_another_text(name: str, official: Any, broken: dict[str, Any]) -> None:
    assert official.is_valid(made(name, CONTRACTS[0]))
    assert not official.is_valid(made(name, CONTRACTS[0]) | broken)

"""The paths of Apicurio Registry 2 over our subjects, as its 2.6 clients ask them."""

import json
from typing import Any

import httpx
import pytest

from tests.registry.server import PASSWORDS, READER, Server

V2 = "/apis/registry/v2"
FIELDS: list[dict[str, Any]] = [{"name": "desa", "type": "string"}]
PLACE = {"type": "record", "name": "x.tempat", "fields": FIELDS}
TEXT = json.dumps(PLACE, indent=2)
PERSON = json.dumps({"type": "record", "name": "x.orang", "fields": [{"name": "tempat", "type": "x.tempat"}]})
OTHER = '{"type":"record","name":"lain","fields":[]}'
# The same meaning in other words: names apart from their namespace, a needless object.
RESPELT = json.dumps(
    {"name": "tempat", "namespace": "x", "type": "record", "fields": [{"type": {"type": "string"}, "name": "desa"}]}
)


def create(
    server: Server,
    artifact: str,
    text: str,
    *,
    if_exists: str = "RETURN_OR_UPDATE",
    group: str = "default",
    **more: Any,
) -> httpx.Response:
    headers = {"X-Registry-ArtifactId": artifact, "X-Registry-ArtifactType": "AVRO", "Content-Type": "application/json"}
    told = {"ifExists": if_exists, "canonical": "false"}
    return server.http.post(f"{V2}/groups/{group}/artifacts", params=told, headers=headers, content=text, **more)


def test_an_artifact_is_a_subject(registry: Server) -> None:
    made = create(registry, "tempat-value", TEXT)

    moment = made.json()["createdOn"]
    meta = {
        "id": "tempat-value",
        "groupId": "default",
        "version": "1",
        "type": "AVRO",
        "state": "ENABLED",
        "globalId": 1,
        "contentId": 1,
        "createdBy": "",
        "createdOn": moment,
        "modifiedBy": "",
        "modifiedOn": moment,
        "references": [],
    }
    assert (made.status_code, made.json()) == (200, meta)
    artifact = f"{V2}/groups/default/artifacts/tempat-value"
    assert create(registry, "tempat-value", TEXT).json() == meta
    assert registry.ask(f"{artifact}/meta") == (200, meta)
    assert registry.ask(f"{artifact}/versions/1/meta") == (200, meta)
    for content in (f"{V2}/ids/contentIds/1", f"{V2}/ids/globalIds/1?dereference=false", f"{artifact}/versions/1"):
        assert registry.http.get(content).text == TEXT
    for references in (f"{V2}/ids/contentIds/1", f"{V2}/ids/globalIds/1", f"{artifact}/versions/1"):
        assert registry.ask(f"{references}/references") == (200, [])
    assert registry.ask("/subjects/tempat-value/versions/1")[1]["id"] == 1


def test_a_group_is_a_context(registry: Server) -> None:
    made = create(registry, "tempat-value", TEXT, group="lab").json()

    assert (made["groupId"], made["id"]) == ("lab", "tempat-value")
    assert registry.ask("/subjects") == (200, [":.lab:tempat-value"])
    assert registry.ask(f"{V2}/groups/lab/artifacts/tempat-value/meta") == (200, made)
    assert registry.ask(f"{V2}/groups/default/artifacts/tempat-value/meta")[0] == 404


def test_a_schema_comes_with_its_references(registry: Server) -> None:
    registry.register(":.lab:tempat", TEXT)
    reference = {"name": "x.tempat", "groupId": "lab", "artifactId": "tempat", "version": "1"}
    envelope = {"content": PERSON, "references": [reference]}
    headers = {"X-Registry-ArtifactId": "orang", "Content-Type": "application/create.extended+json"}

    made = registry.http.post(
        f"{V2}/groups/default/artifacts", params={"ifExists": "UPDATE"}, headers=headers, content=json.dumps(envelope)
    ).json()

    assert made["references"] == [reference]
    assert registry.ask(f"{V2}/ids/contentIds/{made['contentId']}/references") == (200, [reference])
    assert registry.ask(f"{V2}/groups/default/artifacts/orang/versions/latest/references") == (200, [reference])
    whole = registry.ask(f"{V2}/ids/globalIds/{made['globalId']}?dereference=true")[1]
    assert whole["fields"][0]["type"]["fields"] == FIELDS
    found = registry.http.post(
        f"{V2}/groups/default/artifacts/orang/meta",
        headers={"Content-Type": "application/get.extended+json"},
        content=json.dumps(envelope),
    )
    assert found.json() == made


def test_a_schema_is_found_by_its_content_and_in_another_spelling_if_asked(registry: Server) -> None:
    made = create(registry, "tempat-value", TEXT).json()
    create(registry, "tempat-value", OTHER)
    address = f"{V2}/groups/default/artifacts/tempat-value/meta"

    assert registry.http.post(address, content=TEXT).json() == made
    assert registry.http.post(address, content=RESPELT).status_code == 404
    assert registry.http.post(f"{address}?canonical=true", content=RESPELT).json() == made
    assert registry.http.post(f"{address}?canonical=true", content='"int"').status_code == 404


@pytest.mark.parametrize(
    ("if_exists", "status", "version"),
    [("FAIL", 409, None), ("RETURN", 200, "1"), ("UPDATE", 200, "2"), ("RETURN_OR_UPDATE", 200, "2")],
)
def test_what_is_there_is_kept_or_grows(registry: Server, if_exists: str, status: int, version: str | None) -> None:
    first = create(registry, "tempat-value", TEXT, if_exists=if_exists)
    again = create(registry, "tempat-value", OTHER, if_exists=if_exists)

    assert first.status_code == 200
    assert (again.status_code, again.json().get("version")) == (status, version)


def test_a_refusal_is_named_as_these_clients_know_it(strict_registry: Server) -> None:
    """Their error handler looks at the name and breaks without one."""
    create(strict_registry, "tempat-value", TEXT)
    artifact = f"{V2}/groups/default/artifacts/tempat-value"
    refusals = {
        "ArtifactNotFoundException": strict_registry.http.get(f"{V2}/groups/default/artifacts/x/meta"),
        "VersionNotFoundException": strict_registry.http.get(f"{artifact}/versions/7"),
        "ArtifactAlreadyExistsException": create(strict_registry, "tempat-value", TEXT, if_exists="FAIL"),
        "RuleViolationException": create(strict_registry, "tempat-value", OTHER),
        "UnprocessableEntityException": create(strict_registry, "tempat-value", '{"type":"recrod"}'),
        "BadRequestException": create(strict_registry, "tempat-value", TEXT, if_exists="MAYBE"),
    }

    assert {name: (each.status_code, each.json()["error_code"]) for name, each in refusals.items()} == {
        "ArtifactNotFoundException": (404, 404),
        "VersionNotFoundException": (404, 404),
        "ArtifactAlreadyExistsException": (409, 409),
        "RuleViolationException": (409, 409),
        "UnprocessableEntityException": (422, 422),
        "BadRequestException": (400, 400),
    }
    assert {each.json()["name"] for each in refusals.values()} == set(refusals)


def test_other_kinds_of_artifact_are_refused(registry: Server) -> None:
    headers = {"X-Registry-ArtifactId": "p", "X-Registry-ArtifactType": "PROTOBUF"}
    refused = registry.http.post(f"{V2}/groups/default/artifacts", headers=headers, content='syntax = "proto3";')

    assert (refused.status_code, refused.json()["message"]) == (
        422,
        "Invalid artifact type PROTOBUF; this registry keeps AVRO",
    )


def test_a_reader_may_look_and_not_make(registry: Server) -> None:
    made = create(registry, "tempat-value", TEXT).json()
    reader = (READER, PASSWORDS[READER].get_secret_value())

    assert create(registry, "tempat-value", TEXT, auth=reader).json() == made
    assert create(registry, "tempat-value", OTHER, auth=reader).status_code == 403
    assert registry.http.get(f"{V2}/ids/contentIds/1", auth=reader).text == TEXT
    assert registry.http.get(f"{V2}/ids/contentIds/1", auth=("x", "y")).status_code == 401


def test_names_that_can_be_no_subject_are_refused(registry: Server) -> None:
    assert create(registry, "a b", TEXT).status_code == 422
    assert create(registry, "a", TEXT, group="%3A*%3A").status_code == 422
    assert registry.http.post(f"{V2}/groups/default/artifacts", content=TEXT).status_code == 422
    assert create(registry, "a", "x" * 2_000_000).status_code == 422
    assert (
        registry.http.post(
            f"{V2}/groups/default/artifacts", headers={"X-Registry-ArtifactId": "a"}, content=b"\xff"
        ).status_code
        == 422
    )
    assert registry.ask("/subjects") == (200, [])

"""The paths of the Confluent API, as a client meets them."""

import json
from typing import Any

import pytest

from tests.registry.server import Server

PERSON: dict[str, Any] = {
    "type": "record",
    "name": "person",
    "namespace": "id.go.contoh",
    "doc": "Orang, lengkap.",
    "about": {"opd": "disdukcapil", "key": ["nik"]},
    "fields": [
        {"name": "nik", "type": "string", "doc": "Nomor", "pattern": "^[0-9]{16}$", "sensitivity": "pribadi"},
        {"name": "phone", "type": ["null", "string"], "default": None, "example": "0812"},
    ],
}
TEXT = json.dumps(PERSON)
OTHER = '{"type":"record","name":"r","fields":[{"name":"a","type":"int"}]}'


def test_a_schema_is_registered_and_found_by_every_path(registry: Server) -> None:
    schema_id = registry.register("a.person-value", TEXT).json()["id"]

    shown = registry.ask("/subjects/a.person-value/versions/1")[1]
    guid, at = shown["guid"], shown["ts"]
    described = {"subject": "a.person-value", "version": 1, "id": schema_id, "guid": guid, "schema": TEXT, "ts": at}
    assert registry.ask("/subjects") == (200, ["a.person-value"])
    assert registry.ask("/subjects/a.person-value/versions") == (200, [1])
    for version in ("1", "latest", "-1"):
        assert registry.ask(f"/subjects/a.person-value/versions/{version}") == (200, described)
        assert registry.ask(f"/subjects/a.person-value/versions/{version}/schema") == (200, PERSON)
    assert registry.ask(f"/schemas/ids/{schema_id}") == (200, {"guid": guid, "schema": TEXT})
    assert registry.ask(f"/schemas/ids/{schema_id}/schema") == (200, PERSON)
    assert registry.ask(f"/schemas/ids/{schema_id}/subjects") == (200, ["a.person-value"])
    assert registry.ask(f"/schemas/ids/{schema_id}/versions") == (
        200,
        [{"subject": "a.person-value", "version": 1}],
    )
    found = registry.http.post("/subjects/a.person-value", json={"schema": TEXT, "schemaType": "AVRO"})
    assert (found.status_code, found.json()) == (200, described)


def test_the_first_id_is_one_and_a_repeated_registration_uses_none_up(registry: Server) -> None:
    ids = [registry.register(subject, text).json()["id"] for subject in "abc" for text in (TEXT, TEXT, OTHER)]

    assert ids == [1, 1, 2] * 3


def test_a_subject_counts_its_own_versions_from_one(registry: Server) -> None:
    for text in (TEXT, OTHER, TEXT):
        registry.register("a", text)
    registry.register("b", OTHER)

    assert registry.ask("/subjects/a/versions") == (200, [1, 2])
    assert registry.ask("/subjects/b/versions") == (200, [1])
    assert registry.ask("/schemas/ids/2/versions") == (
        200,
        [{"subject": "a", "version": 2}, {"subject": "b", "version": 1}],
    )


def test_white_space_and_key_order_make_no_new_schema(registry: Server) -> None:
    shuffled = json.dumps(dict(reversed(PERSON.items())), indent=3)

    ids = [registry.register("a", text).json()["id"] for text in (TEXT, shuffled, f"\n {TEXT} \n")]

    assert ids == [1, 1, 1]
    assert registry.ask("/schemas/ids/1")[1]["schema"] == TEXT


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(("Nomor", "Nomor induk"), id="doc"),
        pytest.param(("{16}", "{15}"), id="attribute"),
        pytest.param(('"default": null, ', ""), id="default"),
        pytest.param(('"opd": "disdukcapil"', '"opd": "dinsos"'), id="object"),
    ],
)
def test_what_contracts_live_in_makes_a_new_schema(registry: Server, change: tuple[str, str]) -> None:
    changed = TEXT.replace(*change)
    assert changed != TEXT

    ids = [registry.register("a", text).json()["id"] for text in (TEXT, changed)]

    assert ids == [1, 2]
    assert registry.ask("/schemas/ids/2")[1]["schema"] == changed


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/subjects/none/versions", 404, 40401),
        ("/subjects/none/versions/1", 404, 40401),
        ("/subjects/none/versions/latest/schema", 404, 40401),
        ("/subjects/a/versions/2", 404, 40402),
        ("/subjects/a/versions/2147483647/schema", 404, 40402),
        ("/subjects/a/versions/0", 422, 42202),
        ("/subjects/a/versions/-2", 422, 42202),
        ("/subjects/a/versions/2147483648", 422, 42202),
        ("/subjects/a/versions/newest", 422, 42202),
        ("/subjects/a/versions/%D9%A1", 422, 42202),
        ("/schemas/ids/2147483647", 404, 40403),
        ("/schemas/ids/0", 404, 40403),
        ("/schemas/ids/-1", 404, 40403),
        ("/schemas/ids/4294967297", 404, 40403),
        ("/schemas/ids/x/schema", 404, 40403),
        ("/schemas/ids/2147483647/subjects", 404, 40403),
        ("/schemas/ids/2147483647/versions", 404, 40403),
        ("/subjects/a%00b/versions", 422, 42208),
        ("/subjects/..%2F..%2Fx/versions", 422, 42208),
        ("/subjects/a%3Bdrop/versions", 422, 42208),
        ("/subjects/%FF/versions", 422, 42208),
        (f"/subjects/{'s' * 256}/versions", 422, 42208),
        ("/subjects//versions", 404, 404),
        ("/nothing", 404, 404),
    ],
)
def test_each_mistake_has_its_own_code(shared_registry: Server, path: str, status: int, code: int) -> None:
    answered, body = shared_registry.ask(path)

    assert (answered, body["error_code"]) == (status, code)
    assert set(body) == {"error_code", "message"}


def test_a_look_up_tells_an_unknown_subject_from_an_unknown_schema(registry: Server) -> None:
    registry.register("a", TEXT)

    codes = {
        (subject, text): registry.http.post(f"/subjects/{subject}", json={"schema": text}).json().get("error_code")
        for subject, text in (("none", TEXT), ("a", OTHER), ("a", TEXT))
    }

    assert codes == {("none", TEXT): 40401, ("a", OTHER): 40403, ("a", TEXT): None}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, 400),
        (b"{", 400, 400),
        (b"[]", 400, 400),
        (b'{"schema": {"type": "string"}}', 400, 400),
        (b'{"schema": "\\ud800"}', 400, 400),
        (b"[" * 100_000, 400, 400),
        (b"{}", 422, 42201),
        (b'{"schema": "  "}', 422, 42201),
        (b'{"schema": "\\"string\\"", "schemaType": "JSON"}', 422, 42201),
        (b'{"schema": "\\"string\\"", "schemaType": "PROTOBUF"}', 422, 42201),
        (b'{"schema": "\\"string\\"", "references": [{"name": "a"}]}', 400, 400),
        (b'{"schema": "\\"string\\"", "references": [{"name": "a", "subject": "a", "version": 9}]}', 422, 42201),
        (b'{"schema": "\\"string\\"", "references": [], "metadata": {"x": 1}, "ruleSet": null}', 200, None),
    ],
)
def test_a_body_is_a_schema_and_members_we_do_not_know_are_ignored(
    shared_registry: Server, body: bytes, status: int, code: int | None
) -> None:
    headers = {"Content-Type": "application/json"}
    response = shared_registry.http.post("/subjects/texts/versions", content=body, headers=headers)

    assert (response.status_code, response.json().get("error_code")) == (status, code)


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("*/*", "application/vnd.schemaregistry.v1+json"),
        (
            "application/vnd.schemaregistry.v1+json, application/json; q=0.5",
            "application/vnd.schemaregistry.v1+json",
        ),
        ("application/json", "application/json"),
    ],
)
@pytest.mark.parametrize("sent", ["application/vnd.schemaregistry.v1+json", "application/json", "text/plain"])
def test_both_media_types_are_spoken(shared_registry: Server, sent: str, accept: str, answered: str) -> None:
    body = json.dumps({"schema": TEXT})

    headers = {"Content-Type": sent, "Accept": accept}
    response = shared_registry.http.post("/subjects/types/versions", content=body, headers=headers)

    assert (response.status_code, response.headers["content-type"]) == (200, answered)
    assert response.headers["x-content-type-options"] == "nosniff"


def test_the_root_answers(shared_registry: Server) -> None:
    assert shared_registry.ask("/") == (200, {})

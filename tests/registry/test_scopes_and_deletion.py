"""Configuration, modes, contexts, references, aliases and deletion, as clients of the Confluent API meet them."""

import json
from typing import Any

import pytest

from tests.registry.server import Server


def text(*names: str, record: str = "r", **more: Any) -> str:
    fields = [{"name": name, "type": "int", "default": 0} for name in names]
    return json.dumps({"type": "record", "name": record, "fields": fields, **more})


def code(response: Any) -> tuple[int, int]:
    return response.status_code, response.json().get("error_code")


def test_the_level_is_backward_until_it_is_set_and_again_when_it_is_deleted(strict_registry: Server) -> None:
    http = strict_registry.http
    assert strict_registry.ask("/config") == (200, {"compatibilityLevel": "BACKWARD"})

    put = http.put("/config", json={"compatibility": "full_transitive", "normalize": True})
    own = http.put("/config/s", json={"compatibility": "NONE"})

    assert put.json() == {"compatibility": "FULL_TRANSITIVE", "normalize": True}
    assert own.json() == {"compatibility": "NONE"}
    assert strict_registry.ask("/config") == (200, {"compatibilityLevel": "FULL_TRANSITIVE", "normalize": True})
    assert strict_registry.ask("/config/s") == (200, {"compatibilityLevel": "NONE"})
    assert code(http.get("/config/t")) == (404, 40408)
    assert strict_registry.ask("/config/t?defaultToGlobal=True")[1]["compatibilityLevel"] == "FULL_TRANSITIVE"
    assert http.delete("/config/s").json() == {"compatibilityLevel": "NONE"}
    assert code(http.delete("/config/s")) == (404, 40408)
    assert code(http.put("/config/s", json={"compatibility": "SIDEWAYS"})) == (422, 42203)
    http.delete("/config")
    assert strict_registry.ask("/config") == (200, {"compatibilityLevel": "BACKWARD"})


def test_a_mode_holds_for_its_scope(registry: Server) -> None:
    http = registry.http
    assert registry.ask("/mode") == (200, {"mode": "READWRITE"})
    assert code(http.get("/mode/s")) == (404, 40409)

    http.put("/mode/s", json={"mode": "READONLY"})

    assert registry.ask("/mode/s") == (200, {"mode": "READONLY"})
    assert code(registry.register("s", text("a"))) == (422, 42205)
    assert registry.register("t", text("a")).status_code == 200
    assert code(http.put("/mode/s", json={"mode": "SIDEWAYS"})) == (422, 42204)
    assert http.delete("/mode/s").json() == {"mode": "READONLY"}
    assert registry.register("s", text("a")).status_code == 200


def test_ids_are_imported_as_given_and_never_given_again(registry: Server) -> None:
    http = registry.http
    body = {"schema": text("a"), "id": 4000, "version": 7}
    assert code(http.post("/subjects/s/versions", json=body)) == (422, 42205)

    assert http.put("/mode/s", json={"mode": "IMPORT"}).status_code == 200
    imported = http.post("/subjects/s/versions", json=body)
    other = http.post("/subjects/s/versions", json={"schema": text("b"), "id": 4000})

    assert (imported.json()["id"], imported.json()["version"]) == (4000, 7)
    assert code(other) == (422, 42205)
    assert registry.register("t", text("c")).json()["id"] == 4001
    assert code(http.put("/mode/t", json={"mode": "IMPORT"})) == (422, 42205)
    assert http.put("/mode/t?force=true", json={"mode": "IMPORT"}).status_code == 200


def test_deletion_is_soft_first_then_for_good(registry: Server) -> None:
    http = registry.http
    ids = [registry.register("s", text(name)).json()["id"] for name in ("a", "b", "c")]
    assert code(http.delete("/subjects/s?permanent=true")) == (404, 40405)
    assert code(http.delete("/subjects/s/versions/2?permanent=true")) == (404, 40407)

    assert http.delete("/subjects/s/versions/2").json() == 2
    assert code(http.delete("/subjects/s/versions/2")) == (404, 40406)
    assert registry.ask("/subjects/s/versions") == (200, [1, 3])
    assert registry.ask("/subjects/s/versions?deleted=true") == (200, [1, 2, 3])
    assert registry.ask("/subjects/s/versions?deletedOnly=true") == (200, [2])
    assert code(http.get("/subjects/s/versions/2")) == (404, 40402)
    assert registry.ask("/subjects/s/versions/2?deleted=true")[1]["deleted"] is True
    assert registry.ask(f"/schemas/ids/{ids[1]}")[0] == 200
    assert http.delete("/subjects/s/versions/2?permanent=true").json() == 2
    assert code(http.get(f"/schemas/ids/{ids[1]}")) == (404, 40403)

    assert http.delete("/subjects/s").json() == [1, 3]
    assert code(http.delete("/subjects/s")) == (404, 40404)
    assert registry.ask("/subjects") == (200, [])
    assert registry.ask("/subjects?deleted=true") == (200, ["s"])
    assert code(http.get("/subjects/s/versions")) == (404, 40401)
    assert http.delete("/subjects/s?permanent=true").json() == [1, 3]
    assert registry.ask("/subjects?deleted=true") == (200, [])
    assert code(http.delete("/subjects/s")) == (404, 40401)
    assert registry.register("s", text("z")).json()["id"] > max(ids)


def test_governed_versions_never_go_for_good(registry: Server) -> None:
    registry.approve("opd.a.b-value", text("a"))
    registry.http.delete("/subjects/opd.a.b-value")

    assert code(registry.http.delete("/subjects/opd.a.b-value?permanent=true")) == (403, 40301)


def test_a_deleted_schema_comes_back_as_a_new_version_with_its_id(registry: Server) -> None:
    first = registry.register("s", text("a")).json()
    registry.http.delete("/subjects/s")

    again = registry.register("s", text("a")).json()

    assert (again["id"], again["version"]) == (first["id"], 2)
    found = registry.http.post("/subjects/s", json={"schema": text("a")}).json()
    assert found["version"] == 2


def test_a_schema_may_refer_to_others(registry: Server) -> None:
    http = registry.http
    registry.register("address", text("street", record="x.address"))
    person = {
        "type": "record",
        "name": "person",
        "namespace": "x",
        "fields": [{"name": "home", "type": "x.address"}, {"name": "work", "type": ["null", "x.address"]}],
    }
    reference = {"name": "x.address", "subject": "address", "version": 1}
    alone = http.post("/subjects/person/versions", json={"schema": json.dumps(person)})

    made = http.post("/subjects/person/versions", json={"schema": json.dumps(person), "references": [reference]})

    schema_id = made.json()["id"]
    assert code(alone) == (422, 42201)
    assert registry.ask(f"/schemas/ids/{schema_id}")[1]["references"] == [reference]
    assert registry.ask("/subjects/address/versions/1/referencedby") == (200, [schema_id])
    assert code(http.delete("/subjects/address")) == (422, 42206)
    whole = json.loads(registry.ask(f"/schemas/ids/{schema_id}?format=resolved")[1]["schema"])
    assert whole["fields"][0]["type"]["fields"][0]["name"] == "street"
    assert whole["fields"][1]["type"] == ["null", "x.address"]
    looked_up = http.post("/subjects/person", json={"schema": json.dumps(person), "references": [reference]})
    assert looked_up.json()["id"] == schema_id
    missing = http.post(
        "/subjects/p/versions", json={"schema": json.dumps(person), "references": [reference | {"version": 9}]}
    )
    assert code(missing) == (422, 42201)


def test_a_context_keeps_its_subjects_apart(registry: Server) -> None:
    registry.register("s", text("a"))
    inside = registry.http.post("/contexts/.lab/subjects/s/versions", json={"schema": text("b")}).json()
    qualified = registry.register(":.lab:t", text("a")).json()

    assert registry.ask("/contexts") == (200, [".", ".lab"])
    assert registry.ask("/subjects") == (200, [":.lab:s", ":.lab:t", "s"])
    assert registry.ask("/contexts/.lab/subjects?subjectPrefix=") == (200, [":.lab:s", ":.lab:t"])
    assert registry.ask("/contexts/.lab/subjects/s/versions/1")[1]["id"] == inside["id"]
    assert registry.ask("/subjects/t/versions")[0] == 404
    assert qualified["id"] == registry.ask("/subjects/s/versions/1")[1]["id"]
    registry.http.put("/contexts/.lab/config", json={"compatibility": "FULL"})
    assert registry.ask("/config/:.lab:s?defaultToGlobal=true")[1]["compatibilityLevel"] == "FULL"
    assert registry.ask("/config")[1]["compatibilityLevel"] == "NONE"


def test_an_alias_is_another_name_of_a_subject(registry: Server) -> None:
    registry.register("s", text("a"))
    registry.http.put("/config/old-name", json={"alias": "s"})

    assert registry.ask("/subjects/old-name/versions/latest")[1]["subject"] == "s"
    assert registry.http.post("/subjects/old-name", json={"schema": text("a")}).json()["subject"] == "s"


def test_lists_come_in_pages(registry: Server) -> None:
    for number in range(5):
        registry.register(f"s{number}", text("a"))
        registry.register(f"s{number}", text("a", "b"))

    assert registry.ask("/subjects?offset=1&limit=2") == (200, ["s1", "s2"])
    assert registry.ask("/subjects?limit=-1")[1] == [f"s{number}" for number in range(5)]
    assert registry.ask("/subjects?subjectPrefix=s3") == (200, ["s3"])
    assert registry.ask("/subjects/s0/versions?offset=1&limit=1") == (200, [2])
    assert [each["version"] for each in registry.ask("/schemas?subjectPrefix=s1")[1]] == [1, 2]
    assert [each["version"] for each in registry.ask("/schemas?subjectPrefix=s1&latestOnly=true")[1]] == [2]
    assert len(registry.ask("/schemas?limit=3")[1]) == 3
    assert code(registry.http.get("/subjects?limit=x")) == (400, 400)


def test_metadata_and_rules_are_kept_and_make_another_schema(registry: Server) -> None:
    metadata = {"properties": {"owner": "kominfo"}}
    rules = {"domainRules": [{"name": "r", "kind": "CONDITION", "type": "CEL", "mode": "WRITE", "expr": "true"}]}
    plain = registry.register("s", text("a")).json()["id"]

    body = {"schema": text("a"), "metadata": metadata, "ruleSet": rules}
    rich = registry.http.post("/subjects/s/versions", json=body).json()["id"]

    shown = registry.ask("/subjects/s/versions/latest")[1]
    assert rich != plain
    assert (shown["metadata"], shown["ruleSet"]) == (metadata, rules)
    found = registry.ask("/subjects/s/metadata?key=owner&value=kominfo")
    assert (found[0], found[1]["version"]) == (200, 2)
    assert registry.ask("/subjects/s/metadata?key=owner&value=x")[0] == 404


def test_normalised_schemas_of_one_meaning_are_one(registry: Server) -> None:
    spread = {"type": "record", "name": "r", "namespace": "n", "fields": [{"type": {"type": "int"}, "name": "a"}]}
    short = {"name": "n.r", "type": "record", "fields": [{"name": "a", "type": "int"}]}
    first = registry.http.post("/subjects/s/versions?normalize=true", json={"schema": json.dumps(spread)}).json()

    again = registry.http.post("/subjects/s/versions?normalize=true", json={"schema": json.dumps(short)}).json()
    other = registry.http.post("/subjects/s/versions", json={"schema": json.dumps(spread)}).json()

    assert again == first
    assert other["id"] != first["id"]


def test_a_guid_is_the_schema_everywhere(registry: Server) -> None:
    made = registry.register("s", text("a")).json()

    assert registry.ask(f"/schemas/guids/{made['guid']}")[1]["schema"] == text("a")
    assert registry.ask(f"/schemas/guids/{made['guid']}/ids") == (200, [{"context": ".", "id": made["id"]}])
    assert registry.ask("/schemas/guids/no-guid")[0] == 404
    assert registry.ask(f"/schemas/ids/{made['id']}?fetchMaxId=true")[1]["maxId"] == made["id"]


@pytest.mark.parametrize("path", ["/associations/resources/x", "/nothing", "/subjects/s/versions/1/nothing"])
def test_what_is_not_here_is_a_plain_404(registry: Server, path: str) -> None:
    assert registry.http.get(path).status_code == 404


def test_the_server_says_who_it_is(registry: Server) -> None:
    assert registry.ask("/schemas/types") == (200, ["AVRO"])
    assert registry.ask("/v1/metadata/id")[1]["scope"]["clusters"] == {"schema-registry-cluster": "simpul"}
    assert registry.ask("/v1/metadata/version")[1]["version"]

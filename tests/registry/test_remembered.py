"""A schema by its id is answered from memory, and never to the wrong asker, nor for longer than it is there."""

import httpx

from tests.registry.server import PASSWORDS, READER, WRITER, Server

TEXT = '{"type":"enum","name":"e","symbols":["A"]}'
CONFLUENT = "application/vnd.schemaregistry.v1+json"


def test_the_second_answer_is_the_first(registry: Server) -> None:
    registry.register("s", TEXT)
    first, second = (registry.http.get("/schemas/ids/1") for _ in range(2))

    assert (second.status_code, second.content) == (200, first.content)
    kept = ("content-type", "content-length", "cache-control", "x-content-type-options")
    assert [second.headers[name] for name in kept] == [first.headers[name] for name in kept]


def test_what_is_remembered_is_told_to_nobody_unknown(registry: Server) -> None:
    registry.register("s", TEXT)
    registry.http.get("/schemas/ids/1").raise_for_status()
    asked = {
        "nobody": None,
        "wrong": (WRITER, "salah"),
        "reader": (READER, PASSWORDS[READER].get_secret_value()),
    }
    with httpx.Client(base_url=registry.url, trust_env=False) as stranger:
        answers = {name: stranger.get("/schemas/ids/1", auth=auth).status_code for name, auth in asked.items()}

    assert answers == {"nobody": 401, "wrong": 401, "reader": 200}


def test_each_way_of_asking_has_its_own_answer(registry: Server) -> None:
    registry.register("s", TEXT)
    for _ in range(2):
        assert registry.ask("/schemas/ids/1?fetchMaxId=true")[1]["maxId"] == 1
        assert "maxId" not in registry.ask("/schemas/ids/1")[1]
        plain = registry.http.get("/schemas/ids/1", headers={"Accept": "application/json"})
        theirs = registry.http.get("/schemas/ids/1", headers={"Accept": CONFLUENT})
        assert (plain.headers["content-type"], theirs.headers["content-type"]) == ("application/json", CONFLUENT)


def test_what_is_removed_is_forgotten(registry: Server) -> None:
    registry.register("s", TEXT)
    before = registry.ask("/schemas/ids/1")[0]
    registry.http.delete("/subjects/s")
    registry.http.delete("/subjects/s?permanent=true")

    assert (before, registry.ask("/schemas/ids/1")[0]) == (200, 404)
    assert registry.ask("/schemas/ids/2")[0] == 404
    registry.register("s", TEXT.replace('"A"', '"B"'))
    assert registry.ask("/schemas/ids/2")[0] == 200

"""Nobody makes a version of a governed subject over HTTP; what is sent becomes a draft that people can find."""

import json
from typing import Any

import httpx
import psycopg
import pytest

from identity.opds import EVERYWHERE
from registry.governance import drafts
from registry.governance.drafts import Draft, State
from schemas.names import SubjectName
from tests.registry.server import PASSWORDS, READER, Server, serving
from tests.schemas.contracts import penduduk, schema_of

SUBJECT = "opd.disdukcapil.penduduk-value"
PLAIN = {"type": "record", "name": "r", "fields": [{"name": "a", "type": "int"}]}


def contract_text(**changes: Any) -> str:
    return json.dumps(schema_of(penduduk()) | changes)


def drafts_of(server: Server, subject: str) -> list[Draft]:
    with psycopg.connect(server.dsn.get_secret_value()) as conn:
        return drafts.every(conn, EVERYWHERE, subject=SubjectName(subject))


def refused(answer: httpx.Response) -> str:
    assert (answer.status_code, answer.json()["error_code"]) == (403, 40301)
    message: str = answer.json()["message"]
    return message


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        pytest.param(SUBJECT, contract_text(), id="a document"),
        pytest.param("opd.dinas.lain-value", json.dumps(PLAIN), id="a document's name without a contract"),
        pytest.param("reference.penduduk-value", json.dumps(PLAIN), id="what the hub publishes"),
        pytest.param("pesanan", contract_text(), id="a contract under any name"),
        pytest.param(":.lab:pesanan", contract_text(), id="a contract in another context"),
    ],
)
def test_what_is_sent_to_a_governed_subject_waits_as_a_draft(registry: Server, subject: str, text: str) -> None:
    first, again = registry.register(subject, text), registry.register(subject, text)

    found = drafts_of(registry, subject)
    assert [(each.state, each.author) for each in found] == [(State.OPEN, "penulis")]
    for answer in (first, again):
        assert refused(answer).endswith(f": /kontrak/rancangan/{found[0].id}")
    assert registry.ask(f"/subjects/{subject}/versions")[0] == 404


def test_the_draft_keeps_what_was_sent_and_another_text_is_another_draft(registry: Server) -> None:
    for text in (contract_text(), contract_text(doc="Penduduk, lagi.")):
        registry.register(SUBJECT, text)

    assert [each.schema_text for each in drafts_of(registry, SUBJECT)][::-1] == [
        contract_text(),
        contract_text(doc="Penduduk, lagi."),
    ]


def test_an_approved_schema_answers_its_id_and_its_version_stays_the_only_one(registry: Server) -> None:
    schema_id = registry.approve(SUBJECT, contract_text())

    answer = registry.register(SUBJECT, contract_text())
    refused(registry.register(SUBJECT, contract_text(doc="Penduduk, lagi.")))

    assert answer.json()["id"] == schema_id
    assert registry.ask(f"/subjects/{SUBJECT}/versions") == (200, [1])


def test_no_mode_and_no_given_number_is_a_way_round(registry: Server) -> None:
    registry.http.put("/mode", json={"mode": "IMPORT"})
    registry.http.put(f"/config/{SUBJECT}", json={"compatibility": "NONE"})
    body = {"schema": contract_text(), "id": 4_000, "version": 7}

    refused(registry.http.post(f"/subjects/{SUBJECT}/versions", json=body))

    assert registry.ask(f"/subjects/{SUBJECT}/versions")[0] == 404


@pytest.mark.parametrize(("name", "target"), [(SUBJECT, "pesanan"), ("pesanan", SUBJECT)])
def test_an_alias_is_no_way_round(registry: Server, name: str, target: str) -> None:
    registry.http.put(f"/config/{name}", json={"alias": target})

    refused(registry.register(name, json.dumps(PLAIN)))

    assert registry.ask(f"/subjects/{target}/versions")[0] == 404


def test_whoever_may_only_read_makes_drafts_all_the_same(registry: Server) -> None:
    auth = (READER, PASSWORDS[READER].get_secret_value())

    answer = httpx.post(
        f"{registry.url}/subjects/{SUBJECT}/versions", json={"schema": contract_text()}, auth=auth, timeout=30
    )

    refused(answer)
    assert [each.author for each in drafts_of(registry, SUBJECT)] == [READER]


def test_a_program_that_sends_something_new_each_time_is_stopped(registry: Server) -> None:
    texts = [contract_text(doc=f"Penduduk, {number}.") for number in range(drafts.MOST_UNDECIDED + 3)]

    messages = [refused(registry.register(SUBJECT, text)) for text in texts]

    assert len(drafts_of(registry, SUBJECT)) == drafts.MOST_UNDECIDED
    assert ["20 drafts" in message for message in messages] == [False] * 20 + [True] * 3


def test_a_contract_is_held_to_the_limits_of_what_is_decoded_here(registry: Server) -> None:
    loop = {"type": "record", "name": "r", "fields": [{"name": "next", "type": ["null", "r"]}]}

    assert registry.register("pesanan", json.dumps(loop)).status_code == 200
    assert registry.register("pesanan", json.dumps(loop | {"contract": {}})).status_code == 422


def test_the_draft_is_told_with_the_address_that_people_type(database: Any) -> None:
    with serving(database.dsn("simpul_registry"), pages_url="https://simpul.contoh.go.id/") as server:
        message = refused(server.register(SUBJECT, contract_text()))

    assert ": https://simpul.contoh.go.id/kontrak/rancangan/1" in message

"""Who may ask, and who may register."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from identity.actors import Actor
from identity.opds import OpdSeed, add_opd, add_system
from identity.permissions import Permission
from identity.principals import Scope
from identity.tokens import NewToken, issue_token, revoke
from registry import Settings, create_app
from tests.eventually import eventually
from tests.registry.server import PASSWORDS, READER, WRITER, Server

TEXT = json.dumps({"type": "enum", "name": "e", "symbols": ["A"]})
OTHER = json.dumps({"type": "enum", "name": "e", "symbols": ["B"]})

ROUTES = [
    ("GET", "/"),
    ("GET", "/contexts"),
    ("GET", "/openapi.json"),
    ("GET", "/v1/metadata/id"),
    ("GET", "/v1/metadata/version"),
    ("GET", "/config"),
    ("PUT", "/config"),
    ("DELETE", "/config"),
    ("GET", "/config/a"),
    ("PUT", "/config/a"),
    ("DELETE", "/config/a"),
    ("GET", "/mode"),
    ("PUT", "/mode"),
    ("DELETE", "/mode"),
    ("GET", "/mode/a"),
    ("PUT", "/mode/a"),
    ("DELETE", "/mode/a"),
    ("POST", "/compatibility/subjects/a/versions"),
    ("POST", "/compatibility/subjects/a/versions/1"),
    ("GET", "/subjects"),
    ("POST", "/subjects/a"),
    ("DELETE", "/subjects/a"),
    ("GET", "/subjects/a/metadata"),
    ("GET", "/subjects/a/versions"),
    ("POST", "/subjects/a/versions"),
    ("GET", "/subjects/a/versions/1"),
    ("DELETE", "/subjects/a/versions/1"),
    ("GET", "/subjects/a/versions/1/schema"),
    ("GET", "/subjects/a/versions/1/referencedby"),
    ("GET", "/schemas"),
    ("GET", "/schemas/types"),
    ("GET", "/schemas/guids/{guid}"),
    ("GET", "/schemas/guids/{guid}/ids"),
    ("GET", "/schemas/ids/1"),
    ("GET", "/schemas/ids/1/schema"),
    ("GET", "/schemas/ids/1/subjects"),
    ("GET", "/schemas/ids/1/versions"),
]


def basic(user: str, password: str) -> str:
    return f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


@pytest.mark.parametrize(
    "header",
    [
        pytest.param(None, id="none"),
        pytest.param(basic(WRITER, "salah"), id="wrong password"),
        pytest.param(basic("siapa", PASSWORDS[WRITER].get_secret_value()), id="unknown user"),
        pytest.param(basic("siapa", ""), id="unknown user without password"),
        pytest.param(basic(READER, PASSWORDS[WRITER].get_secret_value()), id="another's password"),
        pytest.param("Basic %%%", id="no base64"),
        pytest.param("Basic /w==", id="no UTF-8"),
        pytest.param("Bearer x", id="another scheme"),
        pytest.param("Basic " + "A" * 6_000, id="very long"),
    ],
)
def test_every_route_asks_who_is_there(shared_registry: Server, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    with httpx.Client(base_url=shared_registry.url, trust_env=False) as stranger:
        answers = [stranger.request(method, path, headers=headers) for method, path in ROUTES]

    assert [(answer.status_code, answer.json()) for answer in answers] == [
        (401, {"error_code": 401, "message": "Unauthorized"})
    ] * len(ROUTES)
    assert {answer.headers["www-authenticate"].split()[0] for answer in answers} == {"Basic"}


def test_the_list_of_routes_above_is_whole(database: Any) -> None:
    app = create_app(Settings(dsn=database.dsn("simpul_registry"), users=PASSWORDS))
    named = {
        "/".join({"a": "{subject}", "1": "{schema_id}" if "ids" in path else "{version}"}.get(p, p) for p in parts)
        for _, path in ROUTES
        for parts in [path.split("/")]
    }

    assert {path for path, _ in registered_routes(app)} - {"/healthz", "/readyz"} == named
    assert len(registered_routes(app)) == len(ROUTES) + 2


def registered_routes(app: FastAPI) -> list[tuple[str, str]]:
    return [
        (str(context.path), method)
        for context in iter_route_contexts(app.routes)
        if isinstance(context.original_route, APIRoute)
        for method in context.methods or ()
    ]


def test_a_reader_reads_but_does_not_register(shared_registry: Server, subject: str) -> None:
    shared_registry.register(subject, TEXT)
    auth = (READER, PASSWORDS[READER].get_secret_value())
    with httpx.Client(base_url=shared_registry.url, auth=auth, trust_env=False) as reader:
        known = reader.post(f"/subjects/{subject}", json={"schema": TEXT})
        refused = [reader.post(f"/subjects/{subject}/versions", json={"schema": text}) for text in (TEXT, OTHER)]

    assert known.status_code == 200
    assert (refused[0].status_code, refused[0].json()["version"]) == (200, 1)  # there already: its id
    assert (refused[1].status_code, refused[1].json()["error_code"]) == (403, 40301)
    assert shared_registry.ask(f"/subjects/{subject}/versions") == (200, [1])


def test_a_service_token_reads_until_it_is_revoked(registry: Server, database: Any) -> None:
    registry.register("s", TEXT)
    now, by = datetime.now(UTC), Actor.command("penguji")
    with database.connect() as conn:
        add_opd(conn, OpdSeed("dinkes", "Dinas Kesehatan", "DINKES"), by=by, now=now)
        system = add_system(conn, "dinkes", "simrs", "SIMRS", by=by, now=now)
        new = NewToken(system, "kirim", frozenset({Permission.SEND_EVENTS}), None, now + timedelta(days=30))
        number, token = issue_token(conn, new, by=by, now=now)
    bearer = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=registry.url, headers=bearer, trust_env=False) as program:
        read = program.get("/subjects")
        same = program.post("/subjects/s/versions", json={"schema": TEXT})
        other = program.post("/subjects/s/versions", json={"schema": OTHER})
        with database.connect() as conn:
            revoke(conn, number, by=by, within=Scope(everywhere=True, opds=frozenset()), now=now)
        gone = eventually(lambda: program.get("/subjects").status_code, until=lambda status: status == 401, within_s=10)

    assert (read.status_code, read.json()) == (200, ["s"])
    assert (same.status_code, other.status_code) == (200, 403)
    assert gone == 401

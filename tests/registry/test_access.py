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
from tests.database_contents import Contents
from tests.eventually import eventually
from tests.registry.server import PASSWORDS, READER, WRITER, Server

TEXT = json.dumps({"type": "enum", "name": "e", "symbols": ["A"]})
OTHER = json.dumps({"type": "enum", "name": "e", "symbols": ["B"]})

APICURIO = "/apis/registry/v2"
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
    ("POST", "/loads/{document}"),
    ("GET", "/loads/{document}"),
    ("POST", "/loads/{document}/end"),
    ("POST", f"{APICURIO}/groups/default/artifacts"),
    ("GET", f"{APICURIO}/groups/default/artifacts/a/meta"),
    ("POST", f"{APICURIO}/groups/default/artifacts/a/meta"),
    ("GET", f"{APICURIO}/groups/default/artifacts/a/versions/1"),
    ("GET", f"{APICURIO}/groups/default/artifacts/a/versions/1/meta"),
    ("GET", f"{APICURIO}/groups/default/artifacts/a/versions/1/references"),
    ("GET", f"{APICURIO}/ids/contentIds/1"),
    ("GET", f"{APICURIO}/ids/contentIds/1/references"),
    ("GET", f"{APICURIO}/ids/globalIds/1"),
    ("GET", f"{APICURIO}/ids/globalIds/1/references"),
]
BODIES = ({"error_code", "message"}, {"error_code", "message", "name"})  # Confluent's and Apicurio's
# A POST that asks a question, because a schema is too long for an address.
ASKS = {
    "/subjects/a", "/compatibility/subjects/a/versions", "/compatibility/subjects/a/versions/1",
    f"{APICURIO}/groups/default/artifacts/a/meta",
}  # fmt: skip


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

    told = [(answer.status_code, answer.json()["error_code"], answer.json()["message"]) for answer in answers]
    assert told == [(401, 401, "Unauthorized")] * len(ROUTES)
    assert {frozenset(answer.json()) for answer in answers} <= {frozenset(each) for each in BODIES}
    assert {answer.headers["www-authenticate"].split()[0] for answer in answers} == {"Basic"}


@pytest.mark.parametrize("who", ["reader", "token", "writer"])
def test_only_a_writer_changes_anything_and_no_question_does(registry: Server, database: Any, who: str) -> None:
    """Each route as each kind of caller: what asks leaves the database as it was, what acts is a writer's. About its
    loads an agency alone is told (`test_loads.py`)."""
    registry.register("a", TEXT)
    headers = {"Authorization": sign_in(database, who), "X-Registry-ArtifactId": "b", "X-Registry-ArtifactType": "AVRO"}
    wrong: list[str] = []
    with database.connect(autocommit=True) as owner, httpx.Client(base_url=registry.url, trust_env=False) as client:
        client.get("/", headers=headers)  # a token's last use is written once a minute
        contents = Contents(owner)
        for method, path in sorted(ROUTES, key=lambda route: route[0] == "DELETE"):
            asks = (method == "GET" and not path.startswith("/loads/")) or (method == "POST" and path in ASKS)
            if not asks and who == "writer":
                continue
            with contents.unchanged(wrong, f"{method} {path}"):
                answer = client.request(method, path, headers=headers, json=sent(path))
            if not asks and answer.status_code != 403:
                wrong.append(f"{method} {path}: {answer.status_code}")
            if asks and answer.status_code in (401, 403, 500):
                wrong.append(f"{method} {path}: {answer.status_code}")

    assert wrong == []


def sent(path: str) -> Any:
    """A schema that is not there, as the path wants it."""
    return json.loads(OTHER) if path.startswith(APICURIO) else {"schema": OTHER}


def sign_in(database: Any, who: str) -> str:
    if who != "token":
        user = {"reader": READER, "writer": WRITER}[who]
        return basic(user, PASSWORDS[user].get_secret_value())
    now, by = datetime.now(UTC), Actor.command("penguji")
    with database.connect() as conn:
        add_opd(conn, OpdSeed("dinkes", "Dinas Kesehatan", "DINKES"), by=by, now=now)
        system = add_system(conn, "dinkes", "simrs", "SIMRS", by=by, now=now)
        new = NewToken(system, "kirim", frozenset({Permission.SEND_EVENTS}), None, now + timedelta(days=30))
        return f"Bearer {issue_token(conn, new, by=by, now=now)[1]}"


def test_the_list_of_routes_above_is_whole(database: Any) -> None:
    app = create_app(Settings(dsn=database.dsn("simpul_registry"), users=PASSWORDS))
    named = {
        "/".join(
            {
                "a": "{artifact}" if path.startswith(APICURIO) else "{subject}",
                "1": "{schema_id}" if "ids" in path else "{version}",
                "default": "{group}",
            }.get(p, p)
            for p in parts
        )
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

"""The registry client against the real registry on a real port, and against what is no registry at all."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from schemas.errors import RegistryRefused, RegistryUnreachable
from schemas.names import SchemaId, SubjectName
from schemas.wire.fingerprint import fingerprint
from schemas.wire.registry_client import ANSWER_LIMIT, RegistryClient, RegistrySettings
from tests.registry.server import READER, Server, serving

SUBJECT, OTHER = SubjectName("a.person-value"), SubjectName("b.person-value")
PERSON = {"type": "record", "name": "p", "doc": "Orang — é", "fields": [{"name": "a", "type": "int", "x": [1]}]}
ENUM = {"type": "enum", "name": "e", "symbols": ["A"]}
UNKNOWN = SchemaId(404_404)


@pytest.fixture
def server(database: Any) -> Iterator[Server]:
    with serving(database.dsn("simpul_registry")) as server:
        yield server


@contextmanager
def answering(status: int, body: bytes, *, content_type: str = "application/json") -> Iterator[RegistrySettings]:
    """Something on a port that gives every request the same answer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Location", "http://127.0.0.1:9/elsewhere")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                self.close_connection = True  # the client would not read all of it

        do_POST = do_GET  # noqa: N815  the library's own spelling

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as fake:
        threading.Thread(target=fake.serve_forever, daemon=True).start()
        yield settings(fake.server_port)
        fake.shutdown()


def settings(port: int) -> RegistrySettings:
    return RegistrySettings(
        url=f"http://127.0.0.1:{port}/", user="u", password=SecretStr("rahasia-sekali"), timeout_s=2
    )


def test_what_one_client_registers_another_finds(server: Server) -> None:
    with RegistryClient(server.settings()) as writer, RegistryClient(server.settings(READER)) as reader:
        schema_id = writer.register(SUBJECT, PERSON)
        again = writer.register(OTHER, dict(reversed(PERSON.items())))
        found = reader.latest(SUBJECT)

        assert again == schema_id
        assert reader.schema(schema_id) == PERSON
        assert reader.look_up(SUBJECT, PERSON) == schema_id
        assert reader.fingerprint(schema_id) == fingerprint(PERSON)
        assert reader.subjects_of(schema_id) == {SUBJECT, OTHER}
        assert found is not None
        assert (found.version, found.id, found.schema) == (1, schema_id, PERSON)


def test_what_a_healthy_registry_does_not_know_is_none(server: Server) -> None:
    with RegistryClient(server.settings()) as client:
        client.register(SUBJECT, PERSON)

        assert client.schema(UNKNOWN) is None
        assert client.fingerprint(UNKNOWN) is None
        assert client.latest(OTHER) is None
        assert client.look_up(OTHER, PERSON) is None
        assert client.look_up(SUBJECT, ENUM) is None
        assert client.subjects_of(UNKNOWN) == frozenset()
        assert not client.belongs(UNKNOWN, SUBJECT)


def test_a_no_is_asked_for_again_and_a_yes_is_kept(server: Server) -> None:
    with RegistryClient(server.settings()) as client:
        assert client.schema(SchemaId(1)) is None
        assert not client.belongs(SchemaId(1), SUBJECT)

        client.register(SUBJECT, PERSON)

        assert client.schema(SchemaId(1)) == PERSON
        assert client.belongs(SchemaId(1), SUBJECT)
        assert not client.belongs(SchemaId(1), OTHER)


def test_a_schema_that_is_no_object_comes_as_one(server: Server) -> None:
    string, union = (
        server.register(name, text).json()["id"] for name, text in (("s", '"string"'), ("u", '["null","int"]'))
    )

    with RegistryClient(server.settings()) as client:
        assert client.schema(string) == {"type": "string"}
        assert client.schema(union) == {"type": ["null", "int"]}


def test_a_known_id_is_answered_while_the_registry_is_away(database: Any) -> None:
    with serving(database.dsn("simpul_registry")) as server:
        client = RegistryClient(server.settings())
        known = client.register(SUBJECT, PERSON)
        assert client.belongs(known, SUBJECT)

    with client:
        assert client.schema(known) == PERSON
        assert client.belongs(known, SUBJECT)
        with pytest.raises(RegistryUnreachable):
            client.schema(UNKNOWN)
        with pytest.raises(RegistryUnreachable):
            client.latest(SUBJECT)


def test_a_registry_that_was_reset_is_not_believed(server: Server) -> None:
    with RegistryClient(server.settings()) as client:
        reused = client.register(SUBJECT, PERSON)

    with RegistryClient(server.settings(), known={reused: fingerprint(ENUM)}) as client:
        for ask in (
            lambda: client.schema(reused),
            lambda: client.latest(SUBJECT),
            lambda: client.register(SUBJECT, PERSON),
        ):
            with pytest.raises(RegistryUnreachable, match="names another schema"):
                ask()


def test_a_refusal_carries_status_code_and_message(server: Server) -> None:
    with RegistryClient(server.settings(READER)) as reader, pytest.raises(RegistryRefused) as forbidden:
        reader.register(SUBJECT, PERSON)
    with RegistryClient(server.settings()) as writer, pytest.raises(RegistryRefused) as invalid:
        writer.register(SubjectName("opd.a.b-value"), {"type": "array", "items": "null"})
    stranger = server.settings().model_copy(update={"password": SecretStr("salah-semuanya")})
    with RegistryClient(stranger) as client, pytest.raises(RegistryRefused) as unknown:
        client.schema(SchemaId(1))

    assert (forbidden.value.status, forbidden.value.code) == (403, 40301)
    assert (invalid.value.status, invalid.value.code) == (422, 42201)
    assert (unknown.value.status, unknown.value.code) == (401, 401)
    assert "items of no bytes" in str(invalid.value)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(200, b"<html>Selamat datang</html>", id="a page"),
        pytest.param(404, b"<html>Not Found</html>", id="a page that is not there"),
        pytest.param(404, b'{"detail": "Not Found"}', id="another service's 404"),
        pytest.param(404, b'{"error_code": true}', id="a 404 without a code"),
        pytest.param(302, b"{}", id="sent elsewhere"),
        pytest.param(500, b'{"error_code": 40403, "message": "x"}', id="an error that borrows a code"),
        pytest.param(503, b'{"error_code": 50001, "message": "x"}', id="its database is away"),
        pytest.param(429, b'{"error_code": 429, "message": "x"}', id="too many"),
        pytest.param(200, b"[" * 100_000, id="endless nesting"),
        pytest.param(200, b"{}", id="no schema"),
        pytest.param(200, b'{"schema": "{"}', id="a schema cut off"),
        pytest.param(200, b'{"schema": "7"}', id="a schema that is a number"),
        pytest.param(200, b'"' + b"x" * (ANSWER_LIMIT + 1) + b'"', id="a flood"),
        pytest.param(200, b"\xff\xfe", id="no text"),
    ],
)
def test_what_does_not_answer_like_a_registry_is_the_worlds_fault(status: int, body: bytes) -> None:
    with answering(status, body) as address, RegistryClient(address) as client, pytest.raises(RegistryUnreachable):
        client.schema(SchemaId(1))


@pytest.mark.parametrize("body", [{}, {"id": "1"}, {"id": 0}, {"id": True}, [], None])
def test_a_registration_without_an_id_is_no_registration(body: object) -> None:
    raw = json.dumps(body).encode()
    with answering(200, raw) as address, RegistryClient(address) as client, pytest.raises(RegistryUnreachable):
        client.register(SUBJECT, PERSON)


def test_silence_and_a_closed_port_are_the_worlds_fault() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        hasty = settings(port).model_copy(update={"timeout_s": 0.2})
        with RegistryClient(hasty) as client, pytest.raises(RegistryUnreachable, match="ReadTimeout"):
            client.schema(SchemaId(1))

    with RegistryClient(settings(port)) as client, pytest.raises(RegistryUnreachable, match="ConnectError"):
        client.schema(SchemaId(1))


@pytest.mark.parametrize("url", ["ftp://x", "x", "http://", "http://u:p@x", "http://x/?a=b", "http://x/#a"])
def test_an_address_with_more_than_an_address_is_refused(url: str) -> None:
    with pytest.raises(ValidationError):
        RegistrySettings(url=url, user="u", password=SecretStr("p"))


def test_the_password_is_in_no_text() -> None:
    with answering(500, b"{}") as address, RegistryClient(address) as client:
        with pytest.raises(RegistryUnreachable) as caught:
            client.schema(SchemaId(1))

        assert "rahasia-sekali" not in f"{address!r} {client!r} {caught.value!r}"

"""The registry as a process of its own would serve it: a real port, in a thread of the test run."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import psycopg
import uvicorn
from pydantic import SecretStr

from registry import Settings, create_app, registration
from registry.schema_text import parse
from schemas.names import SchemaId, SubjectName
from schemas.wire.registry_client import RegistrySettings
from tests.authorities import AUTHORITIES
from tests.eventually import eventually
from tests.listening import free_port

WRITER, READER, SENDER = "penulis", "pembaca", "opd-disdukcapil"
PASSWORDS = {
    WRITER: SecretStr("rahasia-penulis"),
    READER: SecretStr("rahasia-pembaca"),
    SENDER: SecretStr("rahasia-pengirim"),
}


@dataclass
class Server:
    """A running registry."""

    url: str
    http: httpx.Client = field(repr=False)
    dsn: SecretStr  # of the registry's role
    owner: SecretStr  # of the database's owner, who alone makes governed versions

    def settings(self, user: str = WRITER) -> RegistrySettings:
        return RegistrySettings(url=self.url, user=user, password=PASSWORDS[user])

    def register(self, subject: str, schema_text: str) -> httpx.Response:
        return self.http.post(f"/subjects/{subject}/versions", json={"schema": schema_text})

    def approve(self, subject: str, schema_text: str) -> SchemaId:
        """Make a version without asking anybody, as an approval does; its schema's id."""
        with psycopg.connect(self.owner.get_secret_value()) as conn:
            return registration.register(conn, SubjectName(subject), parse(schema_text), by="uji").schema_id

    def ask(self, path: str) -> tuple[int, Any]:
        """Status and JSON of a GET as the writer."""
        response = self.http.get(path)
        return response.status_code, response.json()


@contextmanager
def serving(dsn: SecretStr, *, owner: SecretStr | None = None, **options: Any) -> Iterator[Server]:
    """The registry over the database of `dsn`. `owner`: for tests in which something is approved."""
    settings = Settings(dsn=dsn, users=PASSWORDS, writers=frozenset({WRITER}), **options)
    listener = free_port()
    config = uvicorn.Config(create_app(settings), log_config=None, lifespan="on", server_header=False)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        eventually(lambda: server.started, until=bool, within_s=20)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        auth = (WRITER, PASSWORDS[WRITER].get_secret_value())
        with httpx.Client(base_url=url, auth=auth, timeout=30, trust_env=False, verify=AUTHORITIES) as client:
            # The first request makes the routes, and warnings are caught meanwhile, in all threads: not two at once.
            client.get("/subjects")
            yield Server(url, client, dsn, dsn if owner is None else owner)
    finally:
        server.should_exit = True
        thread.join(timeout=20)
        listener.close()

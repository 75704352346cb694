"""Programs that call the reference API."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import httpx

from dashboard.rest.problems import CODES
from identity import opds, tokens
from identity.actors import Actor
from identity.permissions import Permission
from identity.tokens import NewToken
from tests.authorities import AUTHORITIES
from tests.conftest import Database
from tests.dashboard.conftest import Site

BY = Actor.command("uji")


@dataclass(frozen=True, slots=True)
class Program:
    """A program with a token of its own."""

    url: str
    secret: str
    number: int

    def get(self, path: str, method: str = "GET", **headers: str) -> httpx.Response:
        sent = {"Authorization": f"Bearer {self.secret}"} | {k.replace("_", "-"): v for k, v in headers.items()}
        return httpx.request(method, f"{self.url}{path}", headers=sent, timeout=20, trust_env=False, verify=AUTHORITIES)

    def code(self, path: str, method: str = "GET", **headers: str) -> str:
        """The code of a refusal."""
        answer = self.get(path, method, **headers)
        assert answer.headers["content-type"] == "application/problem+json", answer.text
        told = answer.json()
        assert (told["status"], told["type"]) == (answer.status_code, f"/kesalahan/{told['code']}")
        assert CODES[told["code"]].status == answer.status_code
        return str(told["code"])


def programs(site: Site, database: Database) -> Callable[..., Program]:
    """Makes programs of an agency, each with a system and a token."""
    made: list[int] = []

    def make(opd: str, *permissions: Permission, documents: frozenset[str] | None = None) -> Program:
        now = datetime.now(UTC)
        with database.connect() as conn:
            made.append(opds.add_system(conn, opd, f"sistem{len(made)}", "Sistem uji", by=BY, now=now))
            wanted = NewToken(made[-1], "baca", frozenset(permissions), documents, now + timedelta(days=30))
            number, secret = tokens.issue_token(conn, wanted, by=BY, now=now)
        return Program(site.url, secret, number)

    return make

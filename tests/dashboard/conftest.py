"""The pages on a real server, over a real database and a real broker."""

import gc
import shutil
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

import httpx
import psycopg
import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, sync_playwright

from cli import settings
from cli.stack.local import Stack
from dashboard.app import create_app
from dashboard.settings import Settings
from identity.permissions import Role
from identity.sessions import csrf_token
from tests.authorities import AUTHORITIES
from tests.conftest import Database
from tests.dashboard.exchange_rows import INSTANCE, ExchangeRows
from tests.dashboard.people import People
from tests.eventually import eventually
from tests.listening import free_port

START_S = 20
# The shell draws the same pages without the windows of a desktop browser, for half the work.
NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]
SESSION_COOKIE = "simpul-sid"  # its name over plain http


@dataclass(frozen=True, slots=True)
class Site:
    """A running server and its application, as one signed-in person (an operator) or, without a token, as nobody."""

    url: str
    app: FastAPI
    token: str = ""

    def as_nobody(self) -> "Site":
        return replace(self, token="")

    def with_session(self, token: str) -> "Site":
        return replace(self, token=token)

    @property
    def cookie(self) -> dict[str, str]:
        return {SESSION_COOKIE: self.token} if self.token else {}

    def get(self, path: str, **headers: str) -> httpx.Response:
        """The answer itself: no redirect is followed."""
        return httpx.get(
            f"{self.url}{path}", headers=headers, cookies=self.cookie, timeout=20, trust_env=False, verify=AUTHORITIES
        )

    def post(self, path: str, fields: dict[str, str] | None = None, **headers: str) -> httpx.Response:
        """What a form of our own page sends, with its token."""
        sent = {"csrf": csrf_token(self.token)} | (fields or {})
        ours = {"Origin": self.url, "Sec-Fetch-Site": "same-origin"} | headers
        return httpx.post(
            f"{self.url}{path}",
            data=sent,
            headers=ours,
            cookies=self.cookie,
            timeout=20,
            trust_env=False,
            verify=AUTHORITIES,
        )

    def upload(self, path: str, fields: dict[str, str], name: str, data: bytes) -> httpx.Response:
        """The same with a file."""
        return httpx.post(
            f"{self.url}{path}",
            data={"csrf": csrf_token(self.token)} | fields,
            files={"berkas": (name, data)},
            headers={"Origin": self.url, "Sec-Fetch-Site": "same-origin"},
            cookies=self.cookie,
            timeout=20,
            trust_env=False,
            verify=AUTHORITIES,
        )


@pytest.fixture
def rows(database: Database) -> ExchangeRows:
    """Writes what intake and publication would write; the documents are entered."""
    exchange = ExchangeRows(database.dsn())
    exchange.provision()
    return exchange


@pytest.fixture
def people(database: Database) -> People:
    """Enters people and opens their sessions."""
    return People(database.dsn())


def settings_of(database: Database, stack: Stack) -> Settings:
    """Settings of pages over this database."""
    return Settings(
        dsn=database.dsn("simpul_web"),
        kafka=stack.kafka(),
        instance=INSTANCE,
        sample_s=0.2,
        idle_sample_s=0.2,
        statement_timeout_s=2,
        credential_wait_s=0.2,  # nobody keeps Kafka here
        board_wait_s=0.1,  # and nobody draws the boards of cases
    )


@pytest.fixture
def site_settings(database: Database, stack: Stack) -> Settings:
    return settings_of(database, stack)


@pytest.fixture
def serve(database: Database, people: People) -> Iterator[Callable[[Settings], Site]]:
    """Starts servers on free ports; they stop with the test, before its database is dropped."""
    with servers(database, people) as start:
        yield start


@contextmanager
def servers(database: Database, people: People) -> Iterator[Callable[[Settings], Site]]:
    """The same for whoever keeps a database for longer than one test."""
    running: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(settings: Settings) -> Site:
        app = create_app(settings)
        listener = free_port()
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        running.append((server, thread))
        eventually(lambda: server.started, until=bool, within_s=START_S)
        return Site(f"http://127.0.0.1:{listener.getsockname()[1]}", app, people.sign_in(Role.OPERATOR))

    yield start
    for server, _ in running:
        server.should_exit = True
    for _, thread in running:
        thread.join(START_S)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        gc.collect()  # kafka-python leaves sockets of a connection that was not made yet to the collector
    with database.connect(autocommit=True) as conn:  # PostgreSQL ends a session a moment after its client
        eventually(lambda: sessions(conn), until=lambda count: count == 0)


def sessions(conn: psycopg.Connection) -> int:
    """Sessions of the pages in this database."""
    row = conn.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND usename = 'simpul_web'"
    ).fetchone()
    return row[0] if row else 0


@pytest.fixture
def site(serve: Callable[[Settings], Site], site_settings: Settings, rows: ExchangeRows) -> Site:
    """The pages over the test's database, in which the documents are entered."""
    return serve(site_settings)


@pytest.fixture(scope="module")  # Playwright holds an event loop on this thread meanwhile
def browser() -> Iterator[Browser]:
    """Chromium of the system; without one the tests are skipped, but not in CI."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        reason = "no Chromium on the PATH (Debian: apt-get install chromium fonts-noto-core fonts-noto-mono)"
        (pytest.fail if settings.load().ci else pytest.skip)(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield chromium
        chromium.close()

"""The pages of Kafka passwords: shown once to an agency's programmer or to who brings a code, while a keeper runs."""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
import pytest
from pydantic import SecretStr

from cli.stack.local import Stack
from dashboard.settings import Settings
from identity.actors import Actor
from identity.opds import add_system
from identity.permissions import Role
from registry.provisioning import provision
from registry.provisioning.credentials import issue_code
from registry.provisioning.keeper import Keeper
from tests.conftest import Database
from tests.dashboard.conftest import Site
from tests.dashboard.people import OWN, People
from tests.registry.sign_in import signs_in

BY = Actor.process("tes")
SHOWN = re.compile(r'aria-label="Kata sandi">([0-9a-f]{64})<')


@pytest.fixture
def system(site: Site, database: Database) -> int:
    with database.connect() as conn:
        return add_system(conn, OWN, "siak", "SIAK Terpusat", by=BY, now=datetime.now(UTC))


@pytest.fixture
def site_settings(site_settings: Settings) -> Settings:
    return site_settings.model_copy(update={"credential_wait_s": 15.0})


@contextmanager
def keeping(database: Database, stack: Stack, seal: SecretStr) -> Iterator[None]:
    names = ("hub-intake", "hub-publisher", "hub-web", "hub-jobs", "hub-keeper", "hub-replay")
    provision([], admin=stack.kafka(), credentials={name: stack.kafka(name).password for name in names})
    keeper, stopping = Keeper(database.dsn("simpul_jobs"), stack.kafka("hub-keeper"), seal, ()), threading.Event()

    def run() -> None:
        while not stopping.wait(0.05):
            keeper.run()
        keeper.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(20)


def shown(answer: httpx.Response) -> SecretStr:
    found = SHOWN.search(answer.text)
    assert answer.status_code == 200
    assert found is not None
    return SecretStr(found[1])


def test_a_programmer_fetches_a_password_that_opens_kafka_and_is_not_shown_again(
    site: Site, people: People, database: Database, stack: Stack, system: int, site_settings: Settings
) -> None:
    programmer = site.with_session(people.sign_in(Role.OPD_PROGRAMMER, OWN))

    with keeping(database, stack, site_settings.credential_seal):
        answer = programmer.post(f"/kredensial/{system}")
    password = shown(answer)
    pages = [programmer.get(way).text for way in ("/kredensial", f"/kredensial/{system}")]

    assert signs_in(stack.kafka(), f"{OWN}.siak", password)
    assert answer.headers["cache-control"] == "no-store"
    assert [page for page in pages if password.get_secret_value() in page] == []
    assert all("opd-programmer.disdukcapil" in page for page in pages)


def test_a_code_fetches_once_without_a_sign_in(
    site: Site, database: Database, stack: Stack, system: int, site_settings: Settings
) -> None:
    assert system
    with database.connect("simpul_web") as conn:
        code, _ = issue_code(conn, OWN, "siak", by=Actor.command("operator"), now=datetime.now(UTC))
    nobody = site.as_nobody()
    form = nobody.get("/kredensial/kode")
    token = re.search(r'name="csrf" value="([^"]+)"', form.text)
    assert token is not None

    def bring(what: str) -> httpx.Response:
        return httpx.post(
            f"{site.url}/kredensial/kode",
            data={"csrf": token[1], "kode": what},
            headers={"Origin": site.url, "Sec-Fetch-Site": "same-origin"},
            cookies=form.cookies,
            timeout=30,
            trust_env=False,
        )

    with keeping(database, stack, site_settings.credential_seal):
        password = shown(bring(code))
    again, wrong = bring(code), bring("x" * 43)

    assert signs_in(stack.kafka(), f"{OWN}.siak", password)
    assert [each.status_code for each in (again, wrong)] == [422, 422]
    assert "tidak berlaku" in again.text


def test_while_no_keeper_runs_nothing_is_changed_and_the_page_says_so(
    serve: Callable[[Settings], Site], site_settings: Settings, people: People, database: Database, system: int
) -> None:
    site = serve(site_settings.model_copy(update={"credential_wait_s": 0.3}))
    programmer = site.with_session(people.sign_in(Role.OPD_PROGRAMMER, OWN))

    answer = programmer.post(f"/kredensial/{system}")

    assert answer.status_code == 409
    assert "belum diganti" in answer.text
    with database.connect() as conn:
        rows = conn.execute("select sealed, dropped_at is not null from identity.credential_request").fetchall()
    assert rows == [(None, True)]

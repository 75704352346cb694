"""200 people sign in at once: what it costs in memory, and how long others wait meanwhile."""

import asyncio
import threading
import time
from dataclasses import dataclass, field

import httpx
import psutil
import psycopg
import pytest

from identity.passwords import hashed
from identity.permissions import Role
from identity.sessions import csrf_token
from tests.conftest import Database
from tests.dashboard.conftest import SESSION_COOKIE, Site
from tests.dashboard.people import People

AT_ONCE = 200
PASSWORD = "Tujuh-Belas-Kelapa-8"
MEMORY_MB = 150
OTHERS_S = 1.0
BEFORE = "x" * 43


@dataclass(slots=True)
class Others:
    """Somebody who works meanwhile: how long each page took, and the most memory that was seen."""

    site: Site
    stop: threading.Event = field(default_factory=threading.Event)
    took: list[float] = field(default_factory=list)
    most: int = 0

    def run(self) -> None:
        with httpx.Client(base_url=self.site.url, timeout=60, trust_env=False, cookies=self.site.cookie) as client:
            while not self.stop.is_set():
                began = time.monotonic()
                assert client.get("/akun").status_code == 200
                self.took.append(time.monotonic() - began)
                self.most = max(self.most, psutil.Process().memory_info().rss)


async def sign_in_all(site: Site) -> list[int]:
    async def one(client: httpx.AsyncClient, number: int) -> int:
        fields = {"csrf": csrf_token(BEFORE), "nama": f"orang.{number}", "sandi": PASSWORD}
        headers = {"Origin": site.url, "Sec-Fetch-Site": "same-origin", "Cookie": f"simpul-pra={BEFORE}"}
        answer = await client.post("/masuk", data=fields, headers=headers)
        assert SESSION_COOKIE in answer.headers.get("set-cookie", "")
        return answer.status_code

    limits = httpx.Limits(max_connections=AT_ONCE)
    async with httpx.AsyncClient(base_url=site.url, timeout=120, trust_env=False, limits=limits) as client:
        return list(await asyncio.gather(*(one(client, number) for number in range(AT_ONCE))))


@pytest.mark.full
def test_200_sign_ins_at_once_cost_little_memory_and_nobody_else_waits(
    site: Site, people: People, database: Database
) -> None:
    stored = hashed(PASSWORD)
    with psycopg.connect(database.dsn().get_secret_value(), autocommit=True) as conn:
        for number in range(AT_ONCE):
            person = people.add(f"orang.{number}", Role.OPERATOR)
            conn.execute("INSERT INTO identity.password VALUES (%s, %s, now())", (person, stored))
    others = Others(site.with_session(people.sign_in(Role.AUDITOR)))
    before = psutil.Process().memory_info().rss
    watching = threading.Thread(target=others.run)

    watching.start()
    try:
        answers = asyncio.run(sign_in_all(site))
    finally:
        others.stop.set()
        watching.join()

    assert answers == [303] * AT_ONCE
    assert (others.most - before) >> 20 < MEMORY_MB
    assert max(others.took) < OTHERS_S

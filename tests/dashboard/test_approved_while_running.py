"""A document that is approved while the pages run stands in catalogue, Data Induk and reference API; so does its next
version. Nothing is restarted."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from identity import opds, tokens
from identity.actors import Actor
from identity.permissions import Permission, Role
from identity.tokens import NewToken
from schemas.contract import Contract
from schemas.loader import read
from tests.approval import approve
from tests.conftest import Database
from tests.dashboard.conftest import Site
from tests.dashboard.people import People
from tests.eventually import eventually
from tests.hub_db.documents import contract, text
from tests.schemas.contracts import schema_of

BY = Actor.command("uji")


def roads(*more: dict[str, Any]) -> Contract:
    fields = (text("kode", maxLength=20), text("nama", maxLength=40), *more)
    schema = schema_of(contract("jalan", "kode", *fields))
    schema["contract"]["opd"] = "kominfo"
    schema["namespace"] = "id.example.kominfo"
    return read(schema, file="jalan.avsc")


def secret_of(database: Database) -> str:
    now = datetime.now(UTC)
    with database.connect() as conn:
        system = opds.add_system(conn, "kominfo", "baca", "Sistem uji", by=BY, now=now)
        wanted = NewToken(system, "baca", frozenset({Permission.VIEW_RECORDS}), None, now + timedelta(days=30))
        return tokens.issue_token(conn, wanted, by=BY, now=now)[1]


def test_an_approval_shows_without_a_restart(site: Site, database: Database, people: People) -> None:
    secret = secret_of(database)
    steward = site.with_session(people.sign_in(Role.STEWARD))

    def api(path: str) -> httpx.Response:
        sent = {"Authorization": f"Bearer {secret}"}
        return httpx.get(f"{site.url}/api/v1/reference{path}", headers=sent, timeout=20, trust_env=False)

    def statuses() -> list[int]:
        pages = [steward.get(path).status_code for path in ("/katalog/kominfo/jalan", "/data-induk/jalan")]
        return [*pages, api("/jalan").status_code]

    before = statuses()
    with database.connect(autocommit=True) as owner:
        approve(owner, roads())
        owner.execute("insert into reference.jalan values ('j1', 'Jalan Uji', now(), 0, 1, false, 1, 0, 0, now())")
    opened = eventually(statuses, until=lambda found: found == [200, 200, 200], within_s=10)
    listed = [each["entity"] for each in api("").json()["entities"]]
    row = api("/jalan/j1").json()
    with database.connect(autocommit=True) as owner:
        approve(owner, roads(text("lebar", nullable=True, maxLength=10)))
        owner.execute("update reference.jalan set lebar = '7'")

    def field_of_next_version() -> Any:
        return api("/jalan/j1").json()["values"].get("lebar")

    wider = eventually(field_of_next_version, until=bool, within_s=10)
    page = steward.get("/data-induk/jalan").text

    assert (before, opened) == ([404, 404, 404], [200, 200, 200])
    assert "jalan" in listed
    assert row["values"]["nama"] == "Jalan Uji"
    assert (wider, "lebar" in page.lower()) == ("7", True)

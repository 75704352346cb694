"""Which topics of grants are fed follows grants and states by itself: from the day a grant begins to its end."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.reader_topics import enter, reader_topics
from hub_db.sources import SourceState
from identity.actors import Actor
from identity.grants import WantedGrant, add_grant, revoke_grant
from registry.provisioning.hub import SQL
from registry.provisioning.reader_schemas import ReaderSchemas, keep
from registry.provisioning.state_changes import change_state
from tests.approval import approve
from tests.conftest import Database
from tests.hub_db.documents import PEOPLE

BY = Actor.command("budi")
NOW = datetime.now(UTC)
LATER = NOW + timedelta(days=30)


@pytest.fixture
def owner(database: Database) -> Iterator[Connection[TupleRow]]:
    with database.connect(autocommit=True) as conn:
        approve(conn, PEOPLE)
        for code in (PEOPLE.opd, "dinsos"):
            conn.execute(
                "insert into identity.opd (code, name, short_name) values (%s, %s, %s) on conflict do nothing",
                (code, code, code),
            )
        yield conn


def grant(owner: Connection[TupleRow], starts_at: datetime | None = None) -> int:
    wanted = WantedGrant(
        "dinsos", ("nama",), "Memadankan penerima bantuan.", "Perbup 1/2026", date(2099, 12, 31), starts_at=starts_at
    )
    with owner.transaction():
        return add_grant(owner, PEOPLE, wanted, by=BY, zone=ZoneInfo("Asia/Jakarta"), now=NOW).id


def fed(owner: Connection[TupleRow]) -> list[tuple[int, list[str], bool]]:
    """Grant, fields, open."""
    return [
        (each.grant_id, [field["name"] for field in each.schema["fields"]], each.open) for each in reader_topics(owner)
    ]


def test_a_grant_is_fed_with_its_fields_until_it_is_revoked(owner: Connection[TupleRow], database: Database) -> None:
    readers = ReaderSchemas(database.dsn())
    number = grant(owner)

    readers.run()
    given = fed(owner)
    with owner.transaction():
        revoke_grant(owner, number, by=BY, reason="Tidak diperlukan lagi.", now=datetime.now(UTC))
    readers.run()
    taken = fed(owner)
    readers.close()

    assert given == [(number, ["nomor", "nama"], True)]
    assert taken == [(number, ["nomor", "nama"], False)]


def test_a_grant_that_begins_later_is_fed_on_its_day(owner: Connection[TupleRow]) -> None:
    def standing(at: datetime) -> object:
        return owner.execute(SQL["standing"], {"now": at}).fetchone()

    number = grant(owner, starts_at=LATER)
    keep(owner, now=NOW + timedelta(seconds=1))
    before = fed(owner)
    keep(owner, now=LATER + timedelta(days=1))

    assert (before, fed(owner)) == ([], [(number, ["nomor", "nama"], True)])
    assert standing(NOW + timedelta(days=1)) == standing(NOW + timedelta(days=29))
    assert standing(NOW + timedelta(days=1)) != standing(LATER + timedelta(days=1))


def test_an_entity_that_is_closed_to_readers_is_not_fed_and_begins_anew(owner: Connection[TupleRow]) -> None:
    number = grant(owner)
    keep(owner, now=datetime.now(UTC))
    owner.execute("update hub.reader_topic set round = 7")
    for state in (SourceState.DITANGGUHKAN, SourceState.DITARIK):
        with owner.transaction():
            change_state(
                owner, PEOPLE.opd, PEOPLE.document, state, reason="Sumbernya berhenti.", by=BY, now=datetime.now(UTC)
            )
        keep(owner, now=datetime.now(UTC))

    closed = [(each.grant_id, each.open, each.round) for each in reader_topics(owner)]
    (before,) = reader_topics(owner)
    enter(owner, number, before.entity, before.topic, before.schema_id, before.schema)  # as with another source

    assert closed == [(number, False, 7)]
    assert [(each.grant_id, each.open, each.round) for each in reader_topics(owner)] == [(number, True, None)]

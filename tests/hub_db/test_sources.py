"""Which documents are in production: all but those whose source is in its sandbox."""

from datetime import UTC, datetime

import pytest

import hub_db
from hub_db import sources
from hub_db.errors import NoSuchMove
from hub_db.sources import Change, SourceState
from schemas.names import SchemaId
from tests.conftest import Database
from tests.hub_db.documents import PEOPLE, PLACES

NOW = datetime(2026, 1, 5, tzinfo=UTC)


def change(state: SourceState) -> Change:
    return Change(PEOPLE.opd, PEOPLE.document, 1, state, "tes", "system", None, "Untuk keperluan uji.", NOW)


def test_a_source_in_its_sandbox_is_not_read_in_production(database: Database) -> None:
    with database.connect() as conn:
        for number, contract in enumerate((PLACES, PEOPLE), 1):
            hub_db.provision(conn, contract, SchemaId(number))

        sources.begin(conn, change(SourceState.UJI))
        tried = sources.topics_to_read(conn)
        sources.move(conn, change(SourceState.PRATINJAU))
        opened = sources.topics_to_read(conn)
        sources.move(conn, change(SourceState.DITARIK))
        ended = sources.topics_to_read(conn)

    sandbox = [f"uji.{each.name}" for each in (PEOPLE, PLACES)]
    assert sorted(tried) == [PLACES.topic, *sandbox]
    assert sorted(opened) == sorted(ended) == [*sorted([PLACES.topic, PEOPLE.topic]), *sandbox]


def test_a_source_that_ends_in_its_sandbox_was_never_in_production(database: Database) -> None:
    with database.connect() as conn:
        hub_db.provision(conn, PEOPLE, SchemaId(1))
        sources.begin(conn, change(SourceState.UJI))
        sources.move(conn, change(SourceState.DITARIK))

        assert sources.topics_to_read(conn) == [f"uji.{PEOPLE.name}"]


def test_a_source_begins_once_and_moves_only_from_what_it_is(database: Database) -> None:
    with database.connect() as conn:
        assert sources.begin(conn, change(SourceState.UJI))
        assert not sources.begin(conn, change(SourceState.AKTIF))
        for state in (SourceState.UJI, SourceState.AKTIF, SourceState.DITANGGUHKAN):
            with pytest.raises(NoSuchMove, match="kini uji"):
                sources.move(conn, change(state))

        assert [each.state for each in sources.history(conn, PEOPLE.opd, PEOPLE.document)] == [SourceState.UJI]

"""Stopped partitions that somebody has looked at again, in a real PostgreSQL, with the rights of the pages."""

from contextlib import closing
from datetime import UTC, datetime

import pytest

from cli.stack.local import Stack
from hub_db import stops
from hub_db.connection import connect, transaction
from hub_db.errors import NoSuchMove
from identity.actors import Actor
from jobs import stop_ends
from tests.conftest import one_database
from tests.hub_db.documents import PEOPLE, PLACES
from tests.hub_db.test_settle import Bench

BY, NOW = Actor.command("uji"), datetime(2026, 1, 5, 7, 5, tzinfo=UTC)
STOP = "insert into hub.stopped_partition (topic_id, partition, next_offset, log_end) values (%s, %s, 10, 6)"
ENTRIES = "select subject, opd, details ->> 'reason' from audit.entry where act = 'exchange.reopen'"


def test_it_is_looked_at_again_with_a_reason_once(stack: Stack, template: str) -> None:
    with one_database(stack, template) as database:
        bench = Bench(database)
        for contract, partition in ((PLACES, 0), (PEOPLE, 3)):
            bench.owner.execute(STOP, [bench.ids[contract.topic], partition])
        with closing(connect(database.dsn("simpul_web"), process="test")) as web:
            before = [(each.document, each.partition, each.lost) for each in stops.stops(web)]
            with pytest.raises(NoSuchMove, match="alasan"), transaction(web):
                stop_ends.end(web, PLACES.topic, 0, reason="ya", by=BY, now=NOW)
            with transaction(web):
                stop_ends.end(web, PLACES.topic, 0, reason="Disk dipulihkan.", by=BY, now=NOW)
            with pytest.raises(NoSuchMove, match="tidak dihentikan"), transaction(web):
                stop_ends.end(web, PLACES.topic, 0, reason="Disk dipulihkan.", by=BY, now=NOW)
            after = [each.document for each in stops.stops(web)]

        assert before == [("uji.orang", 3, 4), ("uji.tempat", 0, 4)]
        assert after == ["uji.orang"]
        assert bench.ask(ENTRIES) == [(f"partition:{PLACES.topic}/0", "uji", "Disk dipulihkan.")]
        bench.conn.close()
        bench.owner.close()

"""What must hold whatever broke is counted right: 0 in a hub that took everything, and each planted breach is found."""

from collections.abc import Iterator
from typing import LiteralString

import pytest
from psycopg import Connection, sql
from psycopg.rows import TupleRow

from cli.stack.postgres import SUPERUSER
from hub_db import invariants
from hub_db.connection import connect
from tests.conftest import Database
from tests.hub_db.documents import PEOPLE, PLACES, person_row, place_row
from tests.hub_db.test_settle import Bench


@pytest.fixture
def bench(database: Database) -> Iterator[Bench]:
    """Accepted, known, parked, released and returned events in both partitions."""
    made = Bench(database)
    made.settle(PEOPLE, made.batch(PEOPLE, [("p1", 1, person_row("p1", "x1")), ("p2", 1, person_row("p2", "x9"))], 2))
    made.settle(PLACES, made.batch(PLACES, [("x1", 1, place_row("x1")), ("x2", 1, place_row("x2"))]))
    made.release()
    made.settle(PEOPLE, made.batch(PEOPLE, [("p1", 2, person_row("p1", "x2")), ("p1", 1, person_row("p1", "x1"))]))
    made.settle(PEOPLE, made.batch(PEOPLE, [("p1", 3, None)], 1))
    yield made
    made.conn.close()
    made.owner.close()


def broken(bench: Bench) -> dict[str, int]:
    with connect(bench.database.dsn(), process="test") as conn:
        return {each.name: each.breaches for each in invariants.check(conn) if each.breaches}


def test_a_hub_that_took_everything_keeps_its_promises(bench: Bench) -> None:
    totals = bench.ask("select sum(accepted), sum(known), sum(parked), sum(dead) from hub.consumer_offset")

    assert totals == [(5, 1, 1, 3)]
    assert broken(bench) == {}


BREACHES: dict[str, LiteralString] = {
    "batches_that_do_not_add_up": "update hub.batch set dead = dead + 1 where dead > 0",
    "parked_events_that_are_lost": "delete from hub.parked",
    "totals_that_are_not_the_ledgers": "update hub.consumer_offset set known = known + 1, accepted = accepted - 1",
    "partitions_with_holes": "delete from hub.batch where kind = 'genesis'",
    "places_that_end_twice": 'insert into hub.history (topic_no, partition, "offset", key, epoch, sequence, ce_id)'
    " select topic_no, partition, \"offset\", 'z', 0, 1, 'z' from hub.dead_letter limit 1",
    "rows_without_their_event": "update reference.tempat set _sequence = 7 where kode = 'x1'",
    "history_links_that_lead_nowhere": "delete from hub.history where key = 'p1' and sequence = 1",
    "changes_without_their_round": "update hub.batch set round = 99 where accepted > 0",
    "letters_that_changed": "update hub.dead_letter set value = 'lain'",
    "replays_that_lead_nowhere": "update hub.dead_letter set outcome = 'refused', settled_at = now(),"
    ' settled_topic_no = topic_no, settled_partition = 0, settled_offset = "offset"',
}


def planted(conn: Connection[TupleRow], breach: LiteralString) -> dict[str, int]:
    """What is found when what guards against a breach is away and it is there; all of it is undone."""
    with conn.transaction(force_rollback=True):
        conn.execute("set local session_replication_role = replica")
        for table in ("batch", "consumer_offset"):
            checks = "select conname from pg_constraint where conrelid = %s::regclass and contype = 'c'"
            for (name,) in conn.execute(checks, [f"hub.{table}"]).fetchall():
                drop = sql.SQL("alter table hub.{} drop constraint {}")
                conn.execute(drop.format(sql.Identifier(table), sql.Identifier(name)))
        conn.execute(breach)
        return {each.name: each.breaches for each in invariants.check(conn)}


def test_each_breach_is_found(bench: Bench) -> None:
    with bench.database.connect(SUPERUSER, autocommit=True) as conn:
        missed = [name for name in invariants.WHAT if not planted(conn, BREACHES[name])[name]]

    assert missed == []
    assert broken(bench) == {}

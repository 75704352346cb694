"""Records that are referred to and are not registered, or have ended: both agencies are told, once for each cause."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.connection import transaction
from jobs import ended_references, queue
from jobs.kinds import register
from jobs.watch_rules import references
from tests.conftest import Database
from tests.hub_db.documents import PEOPLE, PLACES, person_row, place_row
from tests.hub_db.test_settle import Bench
from tests.jobs.watched import CLOSED_ATTENTION, OPEN_ATTENTION, Watched

DAY_LATER = timedelta(hours=25)


@pytest.fixture
def bench(database: Database) -> Iterator[Bench]:
    made = Bench(database)
    made.owner.execute("update hub.document set opd = 'kominfo' where topic = %s", [PLACES.topic])
    with closing(made.conn), closing(made.owner):
        yield made


def test_unregistered_fires_and_closes_for_who_sends_and_who_registers(bench: Bench, watched: Watched) -> None:
    rule, now = references.UNREGISTERED, datetime.now(UTC)
    bench.settle(PEOPLE, bench.batch(PEOPLE, [(f"p{n}", 1, person_row(f"p{n}", "x")) for n in range(3)]))

    early, found = watched.look(rule, now), watched.look(rule, now + DAY_LATER)
    again = watched.look(rule, now + DAY_LATER)
    offices = [(row.office.opd, row.office.role) for row in watched.notices(rule)]
    bench.settle(PLACES, bench.batch(PLACES, [("x", 1, place_row("x"))]))
    bench.release()
    ended = watched.look(rule, now + DAY_LATER)

    title = "Kunci tempat belum terdaftar: 3 data uji.orang menunggu tempat."
    assert (early, found, again, ended) == ([], [title] * 2, [title] * 2, [])
    assert sorted(offices) == [("kominfo", "opd_admin"), ("uji", "opd_admin")]
    assert watched.states(rule) == CLOSED_ATTENTION * 2


def test_ended_references_fires_and_closes_for_the_owner_of_the_rows(
    bench: Bench, watched: Watched, database: Database
) -> None:
    bench.settle(PLACES, bench.batch(PLACES, [("x", 1, place_row("x")), ("y", 1, place_row("y"))]))
    bench.settle(PEOPLE, bench.batch(PEOPLE, [(f"p{n}", 1, person_row(f"p{n}", "x")) for n in range(3)]))
    before = [count_again(bench.owner, database), watched.look(references.ENDED)]
    bench.settle(PLACES, bench.batch(PLACES, [("x", 2, None)]))

    after = [count_again(bench.owner, database), watched.look(references.ENDED)]

    assert before == ["0 baris merujuk data yang sudah berakhir.", []]
    assert after == [
        "3 baris merujuk data yang sudah berakhir.",
        ["3 baris uji.orang merujuk data yang sudah berakhir."],
    ]
    assert watched.states(references.ENDED) == OPEN_ATTENTION
    bench.settle(PLACES, bench.batch(PLACES, [("x", 3, place_row("x"))]))
    assert [count_again(bench.owner, database), watched.look(references.ENDED)] == before
    assert watched.states(references.ENDED) == CLOSED_ATTENTION


def count_again(owner: Connection[TupleRow], database: Database) -> str | None:
    """The job, all steps of it; what it says at its end."""
    kind = ended_references.kind(database.dsn, lambda: date(2026, 1, 5))
    register(owner, [kind])
    with transaction(owner):
        number = queue.enqueue(owner, kind.name, by="uji")
    job = queue.find(owner, number)
    while not (step := kind.step(owner, job)).finished:
        job = replace(job, cursor=step.cursor, done=step.done)
    return step.message

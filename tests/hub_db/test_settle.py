"""Settling batches in a real PostgreSQL: everything of a batch, or nothing, and the ledger refuses what is wrong."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import provision, releases
from hub_db.blame import culprits
from hub_db.connection import connect, transaction
from hub_db.errors import EventFault, Fenced, LogTruncated
from hub_db.event_frames import Judged
from hub_db.events import DeadLetter, Event, Stretch, Tally
from hub_db.offsets import open_partition
from hub_db.parking import Again
from hub_db.settle import settle
from schemas.contract import Contract, Value
from schemas.names import SchemaId
from schemas.rejection import Fault, Rejection
from tests.conftest import Database
from tests.hub_db.documents import DAY, PEOPLE, PLACES, event, person_row, place_row

BROKEN = Rejection(Fault.WIRE, "magic", None, "byte pertama 7", "byte pertama 0", "Mohon periksa adaptor.")


class Bench:
    """One partition of each document, settled by hand."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.ids = {PLACES.topic: uuid4(), PEOPLE.topic: uuid4()}
        self.next = {PLACES.topic: 0, PEOPLE.topic: 0}
        self.stored: dict[bytes, Mapping[str, Value]] = {}
        with database.connect(autocommit=True) as owner:
            for contract in (PLACES, PEOPLE):
                provision(owner, contract, SchemaId(1))
        self.conn: Connection[TupleRow] = connect(database.dsn("simpul_intake"), process="test")
        self.owner = database.connect(autocommit=True)
        self.numbers = {}
        for contract in (PLACES, PEOPLE):
            with transaction(self.conn):
                self.numbers[contract.topic] = open_partition(
                    self.conn, contract.topic, self.ids[contract.topic], 0, log_start=0, log_end=0, worker="w"
                ).topic_no

    def reread(self, stored: Sequence[tuple[SchemaId, bytes, date]]) -> list[Again]:
        return [Again(self.stored[value], None) for _, value, _ in stored]

    def batch(
        self, contract: Contract, rows: Sequence[tuple[str, int, Mapping[str, Value] | None]], dead: int = 0
    ) -> Judged:
        first = self.next[contract.topic]
        number = self.numbers[contract.topic]
        events = [
            event(first + index, key, sequence, row, topic_no=number) for index, (key, sequence, row) in enumerate(rows)
        ]
        self.stored.update({each.value: each.row for each in events if each.value is not None and each.row is not None})
        end = first + len(rows)
        letters = [
            DeadLetter(end + index, b"k", b"\x07broken", [(b"ce_id", b"1")], None, [BROKEN]) for index in range(dead)
        ]
        count = len(rows) + dead
        stretch = Stretch(contract.topic, self.ids[contract.topic], number, 0, first, first + count, count)
        return Judged(stretch, events, letters, DAY)

    def settle(self, contract: Contract, judged: Judged) -> Tally:
        with transaction(self.conn):
            tally = settle(self.conn, contract, judged, self.reread, "w")
        self.next[contract.topic] = judged.stretch.next_offset
        return tally

    def release(self) -> int:
        return sum(
            releases.release_partition(
                self.conn, {PLACES.topic: PLACES, PEOPLE.topic: PEOPLE}[each.topic], each, self.reread
            )
            for each in releases.partitions(self.conn)
        )

    def ask(self, query: str) -> list[TupleRow]:
        return self.owner.execute(query).fetchall()


@pytest.fixture
def bench(database: Database) -> Iterator[Bench]:
    made = Bench(database)
    yield made
    made.conn.close()
    made.owner.close()


TOTALS = "select records, accepted, known, parked, dead, next_offset from hub.consumer_offset order by records desc"


def test_a_batch_leaves_rows_history_letters_ledger_and_position(bench: Bench) -> None:
    bench.settle(PLACES, bench.batch(PLACES, [("x", 1, place_row("x"))]))

    tally = bench.settle(
        PEOPLE,
        bench.batch(
            PEOPLE,
            [
                ("p", 1, person_row("p", "x", "LAMA")),
                ("p", 2, person_row("p", "x", "BARU")),
                ("p", 2, person_row("p", "x", "BARU")),
                ("q", 1, person_row("q", "nowhere")),
                ("r", 5, None),
            ],
            dead=1,
        ),
    )

    assert tally == Tally(accepted=3, known=1, parked=1, dead=1)
    assert bench.ask("select nomor, nama, _sequence, _deleted from reference.orang order by nomor") == [
        ("p", "BARU", 2, False),
        ("r", None, 5, True),
    ]
    assert bench.ask("select \"offset\", key, before_offset from hub.history where key in ('p', 'r') order by 1") == [
        (0, "p", None),
        (1, "p", 0),
        (4, "r", None),
    ]
    assert bench.ask("select value, code, headers from hub.dead_letter") == [
        (b"\x07broken", "magic", [["Y2VfaWQ=", "MQ=="]])
    ]
    assert bench.ask("select key, field, missing_key from hub.parked") == [("q", "tempat", "nowhere")]
    assert bench.ask(TOTALS)[0] == (6, 3, 1, 1, 1, 6)


def test_the_same_stretch_twice_is_fenced_and_changes_nothing(bench: Bench) -> None:
    judged = bench.batch(PLACES, [("x", 1, place_row("x"))])
    bench.settle(PLACES, judged)
    before = bench.ask("select * from hub.batch order by id")

    with pytest.raises(Fenced):
        bench.settle(PLACES, judged)

    assert bench.ask("select * from hub.batch order by id") == before


def test_a_batch_that_does_not_add_up_cannot_commit(bench: Bench) -> None:
    judged = bench.batch(PLACES, [("x", 1, place_row("x"))])
    wrong = replace(judged, stretch=replace(judged.stretch, records=2, next_offset=2))

    with pytest.raises(EventFault) as refused:
        bench.settle(PLACES, wrong)

    assert refused.value.constraint == "batch_adds_up"
    assert bench.ask("select count(*) from reference.tempat") == [(0,)]
    assert bench.ask("select max(next_offset) from hub.consumer_offset") == [(0,)]


@pytest.mark.parametrize(
    ("first", "following", "constraint"),
    [
        pytest.param(5, 9, "batch_follows_another", id="hole"),
        pytest.param(0, 9, "batch_starts_once", id="fork"),
    ],
)
def test_the_ledger_refuses_holes_and_forks(bench: Bench, first: int, following: int, constraint: str) -> None:
    bench.settle(PLACES, bench.batch(PLACES, [("x", 1, place_row("x")), ("y", 1, place_row("y"))]))

    with pytest.raises(psycopg.IntegrityError) as refused:
        bench.owner.execute(
            "insert into hub.batch (kind, topic_id, partition, first_offset, next_offset, records, accepted, known,"
            " parked, dead, worker) values ('batch', %s, 0, %s, %s, 0, 0, 0, 0, 0, 'w')",
            (bench.ids[PLACES.topic], first, following),
        )

    assert refused.value.diag.constraint_name == constraint


def test_parked_rows_go_in_when_their_reference_comes_from_another_topic(bench: Bench) -> None:
    bench.settle(PEOPLE, bench.batch(PEOPLE, [("p", 1, person_row("p", "x")), ("q", 1, person_row("q", "y"))]))
    assert bench.release() == 0

    bench.settle(PLACES, bench.batch(PLACES, [("x", 1, place_row("x"))]))

    assert bench.release() == 1
    assert bench.ask("select nomor from reference.orang") == [("p",)]
    assert bench.ask(TOTALS)[0] == (2, 1, 0, 1, 0, 2)
    assert bench.ask("select r.accepted, k.key from hub.release r join hub.release_key k on k.release_id = r.id") == [
        (1, "p")
    ]


def test_a_chain_of_parents_comes_out_of_the_parking_lot(bench: Bench) -> None:
    bench.settle(PLACES, bench.batch(PLACES, [("c", 1, place_row("c", "b"))]))
    bench.settle(PLACES, bench.batch(PLACES, [("b", 1, place_row("b", "a"))]))
    bench.settle(PLACES, bench.batch(PLACES, [("a", 1, place_row("a"))]))

    while bench.release():
        pass

    assert bench.ask("select kode from reference.tempat order by kode") == [("a",), ("b",), ("c",)]
    assert bench.ask("select count(*) from hub.parked") == [(0,)]


def test_a_tombstone_keeps_a_late_older_event_out(bench: Bench) -> None:
    bench.settle(PLACES, bench.batch(PLACES, [("x", 3, None)]))

    tally = bench.settle(PLACES, bench.batch(PLACES, [("x", 2, place_row("x"))]))

    assert tally.known == 1
    assert bench.ask("select kode, nama, _deleted from reference.tempat") == [("x", None, True)]


@pytest.mark.parametrize(
    "bad", [{0}, {7}, {99}, {0, 50, 99}, set(range(100))], ids=["first", "middle", "last", "three", "all"]
)
def test_what_only_the_database_refuses_is_found_and_the_neighbours_commit(bench: Bench, bad: set[int]) -> None:
    rows = [(f"k{n}", 1, place_row(f"k{n}", nama="A" * (41 if n in bad else 40))) for n in range(100)]
    judged = bench.batch(PLACES, rows)

    with pytest.raises(EventFault):
        bench.settle(PLACES, judged)
    found = culprits(bench.conn, PLACES, judged.events)

    assert set(found) == bad
    assert {each.code for each in found.values()} == {"database:23514"}
    kept: list[Event] = [each for each in judged.events if each.place.offset not in bad]
    letters = [DeadLetter(offset, b"k", b"v", [], None, [found[offset]]) for offset in sorted(bad)]
    tally = bench.settle(PLACES, replace(judged, events=kept, dead_letters=letters))
    assert tally == Tally(accepted=100 - len(bad), dead=len(bad))


def test_a_partition_is_opened_once_and_what_retention_took_becomes_a_gap(bench: Bench) -> None:
    bench.settle(PLACES, bench.batch(PLACES, [("x", 1, place_row("x"))]))

    with transaction(bench.conn):
        position = open_partition(
            bench.conn, PLACES.topic, bench.ids[PLACES.topic], 0, log_start=7, log_end=9, worker="w"
        )

    assert position.next_offset == 7
    assert bench.ask("select kind, first_offset, next_offset from hub.batch where kind = 'gap'") == [("gap", 1, 7)]


def test_a_log_that_ends_before_our_position_is_an_incident(bench: Bench) -> None:
    bench.settle(PLACES, bench.batch(PLACES, [("x", 1, place_row("x"))]))

    with pytest.raises(LogTruncated), transaction(bench.conn):
        open_partition(bench.conn, PLACES.topic, bench.ids[PLACES.topic], 0, log_start=0, log_end=0, worker="w")


def test_a_topic_made_anew_is_another_incarnation(bench: Bench) -> None:
    another: UUID = uuid4()

    with transaction(bench.conn):
        position = open_partition(bench.conn, PLACES.topic, another, 0, log_start=0, log_end=3, worker="w")

    assert position.next_offset == 0
    assert bench.ask("select incarnation from hub.topic where name = 'opd.uji.tempat' order by 1") == [(0,), (1,)]


def test_each_role_can_do_its_work_and_no_more(bench: Bench, database: Database) -> None:
    def refused(role: str, statement: str) -> None:
        with database.connect(role) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute(statement)

    refused("simpul_web", "select value from hub.dead_letter")
    refused("simpul_web", "select nama from reference.orang")
    refused("simpul_web", "update hub.consumer_offset set next_offset = 0")
    refused("simpul_publisher", "insert into reference.tempat (kode) values ('x')")
    refused("simpul_publisher", "update hub.batch set records = 0")
    refused("simpul_intake", "update hub.batch set records = 0")
    refused("simpul_intake", "delete from hub.history")
    refused("simpul_registry", "select 1 from hub.batch")

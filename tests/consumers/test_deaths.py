"""Rows 28 and 29 of the fault matrix: a record that ends its worker each time is found, returned with its bytes, and
everything else goes in."""

import os
import signal
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from consumers.deaths import ORDINARY, SMALLER, Care, Deaths
from consumers.partition import Partition
from hub_db.connection import connect
from hub_db.events import Stretch
from hub_db.offsets import open_partition
from schemas.names import TopicName
from tests.conftest import Database
from tests.consumers.test_kills import PARKED, EndState, end_state, publish
from tests.consumers.test_kills import undisturbed as undisturbed  # a fixture
from tests.eventually import eventually
from tests.hub import Hub
from tests.hub_db.documents import place_row

POISON = "RACUN"
MOST_DEATHS = 4  # then the loop has ended
TOPIC = TopicName("opd.uji.tempat")
ATTEMPTS = "select deaths, ended_at is not null from hub.attempt order by 1, 2"


class Partitioned:
    """One open partition, and what workers one after the other know of it."""

    def __init__(self, database: Database) -> None:
        self.conn = connect(database.dsn("simpul_intake"), process="test")
        self.dsn = database.dsn("simpul_intake")
        self.topic_id, self.partition = uuid4(), Partition(TOPIC, 0)
        with self.conn.transaction():
            self.topic_no = open_partition(
                self.conn, TOPIC, self.topic_id, 0, log_start=0, log_end=0, worker="w"
            ).topic_no

    def stretch(self, first: int, behind: int) -> Stretch:
        return Stretch(TOPIC, self.topic_id, self.topic_no, 0, first, behind, behind - first)

    def takes(self, deaths: Deaths, first: int, behind: int) -> Care:
        """A worker takes a batch; it begins no more of it than it should."""
        care = deaths.care(self.conn, self.partition, self.stretch(first, behind))
        deaths.begin(self.conn, self.partition, self.stretch(first, min(behind, first + care.records)))
        return care


@pytest.fixture
def partitioned(database: Database) -> Any:
    made = Partitioned(database)
    yield made
    made.conn.close()


def test_after_each_death_in_a_stretch_the_batch_is_smaller_until_its_one_record_is_given_up(
    partitioned: Partitioned,
) -> None:
    first, second, third, fourth = (Deaths("w") for _ in range(4))

    assert partitioned.takes(first, 0, 5_000) == ORDINARY
    assert partitioned.takes(second, 0, 5_000) == Care(SMALLER[0], 1)
    second.settled(partitioned.partition, 100)
    assert partitioned.takes(second, 100, 5_000) == Care(SMALLER[0], 1)
    assert partitioned.takes(third, 100, 5_000) == Care(1, 2)
    third.settled(partitioned.partition, 101)
    assert partitioned.takes(third, 101, 5_000) == Care(1, 2)
    assert not partitioned.takes(third, 101, 5_000).is_hopeless
    hopeless = partitioned.takes(fourth, 101, 5_000)
    assert (hopeless.records, hopeless.is_hopeless) == (1, True)
    fourth.settled(partitioned.partition, 102)
    assert partitioned.takes(fourth, 102, 5_000) == ORDINARY


def test_a_batch_that_is_tried_again_by_the_same_worker_is_no_death(partitioned: Partitioned) -> None:
    deaths = Deaths("w")

    assert [partitioned.takes(deaths, 0, 10) for _ in range(5)] == [ORDINARY] * 5


@pytest.mark.parametrize("end", ["settled", "stopped"])
def test_who_went_on_or_stopped_in_order_has_died_in_nothing(partitioned: Partitioned, end: str) -> None:
    deaths = Deaths("w")
    partitioned.takes(deaths, 0, 10)
    if end == "settled":
        deaths.settled(partitioned.partition, 10)
        assert partitioned.takes(Deaths("w"), 10, 20) == ORDINARY
    else:
        deaths.end(partitioned.dsn, [(partitioned.topic_id, 0)])
        assert partitioned.takes(Deaths("w"), 0, 10) == ORDINARY


def test_a_worker_that_is_past_its_first_batch_writes_nothing_more(partitioned: Partitioned) -> None:
    deaths = Deaths("w")
    partitioned.takes(deaths, 0, 10)
    deaths.settled(partitioned.partition, 10)

    partitioned.takes(deaths, 10, 20)

    found = partitioned.conn.execute("select first_offset, next_offset, deaths from hub.attempt").fetchall()
    assert found == [(0, 10, 0)]


def lives(hub: Hub, records: int, parked: int, **more: Any) -> list[int]:
    """Start workers, one after the other's death, until everything is settled; how each ended."""
    codes: list[int] = []
    while len(codes) <= 2 * MOST_DEATHS:
        with hub.worker(group=f"{hub.opd}-{len(codes)}", **more) as worker:
            eventually(
                lambda: worker.poll() is not None or (hub.totals()[0] >= records and hub.totals()[3] <= parked),
                until=bool,
                within_s=60,
            )
            if worker.poll() is None:
                return codes
            codes.append(worker.returncode)
    raise AssertionError(f"still not settled: {codes}, {hub.totals()}")


@pytest.mark.full
@pytest.mark.parametrize(("deed", "code"), [("segv", -signal.SIGSEGV), ("memory", os.EX_SOFTWARE)])
@pytest.mark.parametrize("when", ["at the start", "under way"])
def test_28_29_a_record_that_ends_its_worker_is_returned_and_its_neighbours_go_in(
    hub: Hub, undisturbed: EndState, deed: str, code: int, when: str
) -> None:
    key, value, headers = hub.event(hub.places, "racun", 1, place_row("racun", nama=POISON))
    told: dict[str, Any] = {"poison": {"word": POISON, "deed": deed}, "batch_records": 5_000}
    if when == "under way":
        with hub.worker(**told) as worker:
            records = publish(hub)
            hub.settled(records, parked=PARKED)
            hub.send(hub.places, [(key, value, headers)], partition=0)
            ended = [worker.wait(timeout=60)]
        codes = ended + lives(hub, records + 1, PARKED, **told)
    else:
        hub.send(hub.places, [(key, value, headers)], partition=0)
        records = publish(hub)
        codes = lives(hub, records + 1, PARKED, **told)

    assert codes == [code] * len(codes)
    assert 1 <= len(codes) <= MOST_DEATHS
    letter = hub.ask("select key, value, found from hub.dead_letter where code = 'crash'")
    assert letter == [(key, value, "pesan yang menghentikan proses penerima 3 kali")]
    again = end_state(hub, opd=hub.opd)
    for name in ("tempat", "orang"):
        assert [row[:-2] for row in again[name]] == [row[:-2] for row in undisturbed[name]]  # but for the place


@pytest.mark.full
def test_28_29_who_is_killed_by_chance_loses_no_event(hub: Hub, undisturbed: EndState) -> None:
    """Twice in the same batch; then smaller ones, and past it ordinary ones again."""
    records = publish(hub)
    for number in range(2):
        with hub.worker(group=f"{hub.opd}-{number}", faults="batch.decode:1:kill") as victim:
            assert victim.wait(timeout=60) == -signal.SIGKILL

    with hub.worker(group=f"{hub.opd}-again"):
        hub.settled(records, parked=PARKED)

    assert end_state(hub, opd=hub.opd) == undisturbed


@pytest.mark.full
def test_who_stops_in_order_in_the_middle_of_a_batch_has_died_in_nothing(hub: Hub) -> None:
    with psycopg.connect(hub.database.dsn().get_secret_value()) as other, hub.worker() as worker:
        other.execute("lock table reference.tempat in access exclusive mode")
        hub.send(hub.places, [hub.event(hub.places, "x", 1, place_row("x"))], partition=0)
        eventually(lambda: hub.ask(ATTEMPTS), until=bool)
        worker.send_signal(signal.SIGTERM)
        worker.wait(timeout=40)

    assert hub.ask(ATTEMPTS) == [(0, True)]

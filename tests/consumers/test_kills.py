"""kill -9 of the worker at each point of the transaction: the end state is that of the undisturbed run."""

import signal
from typing import Any

import pytest

from cli.stack.local import Stack
from tests.conftest import one_database
from tests.eventually import eventually
from tests.hub import Hub, make_hub
from tests.hub_db.documents import person_row, place_row

# Everything that must not depend on a kill: rows, history, letters, parking, ledger sums, position. Without the
# times, the numbers that count attempts, and the cuts between batches.
END_STATE = {
    "tempat": "select kode, nama, induk, sumber_diubah, _epoch, _sequence, _deleted, _partition, _offset"
    " from reference.tempat order by kode",
    "orang": "select nomor, nama, tempat, sumber_diubah, _epoch, _sequence, _deleted, _partition, _offset"
    " from reference.orang order by nomor",
    "history": 'select t.document, h.partition, h."offset", h.key, h.epoch, h.sequence, h.ce_id, h.value,'
    " h.before_offset from hub.history h join hub.topic t using (topic_no) order by 1, 2, 3",
    "letters": 'select t.document, l.partition, l."offset", l.key, l.value, jsonb_array_length(l.headers),'
    " l.headers -> 1, l.fault, l.code, l.field, l.found from hub.dead_letter l join hub.topic t using (topic_no)"
    " order by 1, 2, 3",
    "parked": 'select p.partition, p."offset", p.key, p.field, p.missing_key from hub.parked p order by 1, 2',
    "ledger": "select partition, sum(records), sum(accepted + known + parked + dead), max(next_offset)"
    " from hub.batch group by topic_id, partition order by 2, 1",
    "position": "select partition, next_offset, records, accepted, known, parked, dead"
    " from hub.consumer_offset order by records, partition",
}


def publish(hub: Hub) -> int:
    """Every kind of outcome in both partitions; returns the number of records."""
    return publish_people(hub) + publish_places(hub)


def publish_places(hub: Hub) -> int:
    places = [hub.event(hub.places, f"x{n}", 1, place_row(f"x{n}")) for n in range(20)]
    for partition in (0, 1):
        hub.send(hub.places, places[partition::2], partition=partition)
    return len(places)


def publish_people(hub: Hub) -> int:
    people = [hub.event(hub.people, f"p{n}", 1, person_row(f"p{n}", f"x{n % 25}")) for n in range(100)]
    people += [hub.event(hub.people, f"p{n}", 1, person_row(f"p{n}", f"x{n % 25}")) for n in range(10)]
    people += [hub.event(hub.people, f"p{n}", 2, None) for n in range(10, 20)]
    people += [(f"q{n}".encode(), b"\x07broken", people[0][2]) for n in range(5)]
    for partition in (0, 1):
        hub.send(hub.people, people[partition::2], partition=partition)
    return len(people)


PARKED = 20  # the people of places x20 to x24


EndState = dict[str, list[tuple[Any, ...]]]


def end_state(hub: Hub, *, opd: str) -> EndState:
    """What is in the database, with the OPD's made-up name taken out."""
    found = {name: hub.ask(query) for name, query in END_STATE.items()}
    return {
        name: [tuple(each.replace(opd, "OPD") if isinstance(each, str) else each for each in row) for row in rows]
        for name, rows in found.items()
    }


@pytest.fixture(scope="module")
def undisturbed(stack: Stack, template: str) -> EndState:
    """The end state of a run that nothing disturbs."""
    with one_database(stack, template) as database, make_hub(database) as hub:
        records = publish(hub)
        with hub.worker():
            hub.settled(records, parked=PARKED)
        return end_state(hub, opd=hub.opd)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param("batch.begin:1:kill", id="before decoding"),
        pytest.param("batch.begin:2:kill", id="before decoding the second batch", marks=pytest.mark.full),
        pytest.param("copy.row:1:kill", id="at the first row of a COPY", marks=pytest.mark.full),
        pytest.param("copy.row:37:kill", id="in the middle of a COPY"),
        pytest.param("tx.precommit:1:kill", id="before COMMIT"),
        pytest.param("tx.precommit:2:kill", id="before a later COMMIT", marks=pytest.mark.full),
        pytest.param("tx.committed:1:kill", id="after COMMIT, before Kafka knows"),
        pytest.param("tx.committed:2:kill", id="after a later COMMIT", marks=pytest.mark.full),
    ],
)
def test_a_killed_worker_changes_nothing_in_the_end(fault: str, undisturbed: EndState, hub: Hub) -> None:
    records = publish(hub)

    with hub.worker(faults=fault) as victim:
        assert victim.wait(timeout=60) == -signal.SIGKILL
    with hub.worker(group=f"{hub.opd}-again"):  # positions are the database's: no need to wait for the old session
        hub.settled(records, parked=PARKED)

    assert end_state(hub, opd=hub.opd) == undisturbed


def test_a_worker_killed_while_it_releases_changes_nothing_in_the_end(undisturbed: EndState, hub: Hub) -> None:
    people = publish_people(hub)

    with hub.worker(faults="release.precommit:1:kill") as victim:
        hub.settled(people, parked=people)  # their places are not there: something must be released
        places = publish_places(hub)
        assert victim.wait(timeout=60) == -signal.SIGKILL
    with hub.worker(group=f"{hub.opd}-again"):
        hub.settled(people + places, parked=PARKED)

    assert end_state(hub, opd=hub.opd) == undisturbed


def test_a_killed_publisher_publishes_the_lost_round_again_under_a_higher_number(hub: Hub) -> None:
    hub.send(hub.places, [hub.event(hub.places, "x", 1, place_row("x"))])
    with hub.worker():
        hub.settled(1)
    with hub.publisher(faults="outbox.produced:1:kill") as victim:
        assert victim.wait(timeout=60) == -signal.SIGKILL

    with hub.publisher():
        closed = eventually(
            lambda: hub.ask("select id, records from hub.round where published_at is not null order by id"),
            until=lambda rounds: len(rounds) >= 2,
        )

    assert [records for _, records in closed] == [0, 1]
    assert hub.ask("select round from hub.batch where accepted > 0") == [(closed[-1][0],)]

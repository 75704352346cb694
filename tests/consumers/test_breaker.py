"""A flood of one partition stops that partition, and no other, until a person decides; whatever is killed meanwhile."""

import signal
from datetime import UTC, datetime
from typing import Any

import pytest

from hub_db import pauses
from hub_db.connection import transaction
from tests.eventually import eventually
from tests.hub import Hub
from tests.hub_db.documents import person_row, place_row

WHY = "Kontrak yang salah sudah diperbaiki OPD."
PAUSES = 'select partition, "offset", kind, cause, counted, "of" from hub.pause order by id'
ADDS_UP = "select bool_and(records = next_offset) from hub.consumer_offset"
BROKEN = b"\x07broken"


def places(hub: Hub, first: int, count: int, *, version: int = 1) -> list[Any]:
    return [hub.event(hub.places, f"x{n}", version, place_row(f"x{n}")) for n in range(first, first + count)]


def broken(hub: Hub, count: int) -> list[Any]:
    key, _, headers = hub.event(hub.places, "x", 1, place_row("x"))
    return [(key, BROKEN, headers)] * count


def deletes(hub: Hub, count: int) -> list[Any]:
    return [hub.event(hub.places, f"x{n}", 2, None) for n in range(count)]


def rests(hub: Hub, count: int = 1) -> list[tuple[Any, ...]]:
    """The pauses, once there are so many."""
    return eventually(lambda: hub.ask(PAUSES), until=lambda found: len(found) == count, within_s=60)


def go_on(hub: Hub) -> None:
    with transaction(hub.owner):
        (pause,) = pauses.pauses(hub.owner)
        pauses.end(hub.owner, pause.number, reason=WHY, by="uji", by_kind="command", role=None, now=datetime.now(UTC))


def records(hub: Hub) -> int:
    return hub.totals()[0]


def test_a_storm_of_letters_stops_its_partition_and_all_of_it_is_there_when_it_goes_on(hub: Hub) -> None:
    hub.send(hub.places, places(hub, 0, 300) + broken(hub, 1_500) + places(hub, 300, 10), partition=0)
    hub.send(hub.places, places(hub, 1_000, 400), partition=1)

    with hub.worker():
        stopped = rests(hub)
        hub.settled(900)
        hub.send(hub.places, places(hub, 2_000, 50), partition=1)  # the other one goes on
        hub.send(hub.people, [hub.event(hub.people, "p", 1, person_row("p", "x1"))], partition=0)
        at_rest = hub.settled(951)
        go_on(hub)
        in_the_end = hub.settled(1_810 + 451)

    assert stopped == [(0, 500, "storm", "magic", 200, 200)]
    assert at_rest == (951, 751, 0, 0, 200)
    assert in_the_end == (2_261, 761, 0, 0, 1_500)
    assert hub.ask(ADDS_UP) == [(True,)]
    assert [kind for _, _, kind, *_ in hub.ask(PAUSES)] == ["storm"]


def test_what_comes_after_a_pause_is_watched_again(hub: Hub) -> None:
    hub.send(hub.places, broken(hub, 250), partition=0)

    with hub.worker():
        rests(hub)
        go_on(hub)
        hub.settled(250)
        hub.send(hub.places, places(hub, 0, 30) + broken(hub, 260), partition=0)
        again = rests(hub, 2)

    assert [(offset, kind) for _, offset, kind, *_ in again] == [(200, "storm"), (480, "storm")]


def test_deletes_that_nobody_announced_stop_the_partition_at_the_contracts_share(hub: Hub) -> None:
    hub.send(hub.places, places(hub, 0, 4_000), partition=0)
    with hub.worker():
        hub.settled(4_000)
    hub.owner.execute("update hub.consumer_offset set watched = null")  # the hour of the first load is over
    hub.send(hub.places, deletes(hub, 1_000), partition=0)

    with hub.worker(group=f"{hub.opd}-again"):
        stopped = rests(hub)
        live = hub.ask("select count(*) from reference.tempat where not _deleted")
        go_on(hub)
        hub.settled(5_000)

    assert [row[:4] for row in stopped] == [(0, 4_401, "deletes", "")]  # more than 10 % of 4,000
    assert stopped[0][5] == 4_000
    assert live == [(3_599,)]
    assert hub.ask("select count(*) from reference.tempat where not _deleted") == [(3_000,)]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param("tx.precommit:1:kill", id="before"),
        pytest.param("tx.committed:1:kill", id="after", marks=pytest.mark.full),
    ],
)
def test_a_worker_killed_as_it_lets_a_partition_rest_leaves_it_resting(fault: str, hub: Hub) -> None:
    hub.send(hub.places, broken(hub, 600), partition=0)

    with hub.worker(faults=fault) as victim:
        assert victim.wait(timeout=60) == -signal.SIGKILL
    with hub.worker(group=f"{hub.opd}-again"):
        stopped = rests(hub)
        hub.send(hub.places, places(hub, 0, 5), partition=1)
        hub.settled(205)

    assert stopped == [(0, 200, "storm", "magic", 200, 200)]
    assert records(hub) == 205


def test_a_pause_outlives_the_worker_and_ends_while_none_is_there(hub: Hub) -> None:
    hub.send(hub.places, broken(hub, 600), partition=0)
    with hub.worker() as victim:
        rests(hub)
        victim.kill()
        victim.wait(timeout=10)

    with hub.worker(group=f"{hub.opd}-again"):
        hub.send(hub.places, places(hub, 0, 5), partition=1)
        hub.settled(205)
    go_on(hub)
    with hub.worker(group=f"{hub.opd}-then"):
        in_the_end = hub.settled(605)

    assert in_the_end == (605, 5, 0, 0, 600)
    assert len(hub.ask(PAUSES)) == 1

"""Rows 4, 6 and 7 of the fault matrix: workers die while partitions change hands, Kafka is killed, stopped and frozen,
services are absent at the start. Everything goes on by itself."""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import permutations
from threading import Event
from time import monotonic
from typing import Any

import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from tests import outages
from tests.consumers.test_intake import members
from tests.consumers.test_kills import PARKED, EndState, end_state, publish_people, publish_places
from tests.consumers.test_kills import undisturbed as undisturbed  # a fixture
from tests.eventually import eventually
from tests.hub import Hub
from tests.hub_db.documents import place_row
from tests.promises.test_publication import left
from tests.relay import Relay

# kafka-python leaves sockets to a broker that went away to the collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

RTO_S = 90.0  # of a broker that was away, from the moment at which it answers again
FROZEN_S = 60.0
BETWEEN_S = 0.5  # from one service to the next
STARTED = ("kafka", "postgres", "registry", "worker")


@pytest.mark.full
@pytest.mark.parametrize("point", ["group.leave:1", "group.leave:2", "group.assigned:1", "group.assigned:2"])
def test_4_a_worker_that_dies_while_partitions_change_hands_leaves_no_hole(
    hub: Hub, undisturbed: EndState, point: str
) -> None:
    """Three workers come and go; one dies at the point, a second one a moment later."""
    with ExitStack() as running:
        victim = running.enter_context(hub.worker(faults=f"{point}:kill", batch_records=20))
        records = publish_people(hub)
        second = running.enter_context(hub.worker(batch_records=20))
        # The third one comes when the group is settled: together they would come in one rebalance.
        eventually(lambda: victim.poll() is not None or members(hub) == 2, until=bool, within_s=60)
        third = running.enter_context(hub.worker(batch_records=20))
        assert victim.wait(timeout=90) == -signal.SIGKILL
        records += publish_places(hub)
        second.kill()
        hub.settled(records, parked=PARKED, within_s=90)
        assert third.poll() is None

    assert end_state(hub, opd=hub.opd) == undisturbed


def killed(hub: Hub) -> None:
    outages.kill(hub.stack, "kafka")
    outages.start_again(hub.stack, "kafka")


def stopped(hub: Hub) -> None:
    outages.stop(hub.stack, "kafka")
    outages.start_again(hub.stack, "kafka")


def frozen(hub: Hub) -> None:
    broker = hub.stack.services["kafka"].popen
    broker.send_signal(signal.SIGSTOP)
    Event().wait(FROZEN_S)
    broker.send_signal(signal.SIGCONT)


@pytest.mark.full
@pytest.mark.timeout(400)
@pytest.mark.parametrize("fault", [killed, stopped, frozen])
def test_6_kafka_comes_back_and_everything_goes_on_by_itself(
    hub: Hub, undisturbed: EndState, fault: Callable[[Hub], None], record_property: Callable[[str, object], None]
) -> None:
    with outages.kept_running(hub) as workers:
        records = publish_people(hub)
        hub.settled(records, parked=records)
        fault(hub)
        back_at = monotonic()
        hub.producer.close(timeout=1)
        hub.producer = hub.make_producer()
        records += publish_places(hub)
        hub.settled(records, parked=PARKED, within_s=RTO_S)
        eventually(lambda: left(hub), until=lambda count: count == 0, within_s=RTO_S)
        rto_s = monotonic() - back_at

    record_property("rto_s", round(rto_s, 1))
    print(f"\nRTO after Kafka was {fault.__name__}: {rto_s:.1f} s, workers started: {len(workers)}")  # noqa: T201
    assert end_state(hub, opd=hub.opd) == undisturbed


@pytest.fixture
def relays(hub: Hub) -> Iterator[dict[str, Relay]]:
    """A closed door before each service."""
    dsn = conninfo_to_dict(hub.database.dsn("simpul_intake").get_secret_value())
    host, port = hub.stack.kafka().bootstrap.split(":")
    registry = hub.registry.url.removeprefix("http://").split(":")
    made = {
        "kafka": Relay((host, int(port))),
        "postgres": Relay((str(dsn["host"]), int(str(dsn["port"])))),
        "registry": Relay((registry[0], int(registry[1]))),
    }
    yield made
    for each in made.values():
        each.close()


def behind(hub: Hub, relays: dict[str, Relay]) -> dict[str, Any]:
    """A worker's settings, with every service behind its door."""
    kafka = hub.stack.kafka().model_copy(update={"bootstrap": f"127.0.0.1:{relays['kafka'].port}"})
    dsn = hub.database.dsn("simpul_intake").get_secret_value()
    return {
        "kafka": {**kafka.model_dump(), "password": kafka.password.get_secret_value()},
        "dsn": make_conninfo(dsn, port=relays["postgres"].port),
        "registry": hub.registry_as_told() | {"url": f"http://127.0.0.1:{relays['registry'].port}"},
    }


@pytest.mark.full
@pytest.mark.timeout(1_200)
def test_7_services_may_start_in_any_order(hub: Hub, relays: dict[str, Relay]) -> None:
    told = behind(hub, relays)
    ended = []
    for number, order in enumerate(permutations(STARTED)):
        with ExitStack() as running:
            workers = []
            for name in order:
                if name == "worker":
                    workers.append(running.enter_context(hub.worker(group=f"{hub.opd}-{number}", **told)))
                else:
                    relays[name].open()
                Event().wait(BETWEEN_S)
            hub.send(hub.places, [hub.event(hub.places, f"x{number}", 1, place_row(f"x{number}"))])
            hub.settled(number + 1, within_s=60)
            ended += [worker.poll() for worker in workers]
        for each in relays.values():
            each.close()

    assert ended == [None] * 24


@pytest.mark.full
@pytest.mark.parametrize("service", ["kafka", "postgres"])
def test_7_a_wrong_name_is_waited_for_and_said(hub: Hub, relays: dict[str, Relay], service: str) -> None:
    told = behind(hub, relays)
    for each in relays.values():
        each.open()
    if service == "kafka":
        told["kafka"]["bootstrap"] = "tidak-ada.invalid:9092"
    else:
        told["dsn"] = make_conninfo(told["dsn"], host="tidak-ada.invalid")

    with hub.worker(**told) as worker:
        eventually(lambda: hub.log.read_text("utf-8").count('"waiting"'), until=lambda times: times >= 3, within_s=90)
        assert worker.poll() is None
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(timeout=60) == 0


@pytest.mark.full
def test_2_after_commit_nothing_is_written_again(hub: Hub) -> None:
    """Row 2's own invariant: what is committed stays as it is in history and ledger, and is not added to."""
    with hub.worker(faults="tx.committed:1:kill") as victim:
        records = publish_places(hub)
        assert victim.wait(timeout=60) == -signal.SIGKILL
    history = set(hub.ask("select history::text from hub.history"))
    ledger = set(hub.ask("select batch::text from hub.batch"))
    with hub.worker():
        hub.send(hub.places, [hub.event(hub.places, "x20", 1, place_row("x20"))])
        hub.settled(records + 1)

    assert history
    assert history <= set(hub.ask("select history::text from hub.history"))
    assert ledger <= set(hub.ask("select batch::text from hub.batch"))
    assert hub.ask("select count(*) from hub.history") == [(records + 1,)]
    assert hub.ask("select sum(accepted) from hub.batch") == [(records + 1,)]

"""Worker, PostgreSQL and Kafka are killed at random while events flow: in the end the hub is what a model says, row by
row, and so is a table that a plain reader rebuilds from the reference topic."""

import random
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import psycopg
import pytest
from confluent_kafka import Producer

from hub_db import invariants
from hub_db.connection import connect
from tests import outages
from tests.eventually import eventually
from tests.hub import Hub
from tests.hub_db.documents import person_row, place_row
from tests.promises.test_publication import left, rebuilt

EVENTS, KILLS = 1_000_000, 30
KEYS, PLACES, GONE = 60_000, 400, 20  # places x400 to x419 never come: who lives there waits
BETWEEN_S = (2.0, 6.0)  # from one kill to the next
SEED = 20_260_105


@dataclass(slots=True)
class Model:
    """What must stand in the end, per person. An event is known when one as high stood before it in its partition, went
    in or waits (docs/decisions/0005); a later one that goes in ends what waits before it."""

    highest: dict[str, int] = field(default_factory=dict)
    people: dict[str, tuple[int, tuple[str, str] | None]] = field(default_factory=dict)
    waiting: set[str] = field(default_factory=set)
    broken: int = 0
    sent: int = 0

    def says(self, key: str, sequence: int, row: tuple[str, str] | None) -> None:
        if sequence <= self.highest.get(key, 0):
            return
        self.highest[key] = sequence
        if row is not None and int(row[1][1:]) >= PLACES:
            self.waiting.add(key)
        else:
            self.people[key] = sequence, row
            self.waiting.discard(key)


def flow(hub: Hub, model: Model, producer: Producer) -> None:
    """All events: 40 % of keys again and again, older ones after newer ones, repeats, deletions, broken bytes."""
    chance = random.Random(SEED)

    def send(topic: str, event: tuple[bytes, bytes | None, list[tuple[str, bytes]]]) -> None:
        key, value, headers = event
        while True:
            try:
                producer.produce(topic, key=key, value=value, headers=[*headers])
                break
            except BufferError:
                producer.poll(0.2)
        producer.poll(0)
        model.sent += 1

    for number in chance.sample(range(PLACES), PLACES):
        send(hub.places.topic, hub.event(hub.places, f"x{number}", 1, place_row(f"x{number}")))
    while model.sent < EVENTS:
        key, sequence = f"p{chance.randrange(KEYS)}", chance.randrange(1, 200)
        chosen = random.Random(f"{key} {sequence}")  # one version of a key has one content
        row = None if chosen.random() < 0.05 else (f"N{sequence}", f"x{chosen.randrange(PLACES + GONE)}")
        event = hub.event(hub.people, key, sequence, row and person_row(key, row[1], row[0]))
        if chance.random() < 0.002:
            send(hub.people.topic, (event[0], b"\x07broken", event[2]))
            model.broken += 1
            continue
        send(hub.people.topic, event)
        model.says(key, sequence, row)
    assert producer.flush(120) == 0


def kill(hub: Hub, name: str, workers: list[Any]) -> None:
    """Kill -9, and start again what the supervisor would."""
    if name == "worker":
        eventually(lambda: workers, until=bool)[-1].kill()
        return
    outages.kill(hub.stack, name)
    outages.start_again(hub.stack, name)


def watch_positions(hub: Hub, over: threading.Event, fallen: list[Any]) -> None:
    """Five times a second, whether a position or the highest round has fallen."""
    query = (
        "select topic_id::text, partition, next_offset from hub.consumer_offset"
        " union all select 'round', 0, coalesce(max(id), 0) from hub.round"
    )
    seen: dict[Any, int] = {}
    while not over.wait(0.2):
        with suppress(psycopg.Error), hub.database.connect(autocommit=True) as conn:  # the server may be away
            for topic, partition, stands in conn.execute(query).fetchall():
                if stands < seen.get((topic, partition), 0):
                    fallen.append((topic, partition, seen[topic, partition], stands))
                seen[topic, partition] = stands


def who_waits(hub: Hub) -> set[str]:
    """Who waits for a place."""
    return {key for (key,) in hub.ask("select key from hub.parked")}


@pytest.mark.full
@pytest.mark.timeout(2_400)
def test_thirty_kills_at_random_change_nothing_in_the_end(hub: Hub) -> None:
    chance, model = random.Random(SEED + 1), Model()
    producer = Producer({**hub.stack.kafka().librdkafka(), "enable.idempotence": True, "linger.ms": 20})
    sending = threading.Thread(target=flow, args=(hub, model, producer))
    done = threading.Event()
    fallen: list[Any] = []
    watching = threading.Thread(target=watch_positions, args=(hub, done, fallen), daemon=True)

    with outages.kept_running(hub, stuck_after_s=20.0) as workers:
        sending.start()
        watching.start()
        victims = []
        for _ in range(KILLS):
            done.wait(chance.uniform(*BETWEEN_S))
            victims.append(chance.choice(["worker", "worker", "postgres", "kafka"]))
            kill(hub, victims[-1], workers)
        sending.join()
        hub.owner.close()
        hub.owner = hub.database.connect(autocommit=True)
        totals = hub.settled(model.sent, parked=model.sent, within_s=600)
        eventually(lambda: who_waits(hub), until=lambda keys: keys == model.waiting, within_s=120)
        eventually(lambda: left(hub), until=lambda count: count == 0, within_s=120)

    done.set()
    watching.join()
    table = {
        key: (sequence, None if deleted else (name, place))
        for key, sequence, deleted, name, place in hub.ask(
            "select nomor, _sequence, _deleted, nama, tempat from reference.orang"
        )
    }
    assert set(victims) == {"worker", "postgres", "kafka"}
    assert fallen == []
    assert table == model.people
    with connect(hub.database.dsn(), process="test") as conn:
        assert [each for each in invariants.check(conn) if each.breaches] == []
    assert (totals[0], totals[4]) == (model.sent, model.broken)
    assert rebuilt(hub) == {key: row for key, (_, row) in model.people.items() if row is not None}

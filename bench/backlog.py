"""A topic with many residents' events waiting: what an event costs as the table grows, and what the worker holds."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import psutil
from psycopg import Connection

from bench import cost
from bench.intake import settled
from bench.peers.stream import Encoder, Sent
from bench.steady_stream import Encoded
from producers import wilayah
from producers.identity import event_id
from producers.synthetic.residents import residents
from schemas import event_key
from schemas.contract import Contract
from schemas.names import SchemaId, TopicName
from schemas.wire import headers
from schemas.wire.avro import Writer, milliseconds
from schemas.wire.framing import frame

LOOK_EVERY_S: Final = 0.5
MIB: Final = 1 << 20
WORKER: Final = "worker"  # how the names of the workers' processes begin
DATABASE: Final = "postgres"
_CHANGED: Final = "sumber_diubah"


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen at one moment."""

    at_s: float  # since 1970
    settled: int
    cpu_s: Mapping[str, float]  # of each process with its children, since it began
    worker_mib: int  # resident, of the largest worker


@dataclass(frozen=True, slots=True)
class Drain:
    """The looks from the first to the last event of one filling."""

    looks: Sequence[Look]

    @property
    def seconds(self) -> float:
        return self.looks[-1].at_s - self.looks[0].at_s

    def told(self, parts: int) -> dict[str, Any]:
        """Events per second and CPU per event, of the whole and by stretches of as many events each."""
        first, last = self.looks[0], self.looks[-1]
        events = last.settled - first.settled
        return {
            "events": events,
            "seconds": round(self.seconds, 1),
            "events_per_second": round(events / self.seconds),
            "cpu_us_per_event": cost.per_event_us(first.cpu_s, last.cpu_s, events),
            "by_stretch": [_stretch(a, b) for a, b in self._stretches(parts)],
            "worker_mib_most": max(look.worker_mib for look in self.looks),
        }

    def _stretches(self, parts: int) -> Iterator[tuple[Look, Look]]:
        """The looks where each part of the events had been settled."""
        first, last = self.looks[0], self.looks[-1]
        ends = [first.settled + (last.settled - first.settled) * part // parts for part in range(1, parts + 1)]
        begun = first
        for end in ends:
            reached = next(look for look in self.looks if look.settled >= end)
            if reached.settled > begun.settled:
                yield begun, reached
                begun = reached


def _stretch(begun: Look, ended: Look) -> dict[str, Any]:
    events = ended.settled - begun.settled
    return {
        "until": ended.settled,
        "events_per_second": round(events / (ended.at_s - begun.at_s)),
        "cpu_us_per_event": cost.per_event_us(begun.cpu_s, ended.cpu_s, events),
    }


def growth(drain: Drain, parts: int) -> float:
    """CPU per event of worker and database in the last stretch over that of the first but one; 1 is no growth.

    The first stretch is left out: it warms caches, and its files grow from nothing.
    """
    costs = [_of_intake(found["cpu_us_per_event"]) for found in drain.told(parts)["by_stretch"]]
    return round(costs[-1] / costs[1], 2) if len(costs) > 2 else 1.0


def _of_intake(costs: Mapping[str, float]) -> float:
    return sum(each for name, each in costs.items() if name == DATABASE or name.startswith(WORKER))


def watch(
    conn: Connection[Any], topic: str, until: int, pids: Mapping[str, int], alive: Callable[[], bool], within_s: float
) -> Drain:
    """Look until as many events of the topic are settled. Raises TimeoutError; RuntimeError when a worker ended."""
    deadline, looks = time.monotonic() + within_s, [_look(conn, topic, pids)]
    while looks[-1].settled < until:
        if not alive():
            raise RuntimeError("a worker has ended")
        if time.monotonic() > deadline:
            raise TimeoutError(f"{until - looks[-1].settled} events are not settled within {within_s:.0f} s")
        time.sleep(LOOK_EVERY_S)
        looks.append(_look(conn, topic, pids))
    begun = next((number for number, look in enumerate(looks) if look.settled > looks[0].settled), 1)
    return Drain(looks[begun - 1 :])  # the start of the process is left out


def _look(conn: Connection[Any], topic: str, pids: Mapping[str, int]) -> Look:
    workers = [psutil.Process(pid) for name, pid in pids.items() if name.startswith(WORKER)]
    most = max(each.memory_info().rss for each in workers)
    return Look(time.time(), settled(conn, topic), cost.cpu_seconds(pids), round(most / MIB))


@dataclass(frozen=True, slots=True)
class Population:
    """Residents, made anew for each filling: millions of rows are too many to keep."""

    encoder: Encoder
    villages: Sequence[str]
    count: int
    seed: int

    @property
    def topic(self) -> TopicName:
        return self.encoder.contract.topic

    def of_version(self, version: int) -> Iterator[Sent]:
        """One event of each resident in this version, as an agency sends that sends everything again."""
        for number, row in enumerate(residents(self.count, seed=self.seed, villages=self.villages)):
            yield self.encoder.sent(row, number, version)


def newer_regions(contract: Contract, schema_id: SchemaId, count: int) -> list[Encoded]:
    """Events of another document: regions, a day later than what is there."""
    writer, found, now = Writer(contract), list[Encoded](), datetime.now(UTC).replace(microsecond=0)
    rows = list(wilayah.rows())
    for number in range(count):
        changed = now + timedelta(seconds=number)
        row = {**rows[number % len(rows)], _CHANGED: changed}
        body, key = writer.write(row), event_key.of_values(contract, row)
        sequence = milliseconds(changed)
        identity = event_id(contract.topic, key, 0, sequence, body)
        about = headers.EventHeaders(identity, f"/opd/{contract.opd}/bench", changed, sequence, 0, None)
        found.append(Encoded(key.encode(), frame(schema_id, body), tuple(headers.write(about, contract, key))))
    return found

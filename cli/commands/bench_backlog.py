"""`simpul bench backlog`: an agency sends all of its residents at once, and again, on a hub of its own."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from cli import settings
from cli.commands.bench_stack import checkpoint, own_stack
from cli.screen import tell
from cli.stack import processes
from cli.stack.local import Stack

if TYPE_CHECKING:
    from psycopg import Connection

    from bench.backlog import Drain, Population
    from bench.steady_stream import Encoded
    from schemas.contract import Contract

SEED: Final = 20_260_105
WITHIN_S: Final = 1_800.0
OTHERS_PER_SECOND: Final = 20
OTHERS: Final = 20_000  # longer than the backlog lasts: measured are those that came meanwhile
STRETCHES: Final = 10
STOPS_WITHIN_S: Final = 10.0


def backlog(
    events: Annotated[int, typer.Option("--events", min=10_000, help="Jumlah penduduk.")] = 1_150_000,
    again: Annotated[int, typer.Option("--again", min=0, help="Berapa kali semuanya dikirim ulang.")] = 1,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Jumlah proses penerima.")] = 1,
) -> None:
    """Mengirim semua penduduk sekaligus, lalu sekali lagi sementara dokumen lain tetap datang."""
    with own_stack() as stack:
        found = measure(stack, events, again, workers)
    sys.stdout.write(f"{json.dumps(found)}\n")


def measure(stack: Stack, events: int, again: int, workers: int) -> dict[str, Any]:
    """The first filling into an empty table; then every resident newer, with regions arriving at a steady rate."""
    import psycopg

    from bench import backlog
    from bench.peers.stream import Encoder
    from cli.commands.bench import bring_regions
    from cli.demo import plan

    home = stack.layout.home
    documents, ids = plan.contracts(home), plan.schema_ids(home)
    regions, residents = documents[plan.REGIONS], documents[plan.RESIDENTS]
    population = backlog.Population(Encoder(residents, ids[residents.topic]), plan.villages(home), events, SEED)
    with psycopg.connect(settings.dsn(home, "simpul_owner").get_secret_value(), autocommit=True) as conn:
        scenario = plan.scenario(home, documents, ids, count=1, seed=SEED)
        bring_regions(conn, stack, regions, list(scenario.regions()))
        rig = Rig(stack, conn, population, workers)
        first = rig.drain(1)
        growth, later = backlog.growth(first, STRETCHES), list[dict[str, Any]]()
        for version in range(2, 2 + again):
            others = backlog.newer_regions(regions, ids[regions.topic], OTHERS)
            later.append(rig.drain_beside(version, regions, others))
    return {"workers": workers, "first": first.told(STRETCHES), "growth": growth, "again": later}


@dataclass(frozen=True, slots=True)
class Rig:
    """A hub whose worker is started upon a backlog."""

    stack: Stack
    conn: "Connection[Any]"
    population: "Population"
    workers: int

    def drain(self, version: int, begin: Callable[[], None] | None = None) -> "Drain":
        """Fill while the workers rest, then let them work; `begin` is called when they start."""
        from bench import backlog, intake
        from bench.peers.filling import send

        topic = self.population.topic
        names = [backlog.WORKER, *(f"{backlog.WORKER}-{number}" for number in range(2, self.workers + 1))]
        processes.stop_all([child for name, child in self.stack.hub.items() if name in names], STOPS_WITHIN_S)
        tell(f"Mengisi topik, kiriman ke-{version}")
        until = intake.settled(self.conn, topic) + self.population.count
        send(self.stack.kafka(), topic, self.population.of_version(version))
        checkpoint(self.stack)
        tell("Mengukur")
        started = [self.stack.start_process(name, "worker") for name in names]
        if begin is not None:
            begin()
        pids = {name: child.record.pid for name, child in (*self.stack.services.items(), *self.stack.hub.items())}
        return backlog.watch(
            self.conn, topic, until, pids, lambda: all(each.is_running() for each in started), WITHIN_S
        )

    def drain_beside(self, version: int, contract: "Contract", events: "Sequence[Encoded]") -> dict[str, Any]:
        """The figures of a backlog, and how long those events of another document took that came while it lasted."""
        from bench import intake
        from bench.steady_stream import SteadyStream
        from cli.commands.bench_steady import latencies, shares

        kafka = settings.kafka_settings(self.stack.layout.home, f"opd-{contract.opd}")
        before = intake.settled(self.conn, contract.topic)
        with SteadyStream(kafka, contract.topic, events, OTHERS_PER_SECOND) as others:
            drain = self.drain(version, others.begin)
        came = before + int(drain.seconds * OTHERS_PER_SECOND)
        worker = self.stack.hub["worker"]
        intake.wait_for(lambda: intake.settled(self.conn, contract.topic) >= came, worker.is_running, WITHIN_S)
        began, ended = drain.looks[0].at_s, drain.looks[-1].at_s
        taken = [ms for at, ms in latencies(self.conn, self.stack, contract) if began <= at <= ended]
        return {**drain.told(STRETCHES), "other_document": {"events": len(taken), "event_to_row_ms": shares(taken)}}

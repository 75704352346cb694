"""`simpul bench`: measurements on a local stack of their own."""

import json
import sys
import time
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import settings
from cli.commands.bench_api import api
from cli.commands.bench_audit import audit
from cli.commands.bench_backlog import backlog
from cli.commands.bench_cases import cases
from cli.commands.bench_latency import latency
from cli.commands.bench_registry import registry
from cli.commands.bench_stack import checkpoint, own_stack
from cli.screen import tell
from cli.stack import processes
from cli.stack.local import Stack

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.rows import TupleRow

    from producers.synthetic.scenario import Planned
    from schemas.contract import Contract

SETTLE_WITHIN_S = 600.0
SEED = 20_260_105
RESIDENTS_PER_EVENT = 0.95  # a scenario has a few more events than residents

app = typer.Typer(invoke_without_command=True)


@app.callback()
def bench(
    context: typer.Context,
    peers: Annotated[bool, typer.Option("--peers", help="Bandingkan dengan perangkat lunak lain.")] = False,
    events: Annotated[int, typer.Option("--events", min=1_000, help="Jumlah kejadian ('--peers').")] = 1_000_000,
    runs: Annotated[int, typer.Option("--runs", min=1, help="Berapa kali masing-masing diukur ('--peers').")] = 5,
    file: Annotated[Path | None, typer.Option("--json", help="Tulis hasilnya juga ke berkas ini ('--peers').")] = None,
) -> None:
    """Mengukur kecepatan."""
    if context.invoked_subcommand is not None:
        return
    if not peers:
        sys.stdout.write(f"{context.get_help()}\n")
        return
    from cli.commands.bench_peers import compare

    sys.stdout.write(f"{json.dumps(compare(events, runs, file))}\n")


app.command()(audit)
app.command()(api)
app.command()(backlog)
app.command()(cases)
app.command()(latency)
app.command()(registry)


@app.command()
def intake(
    events: Annotated[int, typer.Option("--events", min=1_000, help="Jumlah kejadian penduduk.")] = 300_000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Benih data sintetis.")] = SEED,
) -> None:
    """Mengisi topik lebih dulu, lalu mengukur pengolahan dengan penerbitan menyala."""
    with own_stack() as stack:
        found = measure(stack, events=events, seed=seed)
    sys.stdout.write(f"{json.dumps(found)}\n")


def measure(stack: Stack, *, events: int, seed: int) -> dict[str, Any]:
    """Regions first, so that nothing is parked for long; then the residents' events, all of them waiting."""
    import psycopg

    from bench import cost, intake
    from cli.demo import plan
    from cli.demo.sending import send

    home = stack.layout.home
    tell("Menyusun kejadian")
    documents = plan.contracts(home)
    regions, residents = documents[plan.REGIONS], documents[plan.RESIDENTS]
    count = int(events * RESIDENTS_PER_EVENT)
    scenario = plan.scenario(home, documents, plan.schema_ids(home), count=count, seed=seed)
    chosen = list(islice(scenario.population(), events))
    with psycopg.connect(settings.dsn(home, "simpul_owner").get_secret_value(), autocommit=True) as conn:
        worker = stack.hub["worker"]
        topic = residents.topic
        bring_regions(conn, stack, regions, list(scenario.regions()))
        processes.stop_all([worker], 10.0)
        tell(f"Mengisi topik dengan {len(chosen)} kejadian")
        began = time.monotonic()
        send(home, residents, chosen)
        fill_s = time.monotonic() - began
        checkpoint(stack)
        last_round = intake.last_round(conn)
        pids = {name: child.record.pid for name, child in (*stack.services.items(), *stack.hub.items())}
        before = cost.cpu_seconds({name: pid for name, pid in pids.items() if name != "worker"})
        tell("Mengukur")
        worker = stack.start_process("worker", "worker")
        pids["worker"] = worker.record.pid
        intake.wait_for(lambda: intake.settled(conn, topic) >= len(chosen), worker.is_running, SETTLE_WITHIN_S)
        after = cost.cpu_seconds(pids)
        intake.wait_for(lambda: intake.nothing_left(conn), worker.is_running, SETTLE_WITHIN_S)
        found = intake.figures(conn, topic, len(chosen), last_round)
    return {
        **found,
        "cpu_us_per_event": cost.per_event_us(before, after, len(chosen)),
        "fill_events_per_second": round(len(chosen) / fill_s),
    }


def bring_regions(conn: "Connection[TupleRow]", stack: Stack, regions: "Contract", events: "Sequence[Planned]") -> None:
    """Publish the regions and wait until the hub has settled and published them."""
    from bench import intake
    from cli.demo.sending import send

    tell("Menerbitkan wilayah")
    send(stack.layout.home, regions, events)
    intake.wait_for(
        lambda: intake.settled(conn, regions.topic) >= len(events) and intake.nothing_left(conn),
        stack.hub["worker"].is_running,
        SETTLE_WITHIN_S,
    )

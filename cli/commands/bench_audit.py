"""`simpul bench audit`: entries at a steady rate, on a hub of its own or beside whatever a running one does."""

import json
import secrets
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from cli import settings
from cli.commands.bench_stack import own_stack
from cli.screen import tell
from cli.stack import processes
from cli.stack.layout import Layout
from cli.stack.local import Stack


def audit(
    rate: Annotated[int, typer.Option("--rate", min=16, help="Catatan per detik.")] = 2_000,
    seconds: Annotated[float, typer.Option("--seconds", min=1, help="Lama pengukuran.")] = 20.0,
    events: Annotated[
        int, typer.Option("--events", min=0, help="Kejadian per detik yang diolah di sampingnya; 0: tanpa.")
    ] = 0,
    rows: Annotated[int, typer.Option("--rows", min=1, help="Catatan per transaksi.")] = 4,
    beside: Annotated[bool, typer.Option("--beside", help="Pada hub yang sedang berjalan, bukan hub sendiri.")] = False,
) -> None:
    """Menulis catatan audit dengan laju tetap, lalu mengukur berapa lama sampai disegel."""
    if beside and events:
        raise typer.BadParameter("--events mengirim ke hub sendiri, jadi tidak bersama --beside.")
    if beside:
        found = measure(settings.load().home, rate, seconds, rows)
    else:
        with own_stack() as stack:
            found = alone_or_beside(stack, rate, seconds, events, rows)
    sys.stdout.write(f"{json.dumps(found)}\n")


def alone_or_beside(stack: Stack, rate: int, seconds: float, events: int, rows: int) -> dict[str, Any]:
    """With a steady stream of events beside it, which ran as long without it before: what that costs the events."""
    from cli.commands.bench_steady import Stretch
    from cli.commands.bench_steady import measure as stream

    home = stack.layout.home
    if not events:
        return measure(home, rate, seconds, rows)
    found: dict[str, Any] = {}
    course = (
        Stretch(events, seconds, f"Mengolah {events} kejadian per detik, tanpa jejak audit di sampingnya"),
        Stretch(
            events,
            seconds,
            "Sama, dengan jejak audit di sampingnya",
            lambda: found.update(measure(home, rate, seconds, rows)),
        ),
    )
    alone, beside = stream(stack, course)
    return {**found, "intake": {"alone": alone, "beside": beside}}


def measure(home: Path, rate: int, seconds: float, rows: int) -> dict[str, Any]:
    """On the hub of a state folder, whose process of jobs seals."""
    from bench import audit, cost
    from hub_db.connection import connect

    pids = {each.name: each.pid for each in processes.read_records(Layout(home).processes) if each.name == "jobs"}
    course = audit.Course(rate, seconds, rows, f"bench-{secrets.token_hex(4)}")
    tell(f"Menulis {rate} catatan per detik selama {seconds:.0f} detik")
    before = cost.cpu_seconds(pids)
    written = audit.write(settings.dsn(home, "simpul_web"), course)
    after = cost.cpu_seconds(pids)
    with connect(settings.dsn(home, "simpul_jobs"), process="simpul-bench-audit") as conn:
        found = audit.figures(conn, course, written)
    return {**found, "cpu_us_per_row": {"jobs": cost.per_event_us(before, after, written).get("jobs")}}

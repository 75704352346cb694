"""`simpul bench --peers`: the hub's intake beside others, on one topic, in one run, each in its turn."""

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from cli import settings
from cli.commands.bench_arena import PUBLISHED, TWO_SOURCES, Arena, prepare
from cli.commands.bench_stack import own_stack
from cli.screen import tell
from cli.stack import jars, peers
from cli.stack.layout import write_private
from cli.stack.local import Stack

if TYPE_CHECKING:
    from bench.peers.figures import Choice, Chosen
    from bench.peers.measuring import Run

SLOW: Final = ("faust", "quix")  # over the prefix only: the whole would take minutes, and a small table is quicker


def compare(events: int, runs: int, file: Path | None) -> dict[str, Any]:
    """Measure all, `runs` times in turn; what came of it, also as JSON in `file`."""
    began = time.monotonic()
    told = settings.load_bench()
    tell("Menyiapkan pembanding")
    peers.python(told)
    peers.plugins(told)
    with own_stack() as stack:
        found = measure(stack, events, runs) | {"took_s": round(time.monotonic() - began)}
    if file is not None:
        write_private(file, json.dumps(found, indent=2) + "\n")
    return found


def measure(stack: Stack, events: int, runs: int) -> dict[str, Any]:
    """First each other's best setting, then all entrants in turn."""
    from bench import machine
    from bench.peers import figures

    before = machine.about(settings.ROOT, versions(stack))
    arena = prepare(stack, events)
    chosen = {name: choose(arena, name) for name in figures.BATCHES}
    taken: dict[str, list[Run]] = {}
    names = [figures.OURS, *figures.BATCHES, PUBLISHED, TWO_SOURCES]
    for number in range(runs):
        turn = number % len(names)
        for name in (*names[turn:], *names[:turn]):  # who goes first differs, so that nobody has the slow spell
            run = one(arena, name, chosen)
            tell(f"{number + 1}/{runs} {name}: {run.events_per_second:,.0f}/s, {run.cpu_us_per_event}")
            taken.setdefault(name, []).append(run)
    return {
        "events": events,
        "ratios": figures.ratios(taken),
        "cpu_ratios": figures.cpu_ratios(taken),
        "publication_on_over_off": figures.share(taken, PUBLISHED),
        "two_sources_over_one": figures.share(taken, TWO_SOURCES),
        "entrants": figures.summary(taken),
        "chosen": {name: found.told() for name, found in chosen.items()},
        **before,
        "load_average_after": machine.load_average(),
    }


def one(arena: Arena, name: str, chosen: "Mapping[str, Chosen]") -> "Run":
    """A run of one entrant with its best setting."""
    if name in chosen:
        return arena.run(name, chosen[name].best, arena.prefix if name in SLOW else arena.whole)
    return arena.run_ours(name)


def choose(arena: Arena, name: str) -> "Chosen":
    """The best setting of one of the others, over the prefix."""
    from bench.peers import figures
    from bench.peers.measuring import TooFew

    def rate_of(choice: "Choice") -> float:
        try:
            rate = arena.run(name, choice, arena.prefix).events_per_second
        except TooFew:  # a batch that is as large as the prefix
            rate = 0.0
        tell(f"{name} batch={choice.batch} tasks={choice.tasks}: {rate:,.0f}/s")
        return rate

    return figures.choose(name, rate_of)


def versions(stack: Stack) -> dict[str, str]:
    """Of the servers, and of what the others are made of."""
    import re

    from cli.commands.bench_arena import connection

    with connection(stack, None) as conn:
        row = conn.execute("show server_version").fetchone()
    kafka = {jar.artifact: jar.version for jar in jars.locked()}
    sink = {jar.artifact: jar.version for jar in jars.locked(peers.JARS)}
    packages = dict(re.findall(r"^([a-z0-9-]+)==([^ ;]+)", peers.PACKAGES.read_text(encoding="utf-8"), re.MULTILINE))
    return {
        "postgresql": str(row[0]) if row else "",
        "kafka": kafka["kafka_2.13"],
        "debezium": sink["debezium-connector-jdbc"],
        **{name: packages[name] for name in ("quixstreams", "faust-streaming", "psycopg", "fastavro")},
    }

"""`simpul bench latency`: from an event's append to its row, at steady rates, on a hub of its own."""

import json
import sys
from typing import Annotated, Final

import typer

from cli.commands.bench_stack import own_stack
from cli.commands.bench_steady import Stretch, measure

LONG_S: Final = 20.0
FEWEST: Final = 500  # events, of which the slowest hundredth is told


def latency(
    rates: Annotated[
        list[int] | None, typer.Option("--rate", min=1, help="Kejadian per detik; boleh beberapa.")
    ] = None,
    one_partition: Annotated[bool, typer.Option("--one-partition", help="Semua ke satu partisi.")] = False,
    seconds: Annotated[
        float | None,
        typer.Option("--seconds", min=1, help="Lama tiap laju; bawaan: 20 detik, dan paling sedikit 500 kejadian."),
    ] = None,
) -> None:
    """Mengirim kejadian penduduk dengan laju tetap, lalu mengukur berapa lama sampai menjadi baris."""
    stretches = [
        Stretch(
            rate,
            seconds or max(LONG_S, FEWEST / rate),
            f"Mengolah {rate} kejadian per detik",
            partition=0 if one_partition else None,
        )
        for rate in rates or [5, 200, 8_000]
    ]
    with own_stack() as stack:
        found = measure(stack, stretches)
    sys.stdout.write(f"{json.dumps(found)}\n")

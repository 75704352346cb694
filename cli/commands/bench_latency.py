"""`simpul bench latency`: from an event's append to its row, at steady rates, on a hub of its own."""

import json
import sys
from typing import Annotated

import typer

from cli.commands.bench_stack import own_stack
from cli.commands.bench_steady import Stretch, measure


def latency(
    rates: Annotated[
        list[int] | None, typer.Option("--rate", min=1, help="Kejadian per detik; boleh beberapa.")
    ] = None,
    one_partition: Annotated[bool, typer.Option("--one-partition", help="Semua ke satu partisi.")] = False,
    seconds: Annotated[float, typer.Option("--seconds", min=1, help="Lama tiap laju.")] = 20.0,
) -> None:
    """Mengirim kejadian penduduk dengan laju tetap, lalu mengukur berapa lama sampai menjadi baris."""
    stretches = [
        Stretch(rate, seconds, f"Mengolah {rate} kejadian per detik", partition=0 if one_partition else None)
        for rate in rates or [5, 200, 8_000]
    ]
    with own_stack() as stack:
        found = measure(stack, stretches)
    sys.stdout.write(f"{json.dumps(found)}\n")

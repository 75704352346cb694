"""How well and how fast planted pairs are found: `python -m tests.hub_db.matching_figures [others] [seed …]`."""

import resource
import sys
from dataclasses import asdict, dataclass
from time import perf_counter

import polars as pl

from hub_db.matching.pairs import COLUMNS, Seen, duplicates
from tests.hub_db.planted_pairs import Planter, Town

SEEDS = (20261129, 70707, 31415926)  # none of them was looked at while points and blocks were chosen


@dataclass(frozen=True, slots=True)
class Figures:
    """Shares of one town: of the pairs that are one person, and of the pairs that were told; by kind."""

    recall: float
    precision: float
    found: dict[str, float]  # share of each kind's pairs that were told; of twins and namesakes: wrongly


def measure(town: Town) -> Figures:
    """The figures of one town."""
    people = pl.DataFrame([asdict(person) for person in town.people], schema=COLUMNS)
    told = set(duplicates(people).select("key", "key_b").iter_rows())
    wanted = {pair for kind in town.same for pair in town.planted[kind]}
    found = {kind: len(told & set(pairs)) / len(pairs) for kind, pairs in town.planted.items()}
    return Figures(len(told & wanted) / len(wanted), len(told & wanted) / max(1, len(told)), found)


def main(others: int, seeds: tuple[int, ...]) -> None:
    for seed in seeds:
        town = Planter(seed).town(others)
        began, seen = perf_counter(), Seen()
        people = pl.DataFrame([asdict(person) for person in town.people], schema=COLUMNS)
        duplicates(people, seen)
        took = perf_counter() - began
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        figures = measure(town) if others <= 200_000 else None
        sys.stdout.write(
            f"seed {seed}: {len(people)} rows, {took:.1f} s, {seen.compared} compared,"
            f" {seen.too_large} blocks too large, peak {memory:.0f} MiB\n  {figures}\n"
        )


if __name__ == "__main__":
    arguments = [int(each) for each in sys.argv[1:]]
    main(arguments[0] if arguments else 20_000, tuple(arguments[1:]) or SEEDS)

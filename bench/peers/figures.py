"""What a comparison comes to: the best setting of each entrant, medians of its runs, and how we stand beside it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Final

from bench.peers.measuring import Run
from consumers.settings import IntakeSettings

OURS: Final = "simpul"
BATCHES: Final[Mapping[str, tuple[int, ...]]] = {
    "connect_debezium": (2_000, 5_000, 10_000),
    "quix": (2_000, 10_000, 20_000),
    "faust": (1_000, 5_000, 20_000),
    "floor": (5_000, 10_000, 20_000),
}
TASKS: Final = (1, 2, 4)
FIRST_TASKS: Final = 2  # with which batch sizes are compared
CONNECTIONS: Final = int(IntakeSettings.model_fields["connections"].default)  # of ours, and so of the floor


@dataclass(frozen=True, slots=True)
class Choice:
    """How an entrant is set: records in a batch, and tasks or processes of a group (for the floor: connections)."""

    batch: int
    tasks: int


@dataclass(frozen=True, slots=True)
class Chosen:
    """The best setting, and what every setting that was tried came to, in events per second."""

    best: Choice
    tried: Mapping[Choice, float]

    def told(self) -> dict[str, Any]:
        tried = [{**asdict(choice), "events_per_second": round(rate)} for choice, rate in self.tried.items()]
        return {**asdict(self.best), "tried": tried}


def choose(entrant: str, rate_of: Callable[[Choice], float]) -> Chosen:
    """The best of three batch sizes, then the best of the numbers of tasks with it.

    The floor always has as many connections as we: other numbers are not tried.
    """
    tried: dict[Choice, float] = {}
    first = CONNECTIONS if entrant == "floor" else FIRST_TASKS
    for choice in (Choice(batch, first) for batch in BATCHES[entrant]):
        tried[choice] = rate_of(choice)
    batch = max(tried, key=lambda choice: tried[choice]).batch
    if entrant != "floor":
        for choice in (Choice(batch, tasks) for tasks in TASKS if tasks != FIRST_TASKS):
            tried[choice] = rate_of(choice)
    return Chosen(max(tried, key=lambda choice: tried[choice]), tried)


def summary(runs: Mapping[str, Sequence[Run]]) -> dict[str, Any]:
    """For each entrant its median, least and most events per second, its CPU per event, and its runs."""
    return {name: _of_entrant(found) for name, found in runs.items()}


def _of_entrant(runs: Sequence[Run]) -> dict[str, Any]:
    rates = [run.events_per_second for run in runs]
    parts = runs[0].cpu_us_per_event.keys()
    return {
        "events_per_second": {"median": round(median(rates)), "least": round(min(rates)), "most": round(max(rates))},
        "cpu_us_per_event": {part: round(median(run.cpu_us_per_event[part] for run in runs), 1) for part in parts},
        "rows": runs[0].rows,
        "runs": [run.told() for run in runs],
    }


def ratios(runs: Mapping[str, Sequence[Run]]) -> dict[str, float]:
    """Our median events per second over each other entrant's: above 1 we are quicker."""
    ours = median(run.events_per_second for run in runs[OURS])
    return {name: round(ours / median(run.events_per_second for run in found), 2) for name, found in _others(runs)}


def cpu_ratios(runs: Mapping[str, Sequence[Run]]) -> dict[str, float]:
    """Our CPU per event, client and database together, over each other entrant's: below 1 we need less."""
    ours = _cpu(runs[OURS])
    return {name: round(ours / _cpu(found), 2) for name, found in _others(runs)}


def share(runs: Mapping[str, Sequence[Run]], name: str) -> float:
    """The events per second of one of our own ways over ours as it is compared with others."""
    median_of = {each: median(run.events_per_second for run in runs[each]) for each in (name, OURS)}
    return round(median_of[name] / median_of[OURS], 2)


def _others(runs: Mapping[str, Sequence[Run]]) -> Iterator[tuple[str, Sequence[Run]]]:
    return ((name, found) for name, found in runs.items() if name in BATCHES)


def _cpu(runs: Sequence[Run]) -> float:
    return median(run.cpu_us_per_event["client"] + run.cpu_us_per_event["postgres"] for run in runs)

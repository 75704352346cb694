"""What changed since a saved run: `python -m bench.compare <earlier.json> <later.json>`, both of `bench … --json`.

Every number that both have is laid side by side. A change within `--noise` (a share, 0.1 unless told) is not shown:
figures of one machine move by so much from hour to hour. Ratios move least, so they are what to look at.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

NOISE: Final = 0.1
LEFT_OUT: Final = frozenset({"runs", "tried", "took_s", "load_average", "load_average_after"})  # told, not compared


@dataclass(frozen=True, slots=True)
class Change:
    """One figure in both runs; None where a run does not have it."""

    name: str
    earlier: float | None
    later: float | None

    @property
    def share(self) -> float | None:
        """By what share it grew; None where that says nothing."""
        if self.earlier is None or self.later is None or not self.earlier:
            return None
        return self.later / self.earlier - 1

    def line(self) -> str:
        share = "" if self.share is None else f" ({self.share:+.0%})"
        return f"{self.name}: {_shown(self.earlier)} → {_shown(self.later)}{share}"


def changes(earlier: Mapping[str, Any], later: Mapping[str, Any], noise: float = NOISE) -> list[Change]:
    """The figures that differ by more than the noise, or that only one run has, in the order of the later run."""
    before, after = dict(_numbers(earlier)), dict(_numbers(later))
    names = [*after, *(name for name in before if name not in after)]
    found = [Change(name, before.get(name), after.get(name)) for name in names]
    return [each for each in found if _is_told(each, noise)]


def other_conditions(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> list[str]:
    """What else is not as it was: machine, versions, number of events. With another machine only ratios mean much."""
    return [
        f"{name}: {json.dumps(earlier.get(name))} → {json.dumps(later.get(name))}"
        for name in ("commit", "machine", "versions", "events")
        if earlier.get(name) != later.get(name)
    ]


def _is_told(change: Change, noise: float) -> bool:
    if change.earlier is None or change.later is None:
        return True
    return change.earlier != change.later if change.share is None else abs(change.share) > noise


def _numbers(found: Mapping[str, Any], under: str = "") -> Iterator[tuple[str, float]]:
    for name, value in found.items():
        if name in LEFT_OUT:
            continue
        if isinstance(value, Mapping):
            yield from _numbers(value, f"{under}{name}.")
        elif isinstance(value, int | float) and not isinstance(value, bool):
            yield f"{under}{name}", value


def _shown(value: float | None) -> str:
    return "–" if value is None else f"{value:g}" if abs(value) < 10_000 else f"{value:,.0f}"


def main(arguments: Sequence[str]) -> int:
    """0, or 2 for a wrong call."""
    noise = NOISE
    if arguments[:1] == ["--noise"] and len(arguments) == 4:
        noise, arguments = float(arguments[1]), arguments[2:]
    if len(arguments) != 2:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    earlier, later = (json.loads(Path(each).read_text(encoding="utf-8")) for each in arguments)
    lines = [*other_conditions(earlier, later), *(each.line() for each in changes(earlier, later, noise))]
    sys.stdout.write("".join(f"{line}\n" for line in lines or [f"nothing changed by more than {noise:.0%}"]))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

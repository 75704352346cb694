"""The small curve beside a figure. Pure geometry in a box of 96 × 28."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, LOW, HIGH = 96.0, 26.0, 3.0  # right edge, y of zero, y of the largest value


@dataclass(frozen=True, slots=True)
class Spark:
    """A line, the area under it, and where its last point lies."""

    line: str
    area: str
    end_x: str
    end_y: str


def spark(values: Sequence[float]) -> Spark | None:
    """None while there are too few values for a curve."""
    if len(values) < 2:
        return None
    top = max(values) or 1.0
    step = WIDTH / (len(values) - 1)
    points = [(f"{step * index:.1f}", f"{LOW - (LOW - HIGH) * value / top:.1f}") for index, value in enumerate(values)]
    line = "M" + " ".join(f"{x} {y}" for x, y in points)
    return Spark(line, f"{line} L96 28 0 28z", *points[-1])

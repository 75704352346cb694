"""The picture of an entity: documents that fill it at the left, entities that it names or that name it at the right.

Pure geometry, in units of the drawing (1080 wide).
"""

from collections.abc import Iterable
from dataclasses import dataclass

from dashboard.catalogue_lineage import Lineage, Link
from dashboard.wording import cut
from schemas.names import EntityName

TOP, BOTTOM, ROW = 52.0, 30.0, 46.0
LEAST_SPAN = 92.0  # from first row to last, so that the knot in the middle has room
LEFT_X, MIDDLE_X, RADIUS, RIGHT_X = 318.0, 540.0, 34.0, 742.0
LABEL = 34  # characters that fit


@dataclass(frozen=True, slots=True)
class End:
    """A knot at the left or the right with its two lines of text."""

    x: float
    y: float
    title: str
    note: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """All that the template draws."""

    height: float
    middle_y: float
    sources: tuple[End, ...]
    targets: tuple[End, ...]
    threads: tuple[tuple[str, str], ...]  # class, path


def draw(lineage: Lineage) -> Drawing:
    """Filling is a solid thread, naming a dotted one."""
    left = [(each.name, f"prioritas {each.priority}") for each in lineage.sources]
    left += [(each.name, "menambah isian") for each in lineage.feeders]
    right = [(str(entity), f"dirujuk lewat {names}") for entity, names in _outgoing(lineage.outgoing)]
    right += [(name, f"merujuk lewat {names}") for name, names in _incoming(lineage.incoming)]
    span = max(LEAST_SPAN, ROW * (max(len(left), len(right), 1) - 1))
    middle_y = TOP + span / 2
    sources = _ends(LEFT_X, left, middle_y)
    targets = _ends(RIGHT_X, right, middle_y)
    threads = [("", _thread(end.x, end.y, MIDDLE_X - RADIUS, middle_y)) for end in sources]
    threads += [("idle", _thread(MIDDLE_X + RADIUS, middle_y, end.x, end.y)) for end in targets]
    return Drawing(TOP + span + BOTTOM, middle_y, sources, targets, tuple(threads))


def _outgoing(links: Iterable[Link]) -> list[tuple[EntityName, str]]:
    names: dict[EntityName, dict[str, None]] = {}
    for link in links:
        names.setdefault(link.target, {})[link.field.name] = None
    return [(entity, ", ".join(fields)) for entity, fields in sorted(names.items())]


def _incoming(links: Iterable[Link]) -> list[tuple[str, str]]:
    names: dict[str, dict[str, None]] = {}
    for link in links:
        names.setdefault(link.contract.name, {})[link.field.name] = None
    return [(document, ", ".join(fields)) for document, fields in sorted(names.items())]


def _ends(x: float, texts: list[tuple[str, str]], middle_y: float) -> tuple[End, ...]:
    first = middle_y - ROW * (len(texts) - 1) / 2
    return tuple(
        End(x, first + ROW * number, cut(title, LABEL), cut(note, LABEL)) for number, (title, note) in enumerate(texts)
    )


def _thread(x: float, y: float, to_x: float, to_y: float) -> str:
    half = (x + to_x) / 2
    return f"M{x:.1f} {y:.1f}C{half:.1f} {y:.1f} {half:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"

"""Where everything stands in the picture of the exchange. Pure geometry, in units of the drawing (1080 wide)."""

import math
from dataclasses import dataclass

from base.indonesian import duration, number
from dashboard.standing import Entity, Standing, Verdict, Whole
from dashboard.wording import cut, pace

TOP, BOTTOM = 56.0, 36.0  # middle of the first row under the heads; room under the last
LEAST_SPAN = 156.0  # from first row to last, so that the hub has room for what stands below it
ROOMY, TIGHT, MANY = 52.0, 42.0, 9  # height of a row, and from how many rows on it is the tight one
SOURCE_X, HUB_X, HUB_R, ENTITY_X, TOPIC_X = 350.0, 540.0, 38.0, 664.0, 886.0
LABEL, LONG_LABEL = 20, 26  # characters that fit

# Class of the style sheet for thread and knot, and of the small text beside it.
LOOKS = {
    Verdict.RESTING: ("bad", "tb"),
    Verdict.STUCK: ("bad", "tb"),
    Verdict.RETURNING: ("bad", "tb"),
    Verdict.BEHIND: ("", "tw"),
    Verdict.SILENT: ("idle", "s"),
    Verdict.UNKNOWN: ("idle", "s"),
}


@dataclass(frozen=True, slots=True)
class Thread:
    """One rope: its path, its width, its class."""

    path: str
    width: str
    look: str


@dataclass(frozen=True, slots=True)
class Label:
    """One row of text at a knot."""

    y: float
    look: str
    text_look: str
    title: str
    subtitle: str
    pace: str = ""
    lag: str = ""
    waited: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """All that the template draws."""

    height: float
    hub_y: float
    threads: tuple[Thread, ...]
    sources: tuple[Label, ...]
    entities: tuple[Label, ...]
    topics: tuple[Label, ...]


def draw(whole: Whole) -> Picture:
    """Sources at the left, the hub in the middle, at the right what became of the events."""
    left = _rows(len(whole.standings))
    outcomes = _outcomes(whole)
    right = _rows(len(whole.entities) + len(outcomes))
    span = max([LEAST_SPAN, *(rows[-1] for rows in (left, right) if rows)])
    left, right = _centred(left, span), _centred(right, span)
    height, hub_y = TOP + span + BOTTOM, TOP + span / 2
    entities = tuple(_entity(entity, y) for entity, y in zip(whole.entities, right, strict=False))
    rest = right[len(entities) :]
    ends = entities + tuple(
        Label(y, look, text, title, subtitle)
        for (look, text, title, subtitle, _), y in zip(outcomes, rest, strict=True)
    )
    widths = [_width(entity.per_minute) for entity in whole.entities] + [_width(share) for *_, share in outcomes]
    topics = tuple(_topic(entity, y) for entity, y in zip(whole.entities, right, strict=False))
    return Picture(
        height,
        hub_y,
        (
            *_threads_in(whole.standings, left, hub_y),
            *_threads_out(ends, widths, hub_y),
            *(Thread(f"M{ENTITY_X + 134:g} {row.y:g}H{TOPIC_X:g}", "1.4", row.look) for row in topics),
        ),
        tuple(_source(standing, y) for standing, y in zip(whole.standings, left, strict=True)),
        ends,
        topics,
    )


def _rows(count: int) -> list[float]:
    step = TIGHT if count >= MANY else ROOMY
    return [step * index for index in range(count)]


def _centred(rows: list[float], span: float) -> list[float]:
    """Rows that start at 0, moved into the middle of the drawing."""
    return [TOP + y + (span - rows[-1]) / 2 for y in rows]


def _width(per_minute: float) -> str:
    """Thicker by the same step for ten times the rate: 1,4 at rest, about 6 at 15.000 a second."""
    return f"{1.4 + 0.8 * math.log10(1 + max(0.0, per_minute)):.1f}"


def _source(standing: Standing, y: float) -> Label:
    look, text_look = LOOKS.get(standing.verdict, ("", "s"))
    if standing.lag is None:
        lag, waited = "belum diketahui", ""
    elif standing.lag.events:
        lag, waited = number(standing.lag.events), duration(standing.lag.seconds)
    else:
        lag, waited = "kosong", ""
    opd, document = cut(standing.document.opd, LABEL), cut(standing.document.document, LABEL)
    return Label(y, look, text_look, opd, document, pace(standing.rate), lag, waited)


def _entity(entity: Entity, y: float) -> Label:
    rows = "–" if entity.rows is None else number(entity.rows)
    return Label(y, "" if entity.rows else "idle", "s", rows, cut(entity.name, LABEL))


def _topic(entity: Entity, y: float) -> Label:
    waiting = f"{number(entity.unpublished)} menunggu terbit" if entity.unpublished else "terkini"
    state = waiting if entity.rows else "belum ada isi"
    return Label(y, "" if entity.rows else "idle", "s", cut(f"reference.{entity.name}", LONG_LABEL), state)


def _outcomes(whole: Whole) -> list[tuple[str, str, str, str, float]]:
    """Events that reached no table: look, text look, count, what it is, and a rate for the width."""
    tally = whole.tally
    if not tally.records:
        return []
    per_minute = whole.rate.per_minute if whole.rate else 0.0
    return [
        ("wait", "tw", number(tally.parked), "ditunda, menunggu rujukan", per_minute * tally.parked / tally.records),
        ("bad", "tb", number(tally.dead), "dikembalikan ke OPD", per_minute * tally.dead / tally.records),
    ]


def _threads_in(standings: tuple[Standing, ...], rows: list[float], hub_y: float) -> list[Thread]:
    end = HUB_X - HUB_R
    return [
        Thread(
            _curve(SOURCE_X, y, end, port),
            _width(standing.rate.per_minute if standing.rate else 0.0),
            LOOKS.get(standing.verdict, ("", ""))[0],
        )
        for standing, y, port in zip(standings, rows, _ports(len(rows), hub_y), strict=True)
    ]


def _threads_out(ends: tuple[Label, ...], widths: list[str], hub_y: float) -> list[Thread]:
    start = HUB_X + HUB_R
    return [
        Thread(_curve(start, port, ENTITY_X, end.y), width, end.look)
        for end, width, port in zip(ends, widths, _ports(len(ends), hub_y), strict=True)
    ]


def _ports(count: int, hub_y: float) -> list[float]:
    """Where threads touch the hub: 7 apart, closer when they are many."""
    step = min(7.0, 56.0 / max(1, count))
    return [hub_y + step * (index - (count - 1) / 2) for index in range(count)]


def _curve(x1: float, y1: float, x2: float, y2: float) -> str:
    bend = (x2 - x1) * 0.55
    return f"M{x1:g} {y1:g}C{x1 + bend:g} {y1:g} {x2 - bend:g} {y2:g} {x2:g} {y2:g}"

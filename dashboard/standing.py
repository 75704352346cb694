"""How each document stands: figures and a verdict. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from dashboard.course import Course, Lag, Rate
from dashboard.exchange import DeadLetter, Document, Reading, Round, Tally
from identity.principals import Scope
from schemas.names import EntityName, TopicName

STUCK_S = 15.0  # the oldest event has waited so long and nothing moves
BEHIND_S = 60.0  # the oldest event has waited so long
MANY_DEAD = 0.05  # share of the events that were sent back


class Verdict(StrEnum):
    """How a document stands, the worst first."""

    RESTING = "resting"  # a flood has stopped a partition
    UNKNOWN = "unknown"  # the broker does not tell where its log ends
    STUCK = "stuck"  # events wait and none is settled
    RETURNING = "returning"  # many events are sent back
    BEHIND = "behind"  # the oldest event has waited for long
    BUSY = "busy"  # events wait, and are being settled
    WAITING = "waiting"  # some rows wait for a referenced one
    SILENT = "silent"  # never an event
    SMOOTH = "smooth"


@dataclass(frozen=True, slots=True)
class Standing:
    """One document."""

    document: Document
    tally: Tally
    rate: Rate | None  # None: not yet known
    lag: Lag | None  # None: the broker is away
    rows: int | None
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Entity:
    """One reference table and its topic."""

    name: EntityName
    rows: int | None
    per_minute: float
    unpublished: int  # accepted events that no round has taken yet


@dataclass(frozen=True, slots=True)
class Whole:
    """The exchange at one moment."""

    taken_at: datetime
    standings: tuple[Standing, ...]
    entities: tuple[Entity, ...]
    letters: tuple[DeadLetter, ...]
    round: Round | None
    kafka_away: bool
    speeds: tuple[float, ...]  # events per second, oldest first
    lags: tuple[int, ...]  # unsettled events, oldest first

    @property
    def tally(self) -> Tally:
        return sum((standing.tally for standing in self.standings), Tally())

    @property
    def lag(self) -> Lag | None:
        lags = [standing.lag for standing in self.standings if standing.lag is not None]
        if len(lags) < len(self.standings):
            return None
        return Lag(sum(lag.events for lag in lags), max((lag.seconds for lag in lags), default=0.0))

    @property
    def rate(self) -> Rate | None:
        rates = [standing.rate for standing in self.standings if standing.rate is not None]
        if not rates:
            return None
        return Rate(sum(rate.per_second for rate in rates), sum(rate.per_minute for rate in rates))

    @property
    def rows(self) -> int:
        return sum(entity.rows or 0 for entity in self.entities)

    @property
    def resting(self) -> tuple[Standing, ...]:
        return tuple(standing for standing in self.standings if standing.verdict is Verdict.RESTING)

    @property
    def stuck(self) -> tuple[Standing, ...]:
        return tuple(standing for standing in self.standings if standing.verdict is Verdict.STUCK)


def judge(reading: Reading, course: Course, *, kafka_away: bool) -> Whole:
    """Put a reading and what went before it into one picture."""
    tallies = {document.topic: reading.tally(document.topic) for document in reading.documents}
    standings = tuple(_standing(document, tallies[document.topic], reading, course) for document in reading.documents)
    return Whole(
        taken_at=reading.taken_at,
        standings=standings,
        entities=_entities(standings, reading.unpublished),
        letters=reading.letters,
        round=reading.round,
        kafka_away=kafka_away,
        speeds=tuple(course.speeds()),
        lags=tuple(course.lags()),
    )


def only(whole: Whole, scope: Scope, letters: tuple[DeadLetter, ...]) -> Whole:
    """Of the picture the documents of the OPDs in `scope`, with their letters; the curves are of all and go."""
    standings = tuple(standing for standing in whole.standings if scope.covers(standing.document.opd))
    fed = {standing.document.entity for standing in standings}
    entities = tuple(entity for entity in whole.entities if entity.name in fed)
    return replace(whole, standings=standings, entities=entities, letters=letters, speeds=(), lags=())


def verdict(tally: Tally, rate: Rate | None, lag: Lag | None, *, rests: bool = False) -> Verdict:
    """The first that applies, in the order of Verdict."""
    if rests:
        return Verdict.RESTING
    if lag is None:
        return Verdict.UNKNOWN
    moving = rate is None or rate.per_second > 0
    if lag.events and lag.seconds > STUCK_S and not moving:
        return Verdict.STUCK
    if tally.dead and tally.dead >= MANY_DEAD * tally.records:
        return Verdict.RETURNING
    if lag.events:
        return Verdict.BEHIND if lag.seconds > BEHIND_S else Verdict.BUSY
    if tally.parked:
        return Verdict.WAITING
    return Verdict.SMOOTH if tally.records else Verdict.SILENT


def _standing(document: Document, tally: Tally, reading: Reading, course: Course) -> Standing:
    rate, lag = course.rate(document.topic), course.lag(document.topic)
    judged = verdict(tally, rate, lag, rests=reading.rests(document.topic))
    return Standing(document, tally, rate, lag, reading.rows.get(document.entity), judged)


def _entities(standings: tuple[Standing, ...], unpublished: Mapping[TopicName, int]) -> tuple[Entity, ...]:
    """Each entity once, in the order of the documents that feed it."""
    feeding: dict[EntityName, list[Standing]] = {}
    for standing in standings:
        feeding.setdefault(standing.document.entity, []).append(standing)
    return tuple(
        Entity(
            name,
            sources[0].rows,
            sum(source.rate.per_minute for source in sources if source.rate),
            sum(unpublished.get(source.document.topic, 0) for source in sources),
        )
        for name, sources in feeding.items()
    )

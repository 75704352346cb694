"""Why a record is as it is (promise 5): for each field whose value it is, what lost against it, and what was before.

Pure: out of what the sources said (`hub_db/pasts.py`) and the fold. The same fold at an earlier moment is the record as
it was then, by the contracts of today.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from hub_db.events import Place
from hub_db.golden import Entity, Golden, SourceRow, fold
from hub_db.pasts import HeldEvent, Statement
from hub_db.rulings import Ruling
from schemas.contract import Value
from schemas.names import EventKey, FieldName, TopicName


@dataclass(frozen=True, slots=True)
class Origin:
    """A value, and the event that said it."""

    value: Value
    source: str  # <opd>.<document>
    event: HeldEvent
    ruling: Ruling | None = None  # the steward's decision by which it is this source's value


@dataclass(frozen=True, slots=True)
class Earlier:
    """What a field was from a moment on; `origin` is None where nobody said anything of it."""

    since: datetime
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class FieldWhy:
    """Of one field: the value that holds (None: nobody says anything), those that lost, and its past, newest first.

    The first of `past` is what holds now.
    """

    field: FieldName
    holds: Origin | None
    losers: tuple[Origin, ...]
    past: tuple[Earlier, ...]


@dataclass(frozen=True, slots=True)
class Why:
    """Of one record. `deleted`: it is a tombstone now; `complete_since`: the past is told from this moment on."""

    deleted: bool
    fields: Mapping[FieldName, FieldWhy]
    complete_since: datetime


def why(entity: Entity, statements: Sequence[Statement], rulings: Sequence[Ruling] = ()) -> Why | None:
    """Of the record that the statements and the rulings are about; None when nobody ever made one."""
    moments = _moments(entity, statements, rulings)
    if not moments or moments[-1][1] is None:
        return None
    by_place = {each.row.place: each for each in statements}
    now = moments[-1][1]
    fields = {
        field.name: _field(field.name, now, moments, by_place)
        for field in entity.columns
        if field.name not in entity.key
    }
    return Why(now.deleted, fields, moments[0][0])


def state(
    entity: Entity,
    statements: Iterable[Statement],
    rulings: Sequence[Ruling] = (),
    moment: datetime | None = None,
) -> Golden | None:
    """The record by these statements, one of each row that speaks, and the rulings in force at a moment or now; None
    when nobody had made one."""
    in_force = [each for each in rulings if each.is_in_force(moment)]
    return fold(entity, [each.row for each in statements if _speaks(each)], in_force)


def _speaks(statement: Statement) -> bool:
    """A feed's row that names no record, or another one, says nothing about this one."""
    return not (statement.row.source.feeds and statement.row.deleted)


def _moments(
    entity: Entity, statements: Sequence[Statement], rulings: Sequence[Ruling]
) -> list[tuple[datetime, Golden | None]]:
    """The record after each moment at which one of its events went in, or a steward ruled or took that back, oldest
    first, from the first one on at which all that was said is known."""
    oldest: dict[tuple[TopicName, EventKey], Statement] = {}
    for each in statements:
        known = oldest.get(each.event.row)
        if known is None or each.event.went_in_at <= known.event.went_in_at:
            oldest[each.event.row] = each
    begin = max((each.event.went_in_at for each in oldest.values() if each.event.has_earlier), default=None)
    came: dict[datetime, list[Statement]] = {}
    for each in statements:
        came.setdefault(each.event.went_in_at, []).append(each)
    for ruling in rulings if came else ():
        for at in (ruling.decided_at, ruling.ended_at):
            if at is not None and at >= min(came):
                came.setdefault(at, [])
    held: dict[tuple[TopicName, EventKey], Statement] = {}
    found: list[tuple[datetime, Golden | None]] = []
    for moment in sorted(came):
        # Within one transaction a row's events went in by version.
        for each in sorted(came[moment], key=lambda each: each.event.version):
            held[each.event.row] = each
        if begin is None or moment >= begin:
            found.append((moment, state(entity, held.values(), rulings, moment)))
    return found


def _field(
    name: FieldName,
    now: Golden,
    moments: Sequence[tuple[datetime, Golden | None]],
    by_place: Mapping[Place, Statement],
) -> FieldWhy:
    chosen = now.fields.get(name)
    past: list[Earlier] = []
    for since, golden in moments:
        origin = None if golden is None else _origin(golden, name, by_place)
        if _differs(past[-1].origin if past else None, origin):
            past.append(Earlier(since, origin))
    losers = () if chosen is None else tuple(_said(value, row, by_place) for value, row in chosen.losers)
    return FieldWhy(name, _origin(now, name, by_place), losers, tuple(reversed(past)))


def _differs(one: Origin | None, other: Origin | None) -> bool:
    """Another value, or another source of it, or another decision. The same value said again by the same source is no
    change."""
    if one is None or other is None:
        return one is not other
    return (one.value, one.source, one.ruling) != (other.value, other.source, other.ruling)


def _origin(golden: Golden, name: FieldName, by_place: Mapping[Place, Statement]) -> Origin | None:
    chosen = golden.fields.get(name)
    return None if chosen is None else replace(_said(chosen.value, chosen.row, by_place), ruling=chosen.ruling)


def _said(value: Value, row: SourceRow, by_place: Mapping[Place, Statement]) -> Origin:
    return Origin(value, row.source.name, by_place[row.place].event)

"""A case from its events. Pure: `apply` adds one event, `fold` all of them."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from sop.altering import altered
from sop.case import FRESHNESS, HELD, Attempt, Case, Paper, Spell, Undo
from sop.events import Event, Kind, StageState

# What a click of a person may be taken back from, until somebody acts upon it.
CORRECTABLE: Final = frozenset({Kind.CONFIRMED, Kind.RETURNED, Kind.HELD, Kind.RESUMED, Kind.REWORK})
_FOLLOWS: Final = frozenset(
    {Kind.STARTED, Kind.EVIDENCE, Kind.DUE_SOON, Kind.OVERDUE, Kind.STALE, Kind.RECOVERED, Kind.RETIRED}
)


def begin(event: Event) -> Case:
    """The case that a `case.drafted` makes."""
    stages = event.detail["stages"]
    if not isinstance(stages, int):
        raise TypeError("case.drafted tells no number of stages")
    return Case(
        number=event.case,
        opd=event.opd,
        procedure=int(str(event.detail["procedure"])),
        decree=str(event.detail["decree"]),
        documents=event.documents,
        state=event.case_state,
        version=event.version,
        attempts=MappingProxyType({number: Attempt(number, 1) for number in range(1, stages + 1)}),
        last=(event.kind, event.actor, event.at),
        follows=_text(event.detail.get("follows")),
    )


def fold(events: Iterable[Event]) -> Case | None:
    """The case after these events, which come in their order; None for none."""
    case: Case | None = None
    for event in events:
        case = apply(case, event)
    return case


def apply(case: Case | None, event: Event) -> Case:
    """The case after one more event. A version out of its turn is a ValueError: an event was lost or came twice."""
    if event.version != (0 if case is None else case.version) + 1:
        raise ValueError(f"{event.case}: version {event.version} is out of turn")
    if case is None:
        return begin(event)
    if event.kind is Kind.CORRECTED and event.detail.get("corrects") is not None:
        if case.undo is None:
            raise ValueError(f"{event.case}: nothing to correct before version {event.version}")
        return _noted(case.undo.before, event, None)
    return _noted(_CHANGES[event.kind](case, event), event, _undo(case, event))


def _noted(case: Case, event: Event, undo: Undo | None) -> Case:
    """What every event changes."""
    by_person = event.actor != "system"
    last = (event.kind, event.actor, event.at) if by_person and event.kind is not Kind.STARTED else case.last
    return altered(case, version=event.version, state=event.case_state, last=last, undo=undo)


def _undo(before: Case, event: Event) -> Undo | None:
    """What may be taken back after the event: this act, the one before it, or nothing."""
    if event.kind in CORRECTABLE:
        return Undo(altered(before, undo=None), event.kind, event.version, event.on)
    by_itself = event.kind is Kind.STARTED or event.actor == "system"
    return before.undo if event.kind in _FOLLOWS and by_itself else None


def _submitted(case: Case, event: Event) -> Case:
    return altered(case, submitted_on=event.on)


def _started(case: Case, event: Event) -> Case:
    found = _attempt(case, event)
    started = altered(
        found, state=_state(event), started_at=event.at, entered=event.on, target=event.target, due=event.due,
        limit=event.due,
    )  # fmt: skip
    return _passed(_with(case, started), event, str(event.detail["holder"]))


def _evidence(case: Case, event: Event) -> Case:
    found = _attempt(case, event)
    code = event.detail.get("evidence")
    if code is None:  # completeness is told by itself after a hold
        return _with(case, altered(found, state=_state(event)))
    subject = event.documents[0] if event.documents else ""
    one = frozenset({(str(code), subject)})
    met = found.met | one if event.met else found.met - one
    manual = found.manual | one if event.met and event.manual else found.manual - one
    return _with(case, altered(found, state=_state(event), met=met, manual=manual))


def _confirmed(case: Case, event: Event) -> Case:
    found = _attempt(case, event)
    return _with(case, altered(found, state=_state(event), ended=event.on, ended_by=event.actor))


def _returned(case: Case, event: Event) -> Case:
    """The attempt is closed; from the target up to it, each stage waits for its next round."""
    found, to = _attempt(case, event), event.returned_to
    if to is None:
        raise ValueError("stage.returned without returned_to")
    closed = altered(found, state=_state(event), ended=event.on, ended_by=event.actor)
    over = [*(case.attempts[number] for number in range(to, found.stage)), closed]
    fresh = {each.stage: Attempt(each.stage, each.round + 1) for each in over}
    edge = (found.stage, to)
    return altered(
        case,
        attempts=MappingProxyType({**case.attempts, **fresh}),
        past=(*case.past, *over),
        returns=MappingProxyType({**case.returns, edge: case.returns.get(edge, 0) + 1}),
        outside=(*case.outside, found.stage) if event.detail.get("outside") else case.outside,
    )


def _rework(case: Case, event: Event) -> Case:
    return _passed(case, event, str(event.detail["holder"]))


def _held(case: Case, event: Event) -> Case:
    found = _attempt(case, event)
    until = date.fromisoformat(str(event.detail["until"]))
    held = altered(
        found, state=_state(event), held_from=found.held_from or event.on, held_until=until, due=event.due
    )  # fmt: skip
    return _passed(_with(case, held), event, HELD)


def _resumed(case: Case, event: Event) -> Case:
    found = _attempt(case, event)
    held_days = found.held_days + int(str(event.detail["held_days"]))
    resumed = altered(
        found, state=_state(event), held_from=None, held_until=None, held_days=held_days, due=event.due, limit=event.due
    )
    return _passed(_with(case, resumed), event, case.holder)


def _reminded(case: Case, event: Event) -> Case:
    found = _attempt(case, event)
    return _with(case, altered(found, reminded=found.reminded | {str(event.detail["step"])}))


def _recalculated(case: Case, event: Event) -> Case:
    """A correction of dates: the calendar has changed under an open attempt."""
    found = _attempt(case, event)
    limit = date.fromisoformat(str(event.detail["limit"]))
    return _with(case, altered(found, target=event.target, due=event.due, limit=limit))


def _filed(case: Case, event: Event) -> Case:
    found, slot = _attempt(case, event), str(event.detail["slot"])
    by = str(event.detail.get("by", event.actor))  # of an earlier round's paper: whose it was
    frozen = event.detail.get("frozen")
    version = frozen if isinstance(frozen, int) else None
    paper = Paper(str(event.detail["sha256"]), event.kind is Kind.SIGNED, by, event.at, version)
    papers = MappingProxyType({**found.papers, slot: (*found.papers.get(slot, ()), paper)})
    return _with(case, altered(found, papers=papers))


def _over(case: Case, event: Event) -> Case:
    ended = altered(case, ended_on=event.on, letter=_text(event.detail.get("letter")))
    return altered(ended, spells=_ending(case.spells, event.on))


def _watched(case: Case, event: Event) -> Case:
    watch = str(event.detail.get("watch", FRESHNESS))  # the first of them was not named
    told = frozenset((watch, document) for document in event.documents)
    return altered(case, breaches=case.breaches | told if event.kind is Kind.STALE else case.breaches - told)


def _withdrawn(case: Case, event: Event) -> Case:
    told = frozenset(event.documents)
    left = frozenset(each for each in case.breaches if each[1] not in told)
    return altered(case, withdrawn=case.withdrawn | told, breaches=left)


_CHANGES: Mapping[Kind, Callable[[Case, Event], Case]] = {
    Kind.SUBMITTED: _submitted,
    Kind.STARTED: _started,
    Kind.EVIDENCE: _evidence,
    Kind.CONFIRMED: _confirmed,
    Kind.RETURNED: _returned,
    Kind.REWORK: _rework,
    Kind.HELD: _held,
    Kind.RESUMED: _resumed,
    Kind.DUE_SOON: _reminded,
    Kind.OVERDUE: _reminded,
    Kind.CORRECTED: _recalculated,
    Kind.ATTACHED: _filed,
    Kind.SIGNED: _filed,
    Kind.LIVE: lambda case, _: case,
    Kind.CLOSED: _over,
    Kind.CANCELLED: _over,
    Kind.STALE: _watched,
    Kind.RECOVERED: _watched,
    Kind.RETIRED: _withdrawn,
}


def _attempt(case: Case, event: Event) -> Attempt:
    found = case.attempts[event.stage or 0]
    if found.round != event.round:
        raise ValueError(f"{event.case}: version {event.version} is of round {event.round}, not {found.round}")
    return found


def _text(told: object) -> str | None:
    return None if told is None else str(told)


def _state(event: Event) -> StageState:
    if event.state is None:
        raise ValueError(f"{event.kind} tells no state")
    return event.state


def _with(case: Case, attempt: Attempt) -> Case:
    return altered(case, attempts=MappingProxyType({**case.attempts, attempt.stage: attempt}))


def _passed(case: Case, event: Event, holder: str) -> Case:
    """The ball goes to somebody; who had it before a hold gets it back."""
    kept = case.holder if holder == HELD else holder
    if case.spells and case.spells[-1].until_on is None and case.spells[-1].holder == holder:
        return altered(case, holder=kept)
    spells = (*_ending(case.spells, event.on), Spell(holder, event.on))
    return altered(case, holder=kept, spells=spells)


def _ending(spells: tuple[Spell, ...], on: date) -> tuple[Spell, ...]:
    if not spells or spells[-1].until_on is not None:
        return spells
    return (*spells[:-1], Spell(spells[-1].holder, spells[-1].from_on, on))

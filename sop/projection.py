"""What boards show of a case: rows out of its events, and a case out of its row. Pure.

Nothing in the rows depends on the day on which they are read: days and delays are reckoned when they are shown.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Any, Self

from sop.case import Attempt, Breach, Case, Spell
from sop.events import CaseState, Event, Kind, StageState
from sop.folding import apply

Row = dict[str, Any]
Key = tuple[int, int]  # stage and round
_ENDS = (Kind.CONFIRMED, Kind.RETURNED)


@dataclass(slots=True)
class Sight:
    """A case as far as its events have been read."""

    case: Case | None = None
    days: dict[Key, int | None] = field(default_factory=dict)  # working days that an attempt had used at its end

    @classmethod
    def of(cls, events: Iterable[Event]) -> Self:
        """After these events, which come in their order."""
        sight = cls()
        for event in events:
            sight.see(event)
        return sight

    def see(self, event: Event) -> None:
        """One more event. A ValueError when it is out of its turn."""
        self.case = apply(self.case, event)
        if event.kind in _ENDS and event.stage is not None and event.round is not None:
            self.days[event.stage, event.round] = event.days_used

    @property
    def seen(self) -> Case:
        """The case, of which at least one event was read."""
        if self.case is None:
            raise ValueError("no event of the case was read")
        return self.case

    def standing(self) -> Row:
        """The row of `board.standing`."""
        return standing_row(self.seen)

    def attempts(self) -> dict[Key, Row]:
        """The rows of `board.attempt`: each attempt that was begun."""
        case = self.seen
        begun = [each for each in (*case.past, *case.attempts.values()) if each.entered is not None]
        return {(each.stage, each.round): self._attempt(case, each) for each in begun}

    def _attempt(self, case: Case, attempt: Attempt) -> Row:
        return {
            "case": case.number,
            "stage": attempt.stage,
            "round": attempt.round,
            "opd": case.opd,
            "procedure": case.procedure,
            "state": attempt.state.value,
            "entered": attempt.entered,
            "target": attempt.target,
            "due": attempt.due,
            "ended": attempt.ended,
            "ended_by": attempt.ended_by,
            "days": self.days.get((attempt.stage, attempt.round)) if attempt.ended else None,
            "held_days": attempt.held_days,
            "manual": bool(attempt.manual),
        }


def standing_row(case: Case) -> Row:
    """The row of a case; its values are what JSON and the database know."""
    attempt = case.current
    kind, actor, at = case.last or (None, None, None)
    return {
        "number": case.number,
        "opd": case.opd,
        "documents": list(case.documents),
        "procedure": case.procedure,
        "decree": case.decree,
        "state": case.state.value,
        "version": case.version,
        "stage": attempt and attempt.stage,
        "round": attempt and attempt.round,
        "stage_state": attempt and attempt.state.value,
        "entered": attempt and attempt.entered,
        "target": attempt and attempt.target,
        "due": attempt and attempt.due,
        "held_from": attempt and attempt.held_from,
        "held_until": attempt and attempt.held_until,
        "held_days": attempt.held_days if attempt else 0,
        "met": sorted(map(list, attempt.met)) if attempt else [],
        "holder": case.holder,
        "spells": [[each.holder, each.from_on.isoformat(), _text(each.until_on)] for each in _of_days(case.spells)],
        "returns": [[*edge, count] for edge, count in sorted(case.returns.items())],
        "outside": list(case.outside),
        "breaches": sorted(f"{watch}:{document}" for watch, document in case.breaches),
        "withdrawn": sorted(case.withdrawn),
        "submitted_on": case.submitted_on,
        "ended_on": case.ended_on,
        "last_kind": kind and kind.value,
        "last_actor": actor,
        "last_at": at,
    }


def case_of_row(row: Mapping[str, Any]) -> Case:
    """The case as far as its row tells: without papers, and attempts other than the open one."""
    last = (Kind(row["last_kind"]), row["last_actor"], row["last_at"]) if row["last_kind"] else None
    return Case(
        number=row["number"],
        opd=row["opd"],
        procedure=row["procedure"],
        decree=row["decree"],
        documents=tuple(row["documents"]),
        state=CaseState(row["state"]),
        version=row["version"],
        attempts=MappingProxyType({} if row["stage"] is None else {row["stage"]: _open(row)}),
        holder=row["holder"],
        spells=tuple(Spell(who, date.fromisoformat(since), _date(until)) for who, since, until in row["spells"]),
        submitted_on=row["submitted_on"],
        ended_on=row["ended_on"],
        returns=MappingProxyType({(stage, to): count for stage, to, count in row["returns"]}),
        outside=tuple(row["outside"]),
        breaches=frozenset(map(_breach, row["breaches"])),
        withdrawn=frozenset(row["withdrawn"]),
        last=last,
    )


def _open(row: Mapping[str, Any]) -> Attempt:
    told = {name: row[name] for name in ("entered", "target", "due", "held_from", "held_until", "held_days")}
    met = frozenset((code, subject) for code, subject in row["met"])
    return Attempt(row["stage"], row["round"], StageState(row["stage_state"]), met=met, **told)


def _of_days(spells: Sequence[Spell]) -> Iterator[Spell]:
    """The spells without those that began and ended on one day: by no calendar they come to a day. What one leaves
    between two of one holder is one spell."""
    last: Spell | None = None
    for each in spells:
        if each.until_on == each.from_on:
            continue
        if last is not None and (last.holder, last.until_on) == (each.holder, each.from_on):
            last = replace(last, until_on=each.until_on)
            continue
        if last is not None:
            yield last
        last = each
    if last is not None:
        yield last


def _breach(text: str) -> Breach:
    watch, _, document = text.partition(":")
    return watch, document


def _text(on: date | None) -> str | None:
    return None if on is None else on.isoformat()


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)

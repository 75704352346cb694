"""A case (*permohonan integrasi*) as its events have made it (`sop/folding.py`)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from sop.events import OPEN, CaseState, Kind, StageState

Met = tuple[str, str]  # code of the evidence, and the document it is about; "" where it is about none
HELD: Final = "held"  # nobody has the ball
Breach = tuple[str, str]  # what is watched (`sop/evidence.py`), and the document
FRESHNESS: Final = "freshness"  # what is watched: data come as often as the contract promises


@dataclass(frozen=True, slots=True)
class Paper:
    """One version of the file in a slot. The bytes are kept elsewhere, by their hash."""

    sha256: str
    signed: bool
    by: str
    at: datetime
    frozen: int | None = None  # which version of the paper that waits, or waited, for its signatures


@dataclass(frozen=True)  # without slots: each event makes new ones (`sop/altering.py`)
class Attempt:
    """One attempt at a stage. Dates are local; `due` grows by the working days that the attempt was held."""

    stage: int
    round: int
    state: StageState = StageState.WAITING
    started_at: datetime | None = None
    entered: date | None = None
    target: date | None = None
    due: date | None = None
    limit: date | None = None  # `due` without the hold that lasts
    held_from: date | None = None
    held_until: date | None = None  # the last day for which a hold that lasts stops the clock
    held_days: int = 0  # of holds that are over
    met: frozenset[Met] = frozenset()
    manual: frozenset[Met] = frozenset()
    papers: Mapping[str, tuple[Paper, ...]] = field(default_factory=dict)  # by slot, oldest first
    reminded: frozenset[str] = frozenset()
    ended: date | None = None
    ended_by: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is the case's current one."""
        return self.state in OPEN

    def paper(self, slot: str) -> Paper | None:
        """The version of a slot that counts: the newest."""
        return self.papers[slot][-1] if self.papers.get(slot) else None


@dataclass(frozen=True, slots=True)
class Spell:
    """Who had the ball from a day to a day: `opd`, `kominfo`, or `held`."""

    holder: str
    from_on: date
    until_on: date | None = None


@dataclass(frozen=True, slots=True)
class Undo:
    """The last act that a correction may take back, and the case before it."""

    before: "Case"
    kind: Kind
    version: int
    on: date


@dataclass(frozen=True)
class Case:
    """A case with its current attempt at each stage, and the attempts that are over."""

    number: str
    opd: str
    procedure: int
    decree: str
    documents: tuple[str, ...]
    state: CaseState
    version: int
    attempts: Mapping[int, Attempt]
    past: tuple[Attempt, ...] = ()
    holder: str = ""
    spells: tuple[Spell, ...] = ()
    submitted_on: date | None = None
    ended_on: date | None = None
    returns: Mapping[tuple[int, int], int] = field(default_factory=dict)  # how often each edge was gone
    outside: tuple[int, ...] = ()  # stages from which a return was brought forward
    breaches: frozenset[Breach] = frozenset()  # of what was promised for documents that live
    withdrawn: frozenset[str] = frozenset()  # documents whose source was ended by letter
    letter: str | None = None  # that cancelled it
    last: tuple[Kind, str, datetime] | None = None  # what a person did last
    undo: Undo | None = None
    follows: str | None = None  # the case whose integration this one changes

    @property
    def stale(self) -> frozenset[str]:
        """Documents whose data are not as fresh as was promised."""
        return frozenset(document for watch, document in self.breaches if watch == FRESHNESS)

    @property
    def is_retired(self) -> bool:
        """Whether the integration, not the case, was ended: no document of it lives."""
        return frozenset(self.documents) <= self.withdrawn

    @property
    def current(self) -> Attempt | None:
        """The one open attempt; none before submission and after the end."""
        if self.state in (CaseState.CLOSED, CaseState.CANCELLED):
            return None
        return next((each for each in self.attempts.values() if each.is_open), None)

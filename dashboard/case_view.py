"""One case as its page shows it: the twelve steps, clock, evidence, files and time line, made of its events. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from base.calendar import Calendar
from dashboard.case_wording import Told, by, told
from sop import clock
from sop.case import Attempt, Case
from sop.course import subjects
from sop.events import Event, Kind, StageState
from sop.forecasting import Forecast, forecast
from sop.procedure import Evidence, Procedure, Slot

Durations = Mapping[int, Sequence[int]]
_SOURCES = {"submission": "Permohonan", "slot": "Berkas", "statement": "Pernyataan", "fact": "Sistem"}


@dataclass(frozen=True, slots=True)
class Step:
    """One of the stages on the rope; `look` is done, now or ""."""

    number: int
    label: str
    look: str
    round: int


@dataclass(frozen=True, slots=True)
class Proof:
    """One piece of evidence of the open attempt, about one document or the whole."""

    title: str
    subject: str
    source: str
    way: str  # where it can be looked at, "" for nowhere
    met: bool
    manual: bool
    optional: bool
    at: datetime | None
    by: str


@dataclass(frozen=True, slots=True)
class Filed:
    """The newest version in a slot of an attempt."""

    slot: str
    title: str
    stage: int
    round: int
    version: int  # how many there are
    signed: bool
    frozen: bool  # waits for its signatures
    needs_signature: bool
    by: str
    at: datetime
    sha256: str


@dataclass(frozen=True, slots=True)
class Lacking:
    """An output slot of the open attempt that is empty, or not signed where it must be."""

    slot: str
    title: str
    signed: bool


@dataclass(frozen=True, slots=True)
class Clock:
    """The open attempt's clock and the case's age; days are working days."""

    target: date | None
    due: date | None
    used: int
    left: int | None
    overdue: bool
    limit: int  # working days of the whole limit
    age: int
    at_opd: int
    at_kominfo: int
    held: int
    forecast: Forecast | None  # of the end


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything of one case but who may see or do what."""

    case: Case
    procedure: Procedure
    steps: tuple[Step, ...]
    clock: Clock
    proofs: tuple[Proof, ...]
    files: tuple[Filed, ...]
    lacking: tuple[Lacking, ...]
    line: tuple[Told, ...]  # the newest first
    letter: Mapping[str, str]  # number and date of the request's letter, empty before submission
    drafted_at: datetime

    @property
    def files_now(self) -> tuple[Filed, ...]:
        """Those of the open attempt; of a draft those of the request."""
        return tuple(each for each in self.files if (each.stage, each.round) == self._now)

    @property
    def files_before(self) -> tuple[Filed, ...]:
        """Those of other stages and rounds."""
        return tuple(each for each in self.files if (each.stage, each.round) != self._now)

    @property
    def _now(self) -> tuple[int, int]:
        attempt = self.case.current or (self.case.attempts[1] if self.case.submitted_on is None else None)
        return (attempt.stage, attempt.round) if attempt else (0, 0)

    @property
    def met(self) -> int:
        return sum(each.met for each in self.proofs if not each.optional)

    @property
    def wanted(self) -> int:
        return sum(not each.optional for each in self.proofs)


def whole(
    case: Case,
    events: Sequence[Event],
    procedure: Procedure,
    on: date,
    calendar: Calendar,
    names: Mapping[str, str],
    durations: Durations,
) -> Whole:
    """Put the page of a case together. `names`: people's names by login, agencies' by code; `durations` as `forecast`
    takes them.
    """
    submitted = next((each for each in events if each.kind is Kind.SUBMITTED), None)
    detail = submitted.detail if submitted else {}
    attempt = case.current
    return Whole(
        case=case,
        procedure=procedure,
        steps=tuple(steps(case, procedure)),
        clock=clock_of(case, procedure, on, calendar, durations),
        proofs=() if attempt is None else tuple(proofs(case, attempt, procedure, events, names)),
        files=tuple(files(case, procedure, names)),
        lacking=tuple(lacking(case, procedure)),
        line=tuple(told(each, procedure, names) for each in reversed(events)),
        letter={name: str(detail[name]) for name in ("letter", "dated") if name in detail},
        drafted_at=events[0].at,
    )


def steps(case: Case, procedure: Procedure) -> Iterator[Step]:
    open_at = case.current
    for stage in procedure.stage:
        attempt = case.attempts[stage.number]
        here = open_at is not None and open_at.stage == stage.number
        look = "now" if here else "done" if attempt.state is StageState.DONE else ""
        yield Step(stage.number, stage.label, look, attempt.round)


def clock_of(case: Case, procedure: Procedure, on: date, calendar: Calendar, durations: Durations) -> Clock:
    attempt, days = case.current, clock.days_by_holder(case, on, calendar)
    running = attempt is not None and attempt.entered is not None and attempt.due is not None
    limit = calendar.working_days_between(attempt.entered, attempt.due) if running else 0  # type: ignore[union-attr,arg-type]
    return Clock(
        target=attempt.target if attempt else None,
        due=attempt.due if attempt else None,
        used=clock.days_used(attempt, on, calendar) if attempt else 0,
        left=clock.days_left(attempt, on, calendar) if attempt else None,
        overdue=clock.is_overdue(attempt, on) if attempt else False,
        limit=limit,
        age=clock.age(case, on, calendar),
        at_opd=days["opd"],
        at_kominfo=days["kominfo"],
        held=days["held"],
        forecast=forecast(case, on, calendar, procedure, durations),
    )


def proofs(
    case: Case, attempt: Attempt, procedure: Procedure, events: Iterable[Event], names: Mapping[str, str]
) -> Iterator[Proof]:
    """The evidence that the open attempt wants, with what was told of it last."""
    last: dict[tuple[str, str], Event] = {}
    for event in events:
        if event.kind is Kind.EVIDENCE and (event.stage, event.round) == (attempt.stage, attempt.round):
            subject = event.documents[0] if event.documents else ""
            last[(str(event.detail.get("evidence")), subject)] = event
    for each in procedure.at(attempt.stage).evidence:
        for subject in subjects(each, case):
            one = (each.code, subject)
            found, met = last.get(one), one in attempt.met
            yield Proof(
                title=each.title,
                subject=subject,
                source=_SOURCES[each.source],
                way=_way(each, subject, case),
                met=met,
                manual=one in attempt.manual,
                optional=each.optional,
                at=found.at if found else None,
                by=by(found, names) if found else "",
            )


def files(case: Case, procedure: Procedure, names: Mapping[str, str]) -> Iterator[Filed]:
    """Of each slot of each attempt what counts, the newest attempts first."""
    attempts = sorted((*case.past, *case.attempts.values()), key=lambda each: (each.stage, each.round), reverse=True)
    for attempt in attempts:
        slots = procedure.at(attempt.stage).slots
        for slot, versions in attempt.papers.items():
            newest, known = versions[-1], slots.get(slot)
            yield Filed(
                slot=slot,
                title=known.title if known else slot,
                stage=attempt.stage,
                round=attempt.round,
                version=len(versions),
                signed=newest.signed,
                frozen=newest.frozen is not None and not newest.signed,
                needs_signature=bool(known and known.signed),
                by=names.get(newest.by, newest.by),
                at=newest.at,
                sha256=newest.sha256,
            )


def lacking(case: Case, procedure: Procedure) -> Iterator[Lacking]:
    """What must still be filed before the open stage (of a draft: the first) can go on."""
    draft = case.submitted_on is None
    attempt = case.attempts[1] if draft else case.current
    if attempt is None or case.ended_on is not None:
        return
    stage = procedure.at(attempt.stage)
    for slot in stage.input if draft else stage.output:
        if not _filled(attempt, slot):
            yield Lacking(slot.slot, slot.title, slot.signed)


def _filled(attempt: Attempt, slot: Slot) -> bool:
    paper = attempt.paper(slot.slot)
    return paper is not None and (paper.signed or not slot.signed)


def _way(evidence: Evidence, subject: str, case: Case) -> str:
    """The page on which one sees what the evidence is about."""
    if evidence.source == "slot":
        return "#h-berkas"
    if evidence.source != "fact":
        return ""
    opd, _, document = subject.partition(".")
    kind = evidence.met[0].partition(":")[0].partition(".")[0]
    match kind:
        case "contract":
            return f"/kontrak/rancangan?opd={case.opd}"
        case "source":
            return f"/sumber/{opd}/{document}"
        case "freshness":
            return f"/katalog/{opd}/{document}"
        case "access":
            return "/permohonan-akses"
        case "credential":
            return f"/opd/{case.opd}"
        case _:
            return ""

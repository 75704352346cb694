"""The events of one decision as they come about: each is applied at once, so that the next one sees what it changed."""

from datetime import date
from typing import Any

from sop import clock
from sop.actors import SYSTEM, Actor, Office
from sop.case import Attempt, Case
from sop.errors import Forbidden, Rule
from sop.events import CASE_TITLES, CaseState, Event, Kind, StageState
from sop.folding import apply
from sop.moments import Moment, World
from sop.procedure import Evidence, Procedure, Stage


class Course:
    """A case, who commands and when, and the events so far. Lives for one decision."""

    def __init__(self, case: Case, procedure: Procedure, by: Actor, now: Moment, world: World) -> None:
        self.case, self.procedure, self.by, self.now, self.world = case, procedure, by, now, world
        self.office: Office | None = None  # under which the person acts, once it is known
        self.events: list[Event] = []

    def current(self) -> Attempt:
        """The open attempt. Raises Forbidden when there is none."""
        found = self.case.current
        if found is None:
            title = CASE_TITLES[self.case.state]
            raise Forbidden(Rule.CASE_STATE, f"Permohonan ini {title}; tidak ada tahap yang berjalan.")
        return found

    @property
    def stage(self) -> Stage:
        """The procedure's stage of the open attempt."""
        return self.procedure.at(self.current().stage)

    def say(
        self,
        kind: Kind,
        *,
        attempt: Attempt | None = None,
        state: StageState | None = None,
        case_state: CaseState | None = None,
        system: bool = False,
        **more: Any,
    ) -> None:
        """Add an event; with an attempt it tells the attempt's dates as they stand, unless told otherwise."""
        office = None if system else self.office
        told: dict[str, Any] = {
            "kind": kind,
            "case": self.case.number,
            "opd": self.case.opd,
            "version": self.case.version + 1,
            "case_state": case_state or self.case.state,
            "at": self.now.at,
            "on": self.now.on,
            "actor": SYSTEM.name if system else self.by.name,
            "role": office and office.role,
            "unit": office and office.unit,
            "acting": office and office.acting,
        }
        if attempt is not None:
            told |= self._about(attempt, state, more.get("due", attempt.due))
        event = Event(**{**told, **more})
        self.case = apply(self.case, event)
        self.events.append(event)

    def _about(self, attempt: Attempt, state: StageState | None, due: date | None) -> dict[str, Any]:
        on, calendar = self.now.on, self.world.calendar
        return {
            "stage": attempt.stage,
            "round": attempt.round,
            "expected": attempt.state,
            "state": state or attempt.state,
            "target": attempt.target,
            "due": attempt.due,
            "days_used": clock.days_used(attempt, on, calendar) if due else None,
            "days_left": calendar.working_days_between(on, due) if due else None,
        }

    def start(self, number: int) -> None:
        """Begin the waiting attempt at a stage: its clock is a fresh one."""
        stage, attempt = self.procedure.at(number), self.case.attempts[number]
        dates = clock.dates(stage, self.now.on, self.world.calendar)
        self.say(
            Kind.STARTED,
            attempt=attempt,
            state=StageState.ACTIVE,
            system=True,
            target=dates.target,
            due=dates.due,
            detail={"holder": stage.side.value},
        )

    def note(self, evidence: Evidence, subject: str, *, met: bool, system: bool = True, **more: Any) -> None:
        """Tell that evidence is met or lost, and with it whether the attempt is ready; nothing when that is known."""
        attempt = self.current()
        one = (evidence.code, subject)
        if (one in attempt.met) is met:
            return
        now_met = attempt.met | {one} if met else attempt.met - {one}
        state = attempt.state
        if state is not StageState.HELD:
            state = StageState.READY if self.is_complete(now_met) else StageState.ACTIVE
        detail = {"evidence": evidence.code, **more.pop("detail", {})}
        documents = (subject,) if subject else ()
        told = {"met": met, "documents": documents, "detail": detail, **more}
        self.say(Kind.EVIDENCE, attempt=attempt, state=state, system=system, **told)

    def is_complete(self, met: frozenset[tuple[str, str]]) -> bool:
        """Whether so much evidence makes the current attempt ready."""
        return met.issuperset(self.wanted())

    def wanted(self) -> list[tuple[str, str]]:
        """The evidence that the current attempt must have, as it is kept on the attempt."""
        return [
            (each.code, subject)
            for each in self.stage.evidence
            if not each.optional
            for subject in subjects(each, self.case)
        ]


def subjects(evidence: Evidence, case: Case) -> tuple[str, ...]:
    """What the evidence must be told of: each document of the case, or the case as a whole."""
    return case.documents if evidence.source == "fact" and evidence.per == "document" else ("",)

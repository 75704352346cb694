"""How long integration requests take, what is sent back, and where they wait: per stage and per agency. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from statistics import median

from base.calendar import Calendar
from sop import clock
from sop.case import Case
from sop.events import StageState
from sop.procedure import Procedure


@dataclass(frozen=True, slots=True)
class OfStage:
    """One stage over all cases; days are working days, held ones left out."""

    number: int
    label: str
    done: int  # attempts that were confirmed
    median_days: float | None
    longest: int | None
    late: int  # confirmed after their due date
    returned: int  # attempts that were sent back from here
    waiting: int  # cases that are here now
    overdue: int  # of those


@dataclass(frozen=True, slots=True)
class OfAgency:
    """One agency's cases."""

    opd: str
    cases: int
    running: int
    ended: int
    at_opd: int
    at_kominfo: int
    held: int
    returns: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """Everything for one page."""

    stages: tuple[OfStage, ...]
    agencies: tuple[OfAgency, ...]
    cases: int
    ended: int
    median_age: float | None  # of those that ended


def statistics(found: Iterable[Case], procedure: Procedure, on: date, calendar: Calendar) -> Statistics:
    """Of cases that were submitted; a draft counts for nothing."""
    cases = [case for case in found if case.submitted_on is not None]
    ended = [case for case in cases if case.ended_on is not None]
    ages = [clock.age(case, on, calendar) for case in ended]
    return Statistics(
        stages=tuple(_of_stage(cases, stage.number, stage.label, on, calendar) for stage in procedure.stage),
        agencies=tuple(_of_agency(cases, opd, on, calendar) for opd in sorted({case.opd for case in cases})),
        cases=len(cases),
        ended=len(ended),
        median_age=median(ages) if ages else None,
    )


def _of_stage(cases: list[Case], number: int, label: str, on: date, calendar: Calendar) -> OfStage:
    attempts = [
        each
        for case in cases
        for each in (*case.past, *case.attempts.values())
        if each.stage == number and each.entered is not None
    ]
    done = [each for each in attempts if each.state is StageState.DONE]
    days = [clock.days_used(each, on, calendar) for each in done]
    here = [case.current for case in cases if case.current is not None and case.current.stage == number]
    return OfStage(
        number=number,
        label=label,
        done=len(done),
        median_days=median(days) if days else None,
        longest=max(days, default=None),
        late=sum(clock.is_overdue(each, on) for each in done),
        returned=sum(each.state is StageState.RETURNED for each in attempts),
        waiting=len(here),
        overdue=sum(clock.is_overdue(each, on) for each in here),
    )


def _of_agency(cases: list[Case], opd: str, on: date, calendar: Calendar) -> OfAgency:
    own = [case for case in cases if case.opd == opd]
    days = [clock.days_by_holder(case, on, calendar) for case in own]
    ended = sum(case.ended_on is not None for case in own)
    return OfAgency(
        opd=opd,
        cases=len(own),
        running=len(own) - ended,
        ended=ended,
        at_opd=sum(each["opd"] for each in days),
        at_kominfo=sum(each["kominfo"] for each in days),
        held=sum(each["held"] for each in days),
        returns=sum(sum(case.returns.values()) for case in own),
    )

"""The statistics of cases once more, out of the cases themselves and day by day: a model to compare with."""

from collections.abc import Iterable
from datetime import date
from statistics import median

from base.calendar import Calendar
from dashboard.case_statistics import OfAgency, OfStage, OfYear, Statistics
from sop import clock
from sop.case import Case
from sop.events import StageState
from sop.procedure import Procedure


def model(found: Iterable[Case], procedure: Procedure, on: date, calendar: Calendar) -> Statistics:
    """Of cases that were submitted; a draft counts for nothing."""
    cases = [case for case in found if case.submitted_on is not None]
    whole = _of_year(None, cases, on, calendar)
    years = sorted({case.submitted_on.year for case in cases if case.submitted_on}, reverse=True)
    return Statistics(
        stages=tuple(_of_stage(cases, stage.number, stage.label, on, calendar) for stage in procedure.stage),
        agencies=tuple(_of_agency(cases, opd, on, calendar) for opd in sorted({case.opd for case in cases})),
        years=tuple(
            _of_year(
                year, [each for each in cases if each.submitted_on and each.submitted_on.year == year], on, calendar
            )
            for year in years
        ),
        cases=whole.cases,
        ended=whole.ended,
        median_age=whole.median_age,
    )


def _of_year(year: int | None, cases: list[Case], on: date, calendar: Calendar) -> OfYear:
    ages = [clock.age(case, on, calendar) for case in cases if case.ended_on is not None]
    return OfYear(year, len(cases), len(ages), median(ages) if ages else None)


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

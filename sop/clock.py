"""The clock of a case, from its events and the calendar alone: days used and left, who had the ball, reminders."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from base.calendar import Calendar
from sop.case import HELD, Attempt, Case, Spell
from sop.events import StageState
from sop.procedure import Side, Stage

REMIND_EVERY: Final = 3  # working days, once a stage is late
SUPERIOR_FROM: Final = 3  # working days late from which the superior is told too


@dataclass(frozen=True, slots=True)
class Dates:
    """Target and due of an attempt."""

    target: date
    due: date


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder that falls due on a day; `late` working days after the due date, 0 before it."""

    step: str
    on: date
    late: int = 0


def dates(stage: Stage, entered: date, calendar: Calendar) -> Dates:
    """Target and due of a stage entered on this day, which is day 0."""
    return Dates(stage.target.after(entered, calendar), stage.due.after(entered, calendar))


def days_held(attempt: Attempt, on: date, calendar: Calendar) -> int:
    """Working days for which the attempt was held, up to a day; a hold stops the clock no longer than was said."""
    if attempt.held_from is None or attempt.held_until is None:
        return attempt.held_days
    return attempt.held_days + max(0, calendar.working_days_between(attempt.held_from, min(on, attempt.held_until)))


def longer(limit: date, days: int, calendar: Calendar) -> date:
    """The date moved on by so many working days."""
    return calendar.add_working_days(limit, days) if days else limit


def days_used(attempt: Attempt, on: date, calendar: Calendar) -> int:
    """Working days of an attempt up to a day, without those held."""
    if attempt.entered is None:
        return 0
    return calendar.working_days_between(attempt.entered, attempt.ended or on) - days_held(attempt, on, calendar)


def days_left(attempt: Attempt, on: date, calendar: Calendar) -> int | None:
    """Working days until the due date; negative when it has passed. None for what has not begun."""
    return None if attempt.due is None else calendar.working_days_between(on, attempt.due)


def is_overdue(attempt: Attempt, on: date) -> bool:
    """Whether the due date has passed: computed, never a state. It blocks nothing."""
    return attempt.due is not None and (attempt.ended or on) > attempt.due


def days_by_holder(case: Case, on: date, calendar: Calendar) -> Mapping[str, int]:
    """Working days that the ball was with the OPD, with Kominfo, or held; together they are the case's age."""
    days = {Side.OPD.value: 0, Side.KOMINFO.value: 0, HELD: 0}
    for spell in case.spells:
        days[spell.holder] += _length(spell, on, calendar)
    return days


def age(case: Case, on: date, calendar: Calendar) -> int:
    """Working days since submission, holds included: it never stops before the end."""
    if case.submitted_on is None:
        return 0
    return calendar.working_days_between(case.submitted_on, case.ended_on or on)


def reminders(attempt: Attempt, until: date, calendar: Calendar) -> Iterator[Reminder]:
    """What is to be told up to a day, in order: at half, one working day before, on the due date, then every third
    working day. A step that falls together with a later one is that one. A held attempt is told nothing.
    """
    if attempt.entered is None or attempt.due is None or attempt.state is StageState.HELD or not attempt.is_open:
        return
    days = calendar.working_days_between(attempt.entered, attempt.due)
    before = {"setengah": days // 2, "sehari-sebelum": days - 1, "hari-tenggat": days}
    last_on = {count: step for step, count in before.items() if count >= 1}
    for count, step in sorted(last_on.items()):
        on = calendar.add_working_days(attempt.entered, count)
        if on <= until:
            yield Reminder(step, on)
    late = REMIND_EVERY
    while (on := calendar.add_working_days(attempt.due, late)) <= until:
        yield Reminder(f"terlambat-{late}", on, late)
        late += REMIND_EVERY


def _length(spell: Spell, on: date, calendar: Calendar) -> int:
    return calendar.working_days_between(spell.from_on, max(spell.from_on, spell.until_on or on))

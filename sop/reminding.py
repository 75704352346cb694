"""What the clock makes of a case: reminders as events, each once, and dates reckoned anew when the calendar changes."""

from sop import clock
from sop.commands import Recalendar, Remind
from sop.course import Course
from sop.errors import Forbidden, Rule
from sop.events import CaseState, Kind

_RUNS = (CaseState.RUNNING, CaseState.LIVE)


def remind(course: Course, _: Remind) -> None:
    """The newest reminder that is due and was not told; those before it are told with it, no longer by themselves."""
    _must_be_the_system(course)
    attempt = course.case.current
    if attempt is None or course.case.state not in _RUNS:
        return
    due = list(clock.reminders(attempt, course.now.on, course.world.calendar))
    if not due or due[-1].step in attempt.reminded:
        return
    newest = due[-1]
    course.say(
        Kind.OVERDUE if newest.late else Kind.DUE_SOON,
        attempt=attempt,
        system=True,
        detail={
            "step": newest.step,
            "holder": course.case.holder,
            "superior": newest.late >= clock.SUPERIOR_FROM,
            "late": newest.late,
        },
    )


def reckon_anew(course: Course, command: Recalendar) -> None:
    """Target and due of the open attempt by the calendar as it is now; nothing when they stay."""
    _must_be_the_system(course)
    attempt = course.case.current
    if attempt is None or attempt.entered is None:
        return
    calendar = course.world.calendar
    fresh = clock.dates(course.stage, attempt.entered, calendar)
    limit = clock.longer(fresh.due, attempt.held_days, calendar)
    due = limit
    if attempt.held_from is not None and attempt.held_until is not None:
        due = clock.longer(limit, calendar.working_days_between(attempt.held_from, attempt.held_until), calendar)
    if (fresh.target, due, limit) != (attempt.target, attempt.due, attempt.limit):
        course.say(
            Kind.CORRECTED,
            attempt=attempt,
            system=True,
            target=fresh.target,
            due=due,
            reason=command.reason,
            detail={"limit": limit.isoformat(), "was": attempt.due and attempt.due.isoformat()},
        )


def _must_be_the_system(course: Course) -> None:
    if not course.by.is_system:
        raise Forbidden(Rule.NOT_YOUR_ROLE, "Langkah ini dilakukan oleh sistem.")

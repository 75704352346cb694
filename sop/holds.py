"""The clock stopped and started again, and faults that are handled inside a stage."""

from datetime import timedelta

from sop import clock
from sop.actors import KABID_APTIKA, OFFICERS
from sop.commands import Hold, Resume, Rework
from sop.course import Course
from sop.errors import Forbidden, Rule
from sop.events import CaseState, Kind, StageState
from sop.permission import PARTIES, act_as, as_seen, must_be_in, must_say_why

LONGEST_HOLD = 10  # working days that any officer may hold; more is for the Kabid
LONGEST_DATE = timedelta(days=365)
SHORTEST_NOTE = 10  # characters


def hold(course: Course, command: Hold) -> None:
    """The clock stops, no longer than up to `until`; a hold that lasts may be made longer by the Kabid."""
    must_be_in(course, CaseState.RUNNING, CaseState.HELD)
    attempt = as_seen(course, command.expected)
    if attempt.state not in (StageState.ACTIVE, StageState.HELD):
        raise Forbidden(Rule.STAGE_STATE, "Bukti sudah lengkap: tahap ini ditegaskan atau dikembalikan, tidak ditahan.")
    calendar, held = course.world.calendar, attempt.state is StageState.HELD
    since = attempt.held_from or course.now.on
    act_as(course, {KABID_APTIKA} if held else OFFICERS)
    reason = must_say_why(command.reason)
    if command.until <= course.now.on:
        raise Forbidden(Rule.HOLD_BACKWARDS, "Akhir penahanan sesudah hari ini.")
    if command.until - course.now.on > LONGEST_DATE:
        raise Forbidden(Rule.HOLD_TOO_LONG, "Akhir penahanan paling lama satu tahun lagi.")
    if calendar.working_days_between(since, command.until) > LONGEST_HOLD:
        try:
            act_as(course, {KABID_APTIKA})
        except Forbidden:
            told = f"Penahanan lebih dari {LONGEST_HOLD} hari kerja diputuskan Kepala Bidang Aptika."
            raise Forbidden(Rule.HOLD_TOO_LONG, told) from None
    days = calendar.working_days_between(since, command.until)
    course.say(
        Kind.HELD,
        attempt=attempt,
        state=StageState.HELD,
        case_state=CaseState.HELD,
        reason=reason,
        due=attempt.limit and clock.longer(attempt.limit, days, calendar),
        detail={"until": command.until.isoformat()},
    )


def resume(course: Course, command: Resume) -> None:
    """The clock runs again; the working days held are added to the due date."""
    must_be_in(course, CaseState.HELD)
    attempt = as_seen(course, command.expected)
    act_as(course, OFFICERS)
    calendar = course.world.calendar
    days = clock.days_held(attempt, course.now.on, calendar) - attempt.held_days
    course.say(
        Kind.RESUMED,
        attempt=attempt,
        state=StageState.ACTIVE,
        case_state=CaseState.RUNNING,
        due=attempt.limit and clock.longer(attempt.limit, days, calendar),
        detail={"held_days": days},
    )
    attempt = course.current()
    if course.is_complete(attempt.met):  # it came while the clock stood
        course.say(Kind.EVIDENCE, attempt=attempt, state=StageState.READY, system=True, met=True)


def rework(course: Course, command: Rework) -> None:
    """A *catatan perbaikan*: the stage stays, the clock runs, the ball goes to whoever mends."""
    must_be_in(course, CaseState.RUNNING, CaseState.LIVE)
    attempt = as_seen(course, command.expected)
    act_as(course, PARTIES)
    reason = must_say_why(command.reason, SHORTEST_NOTE)
    course.say(Kind.REWORK, attempt=attempt, reason=reason, detail={"holder": command.holder.value})

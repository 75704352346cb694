"""Corrections: a wrong click is taken back within its working day, by an entry of its own; nothing is deleted."""

from sop.actors import OPERATOR
from sop.commands import Correct
from sop.course import Course
from sop.errors import Forbidden, Rule
from sop.events import Kind
from sop.permission import act_as, must_say_why


def correct(course: Course, command: Correct) -> None:
    """The case is as it was before the click, with one more event."""
    act_as(course, {OPERATOR})
    reason, undo = must_say_why(command.reason), course.case.undo
    if undo is None or undo.version != command.version:
        raise Forbidden(
            Rule.NOTHING_TO_CORRECT, "Yang dapat dikoreksi hanya langkah terakhir, sebelum ditindaklanjuti."
        )
    if course.now.on > course.world.calendar.roll_forward(undo.on):
        raise Forbidden(Rule.CORRECTION_TOO_LATE, "Koreksi hanya pada hari kerja yang sama.")
    before = undo.before.current
    if before is None:
        raise RuntimeError(f"{course.case.number}: {undo.kind} is not followed by an open stage")
    now = course.case.attempts[before.stage]
    if now.round != before.round:  # the click was a return, which closed the attempt
        now = next(each for each in course.case.past if (each.stage, each.round) == (before.stage, before.round))
    course.say(
        Kind.CORRECTED,
        attempt=now,
        state=before.state,
        case_state=undo.before.state,
        reason=reason,
        target=before.target,
        due=before.due,
        detail={"corrects": undo.version, "kind": undo.kind.value},
    )

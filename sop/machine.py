"""The state machine: a case, a command, who and when give events, or a rule that forbids it. Pure: no clock, no I/O."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sop import evidence, holds, moves, reminding, slots, taking_back
from sop.actors import Actor
from sop.case import Case
from sop.commands import (
    Attach,
    Begin,
    Cancel,
    Command,
    Confirm,
    Correct,
    Fact,
    Freeze,
    Hold,
    Recalendar,
    Remind,
    Report,
    Resume,
    Return,
    Reuse,
    Rework,
    Sign,
    State,
    Submit,
)
from sop.course import Course
from sop.errors import Forbidden, Rule
from sop.events import Event
from sop.moments import Moment, World
from sop.procedure import Book

_ACTS: Mapping[type, Callable[[Course, Any], None]] = {
    Submit: moves.submit,
    Confirm: moves.confirm,
    Return: moves.send_back,
    Cancel: moves.cancel,
    Attach: slots.attach,
    Freeze: slots.freeze,
    Sign: slots.sign,
    Reuse: slots.reuse,
    State: evidence.state,
    Report: evidence.report,
    Rework: holds.rework,
    Hold: holds.hold,
    Resume: holds.resume,
    Correct: taking_back.correct,
    Remind: reminding.remind,
    Recalendar: reminding.reckon_anew,
}


def decide(
    case: Case | None,
    command: Command,
    by: Actor,
    now: Moment,
    world: World,
    book: Book,
    known: Sequence[Fact] = (),
) -> tuple[Event, ...]:
    """The events that follow, in order; none where the command says nothing new.

    `known` are the facts that have come about the case, its documents and its OPD, oldest first: a stage that begins
    finds what is so already. Raises Forbidden, and nothing has changed then.
    """
    if isinstance(command, Begin):
        return moves.begin(case, command, by, now, world, book)
    if case is None:
        raise Forbidden(Rule.CASE_STATE, "Permohonan ini belum dibuat.")
    course = Course(case, book.of(case.procedure), by, now, world)
    before = _opened(case)
    _ACTS[type(command)](course, command)
    if _opened(course.case) != before or isinstance(command, Correct):
        evidence.recall(course, known)
    return tuple(course.events)


def _opened(case: Case) -> tuple[int, int] | None:
    attempt = case.current
    return None if attempt is None else (attempt.stage, attempt.round)

"""The moves of the procedure: begun, handed in, confirmed, sent back, cancelled."""

from types import MappingProxyType

from sop import slots
from sop.actors import OPD_ADMIN, Actor
from sop.case import Attempt, Case
from sop.commands import Begin, Cancel, Confirm, Return, Submit
from sop.course import Course
from sop.errors import Forbidden, Rule
from sop.events import CaseState, Event, Kind, StageState
from sop.evidence import missing
from sop.moments import Moment, World
from sop.permission import act_as, as_seen, must_be_in, must_say_why
from sop.procedure import Book

LIVES = frozenset({CaseState.LIVE, CaseState.CLOSED})
NOTICE_FROM = 3  # returns of one edge from which the head of the office is told


def begin(case: Case | None, command: Begin, by: Actor, now: Moment, world: World, book: Book) -> tuple[Event, ...]:
    """A draft of the OPD's own."""
    if case is not None:
        raise Forbidden(Rule.CASE_STATE, "Nomor permohonan ini sudah dipakai.")
    documents = tuple(sorted(set(command.documents)))
    if not documents:
        raise Forbidden(Rule.REQUEST_INCOMPLETE, "Mohon sebutkan paling sedikit satu dokumen pertukaran.")
    strange = [each for each in documents if each.partition(".")[0] != command.opd]
    if strange:
        raise Forbidden(Rule.DOCUMENT_UNKNOWN, f"{strange[0]} bukan dokumen {command.opd}.")
    old = command.follows
    if old is not None and (old.opd != command.opd or old.state not in LIVES or old.is_retired):
        raise Forbidden(Rule.FOLLOWS_NOTHING, f"{old.number} bukan integrasi {command.opd} yang masih aktif.")
    procedure = book.newest
    empty = Case(
        command.number, command.opd, procedure.version, command.decree, documents, CaseState.DRAFT, 0,
        MappingProxyType({}),
    )  # fmt: skip
    office = act_as(Course(empty, procedure, by, now, world), {OPD_ADMIN})
    return (
        Event(
            kind=Kind.DRAFTED,
            case=command.number,
            opd=command.opd,
            version=1,
            case_state=CaseState.DRAFT,
            at=now.at,
            on=now.on,
            actor=by.name,
            role=office.role,
            unit=office.unit,
            acting=office.acting,
            documents=documents,
            detail={
                "procedure": procedure.version,
                "decree": command.decree,
                "stages": procedure.last,
                **({} if old is None else {"follows": old.number}),
            },
        ),
    )


def submit(course: Course, command: Submit) -> None:
    """The request is in, and stage 1 begins."""
    must_be_in(course, CaseState.DRAFT)
    act_as(course, {OPD_ADMIN})
    letter = slots.typed(command.letter)
    if not command.has_contact:
        raise Forbidden(Rule.REQUEST_INCOMPLETE, "Mohon isi narahubung pemohon.")
    first = course.procedure.at(1)
    empty = [each for each in first.input if course.case.attempts[1].paper(each.slot) is None]
    if empty:
        raise Forbidden(Rule.REQUEST_INCOMPLETE, f"Mohon unggah {empty[0].title}.")
    course.say(Kind.SUBMITTED, case_state=CaseState.RUNNING, detail=letter)
    course.start(1)
    for each in first.evidence:
        if each.source == "submission":
            course.note(each, "", met=True)


def confirm(course: Course, command: Confirm) -> None:
    """The stage is done and the next one begins; after the deciding one the integration is live."""
    must_be_in(course, CaseState.RUNNING, CaseState.HELD, CaseState.LIVE)
    attempt, stage = as_seen(course, command.expected), course.stage
    act_as(course, {stage.role})
    if attempt.state is StageState.HELD:
        raise Forbidden(Rule.STAGE_STATE, "Tahap ini ditahan; lanjutkan dahulu sebelum ditegaskan.")
    slots.outputs_must_be_filled(course)
    if stage.two_persons:
        slots.must_be_two_persons(course)
    if command.stand_in is not None:
        _stand_in(course, must_say_why(command.stand_in))
    lacking = missing(course)
    if lacking:
        raise Forbidden(Rule.EVIDENCE_MISSING, f"Bukti belum lengkap: {'; '.join(lacking)}.")
    course.say(Kind.CONFIRMED, attempt=course.current(), state=StageState.DONE)
    _go_on(course, attempt.stage)


def _go_on(course: Course, done: int) -> None:
    procedure = course.procedure
    if done == procedure.last:
        course.say(Kind.CLOSED, case_state=CaseState.CLOSED)
        return
    if done == procedure.deciding:
        course.say(Kind.LIVE, case_state=CaseState.LIVE, documents=course.case.documents)
    course.start(done + 1)


def _stand_in(course: Course, reason: str) -> None:
    """A signed paper of this attempt stands in for facts that are missing; never for a person's word."""
    attempt = course.current()
    if not any(versions[-1].signed for versions in attempt.papers.values()):
        raise Forbidden(Rule.OUTPUT_MISSING, "Penegasan tanpa bukti sistem memerlukan berkas bertanda tangan.")
    codes = course.stage.by_code
    for code, subject in course.wanted():
        if codes[code].source == "fact":
            course.note(codes[code], subject, met=True, system=False, manual=True, reason=reason)


def send_back(course: Course, command: Return) -> None:
    """The attempt is closed as returned, and its target begins anew."""
    must_be_in(course, CaseState.RUNNING, CaseState.HELD)
    attempt = as_seen(course, command.expected)
    outside = _edge(course, attempt, command.to)
    reason = must_say_why(command.reason)
    if attempt.state is StageState.HELD:
        raise Forbidden(Rule.STAGE_STATE, "Tahap ini ditahan; lanjutkan dahulu sebelum dikembalikan.")
    documents = tuple(sorted(set(command.documents)))
    if not documents:
        raise Forbidden(Rule.DOCUMENT_MISSING, "Mohon sebutkan dokumen pertukaran yang bersangkutan.")
    strange = [each for each in documents if each not in course.case.documents]
    if strange:
        raise Forbidden(Rule.DOCUMENT_UNKNOWN, f"{strange[0]} bukan dokumen permohonan ini.")
    count = course.case.returns.get((attempt.stage, command.to), 0) + 1
    course.say(
        Kind.RETURNED,
        attempt=attempt,
        state=StageState.RETURNED,
        returned_to=command.to,
        reason=reason,
        documents=documents,
        detail={"outside": outside, "count": count, "tell_head": count >= NOTICE_FROM},
    )
    course.start(command.to)


def _edge(course: Course, attempt: Attempt, to: int) -> bool:
    """Whether the return is one that the sheet does not draw. Raises Forbidden for none, and for whom it is not."""
    stage, extra = course.stage, course.procedure.outside
    if stage.back_to == to:
        act_as(course, {stage.role})
        return False
    if extra is not None and extra.first <= attempt.stage <= extra.last and to == extra.to:
        act_as(course, {extra.role})
        return True
    back = stage.back_to
    where = "" if back is None else f" Tahap ini dapat dikembalikan ke tahap {back}."
    raise Forbidden(Rule.NO_SUCH_RETURN, f"Tahap {attempt.stage} tidak dikembalikan ke tahap {to}.{where}")


def cancel(course: Course, command: Cancel) -> None:
    """Before the integration is live, the OPD may withdraw by letter."""
    must_be_in(course, CaseState.DRAFT, CaseState.RUNNING, CaseState.HELD)
    act_as(course, {OPD_ADMIN})
    reason, letter = must_say_why(command.reason), slots.typed(command.letter)
    course.say(Kind.CANCELLED, case_state=CaseState.CANCELLED, reason=reason, detail=letter)

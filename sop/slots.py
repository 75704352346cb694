"""Slots of an attempt: files by hash, drafts and signed papers, and who has drafted what."""

from typing import Final

from sop.actors import OFFICERS
from sop.case import Attempt
from sop.commands import Attach, File, Freeze, Letter, Reuse, Seal, Sign
from sop.course import Course
from sop.errors import Forbidden, Rule
from sop.events import CaseState, Json, Kind
from sop.permission import PARTIES, act_as, must_be_in

LARGEST: Final = 20 * 1024 * 1024  # bytes
_OFFICE: Final = "application/vnd.openxmlformats-officedocument."
_OASIS: Final = "application/vnd.oasis.opendocument."
PDF: Final = "application/pdf"
PNG: Final = "image/png"
ODT: Final = f"{_OASIS}text"
ODS: Final = f"{_OASIS}spreadsheet"
DOCX: Final = f"{_OFFICE}wordprocessingml.document"
XLSX: Final = f"{_OFFICE}spreadsheetml.sheet"
CSV: Final = "text/csv"
SQL: Final = "application/sql"
MEDIA: Final = frozenset({PDF, PNG, ODT, ODS, DOCX, XLSX, CSV, SQL})
SIGNED_MEDIA: Final = PDF


def typed(letter: Letter) -> dict[str, Json]:
    """A letter's number and date as an event tells them. Raises Forbidden without a number."""
    if not letter.number.strip():
        raise Forbidden(Rule.LETTER_MISSING, "Mohon isi nomor surat.")
    return {"letter": letter.number.strip(), "dated": letter.dated.isoformat()}


def attach(course: Course, command: Attach) -> None:
    """A draft comes into a slot."""
    attempt = _filing(course, command.slot)
    _must_be_acceptable(command.file)
    _file(course, attempt, Kind.ATTACHED, command.slot, command.file.sha256, {"media": command.file.media})


def freeze(course: Course, command: Freeze) -> None:
    """A paper that waits for its signatures comes into a slot that wants it signed: an officer's act."""
    must_be_in(course, CaseState.RUNNING, CaseState.HELD, CaseState.LIVE)
    act_as(course, OFFICERS)
    attempt = course.current()
    if command.slot not in {each.slot for each in course.stage.output if each.signed}:
        raise Forbidden(Rule.SLOT_UNKNOWN, f"Tahap {attempt.stage} tidak meminta {command.slot} bertanda tangan.")
    _must_be_acceptable(command.file)
    told: dict[str, Json] = {"media": command.file.media, "frozen": command.version, **typed(command.letter)}
    _file(course, attempt, Kind.ATTACHED, command.slot, command.file.sha256, told)


def sign(course: Course, command: Sign) -> None:
    """The signed paper comes into a slot; where the stage wants it signed, it is the one that was frozen last."""
    attempt = _filing(course, command.slot)
    _must_be_acceptable(command.file)
    if command.file.media != SIGNED_MEDIA:
        raise Forbidden(Rule.FILE_REFUSED, "Berkas bertanda tangan berbentuk PDF.")
    if command.seal is None:
        raise Forbidden(Rule.SIGNATURE_MISSING, "Tanda tangan berkas ini belum diperiksa.")
    if course.procedure.at(attempt.stage).slots[command.slot].signed:
        _must_be_frozen_last(attempt, command.slot, command.seal)
    told: dict[str, Json] = {"media": SIGNED_MEDIA, "signatures": command.seal.signatures}
    if command.seal.version is not None:
        told["frozen"] = command.seal.version
    if command.seal.letter is not None:
        told |= typed(command.seal.letter)
    _file(course, attempt, Kind.SIGNED, command.slot, command.file.sha256, told)


def frozen_last(attempt: Attempt, slot: str) -> int | None:
    """The version of the slot's paper that waits, or waited last, for its signatures; None before there was one."""
    found = [each.frozen for each in attempt.papers.get(slot, ()) if each.frozen is not None]
    return found[-1] if found else None


def _must_be_frozen_last(attempt: Attempt, slot: str, seal: Seal) -> None:
    last = frozen_last(attempt, slot)
    if last is None:
        raise Forbidden(Rule.SIGNATURE_MISSING, "Naskah ini belum disiapkan untuk ditandatangani pada tahap ini.")
    if seal.version is None:
        raise Forbidden(Rule.SIGNATURE_MISSING, f"Yang ditandatangani bukan naskah siap tanda tangan versi {last}.")
    if seal.version != last:
        told = f"Yang ditandatangani naskah versi {seal.version}; yang berlaku pada tahap ini versi {last}."
        raise Forbidden(Rule.SIGNATURE_MISSING, told)


def reuse(course: Course, command: Reuse) -> None:
    """The paper of the last attempt counts in this one too, with its versions and whose hands they are of."""
    attempt = _filing(course, command.slot)
    earlier = [each for each in course.case.past if each.stage == attempt.stage]
    papers = earlier[-1].papers.get(command.slot, ()) if earlier else ()
    if not papers:
        raise Forbidden(Rule.OUTPUT_MISSING, "Putaran sebelumnya tidak memiliki berkas ini.")
    for each in papers:
        kind = Kind.SIGNED if each.signed else Kind.ATTACHED
        told: dict[str, Json] = {"of_round": earlier[-1].round, "by": each.by}
        if each.frozen is not None:
            told["frozen"] = each.frozen
        _file(course, course.case.attempts[attempt.stage], kind, command.slot, each.sha256, told)


def outputs_must_be_filled(course: Course) -> None:
    """Raises Forbidden for an output slot that is empty, or holds a draft where a signed paper is due."""
    attempt = course.current()
    for slot in course.stage.output:
        paper = attempt.paper(slot.slot)
        if paper is None:
            raise Forbidden(Rule.OUTPUT_MISSING, f"{slot.title} belum ada.")
        if slot.signed and not paper.signed:
            raise Forbidden(Rule.OUTPUT_MISSING, f"{slot.title} belum ditandatangani.")


def must_be_two_persons(course: Course) -> None:
    """Raises Forbidden where one person has drafted an output, filed it signed, and would confirm it."""
    attempt = course.current()
    for slot in course.stage.output:
        hands = {paper.by for paper in attempt.papers.get(slot.slot, ())}
        if hands == {course.by.name}:
            told = f"{slot.title} disusun oleh Anda sendiri; penegasan memerlukan orang kedua."
            raise Forbidden(Rule.TWO_PERSONS, told)


def _filing(course: Course, slot: str) -> Attempt:
    """The attempt whose slot may be filled by whoever commands."""
    must_be_in(course, CaseState.DRAFT, CaseState.RUNNING, CaseState.HELD, CaseState.LIVE)
    if not course.by.is_system:
        act_as(course, PARTIES)
    draft = course.case.state is CaseState.DRAFT
    attempt = course.case.attempts[1] if draft else course.current()
    stage = course.procedure.at(attempt.stage)
    if slot not in stage.slots:
        raise Forbidden(Rule.SLOT_UNKNOWN, f"Tahap {stage.number} tidak memerlukan berkas {slot}.")
    return attempt


def _must_be_acceptable(file: File) -> None:
    if file.media not in MEDIA:
        raise Forbidden(Rule.FILE_REFUSED, "Berkas yang diterima: PDF, ODT, DOCX, ODS, XLSX, CSV, SQL, PNG.")
    if not 0 < file.size <= LARGEST:
        raise Forbidden(Rule.FILE_REFUSED, "Berkas paling besar 20 MB dan tidak kosong.")


def _file(course: Course, attempt: Attempt, kind: Kind, slot: str, sha256: str, more: dict[str, Json]) -> None:
    course.say(kind, attempt=attempt, detail={"slot": slot, "sha256": sha256, **more})
    if course.case.current is None:
        return  # a draft of the request: nothing is judged yet
    for each in course.stage.evidence:
        if each.slot == slot:
            course.note(each, "", met=kind is Kind.SIGNED or not each.signed)

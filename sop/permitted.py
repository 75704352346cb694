"""What a person may do with a case now: each act is tried on the machine, which alone knows the rules. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from sop.actors import Actor
from sop.asking import FIELDS, Answers, Ask, Field, Verb, command
from sop.case import Attempt, Case
from sop.commands import Begin, Expected, File, Letter, Seal
from sop.errors import Forbidden, Rule
from sop.events import KIND_TITLES, CaseState
from sop.holds import LONGEST_DATE, LONGEST_HOLD
from sop.machine import decide
from sop.moments import Moment
from sop.procedure import Procedure, Side, Stage
from sop.setting import Setting
from sop.slots import SIGNED_MEDIA, frozen_last

# The act of somebody whose turn it is, refused for now: the person reads what is missing.
_TOLD: Final = frozenset(
    {
        Rule.OUTPUT_MISSING,
        Rule.EVIDENCE_MISSING,
        Rule.TWO_PERSONS,
        Rule.REQUEST_INCOMPLETE,
        Rule.STAGE_STATE,
        Rule.DELEGATION_OVER,
    }
)
_EXPECTED: Final = frozenset({Verb.SUBMIT, Verb.CONFIRM})
_ANY_TEXT: Final = "Alasan yang cukup panjang untuk dicoba."
_ANY_FILE: Final = File("0" * 64, SIGNED_MEDIA, 1)
_HOLDERS: Final = {Side.OPD: "OPD", Side.KOMINFO: "Kominfo"}


@dataclass(frozen=True, slots=True)
class Offer:
    """An act that is open, or whose turn it is but which a rule forbids: then `rule` and `sentence` say why.

    `fields` are what is to be typed with it; `documents` may be chosen from, and a hold may last up to `latest`.
    `seen` goes back with the act, so that it changes nothing when somebody else was faster.
    """

    ask: Ask
    title: str
    fields: tuple[Field, ...]
    seen: Expected | None
    documents: tuple[str, ...] = ()
    latest: date | None = None
    rule: Rule | None = None
    sentence: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it would succeed."""
        return self.rule is None


def permitted(case: Case, by: Actor, now: Moment, setting: Setting, *, has_contact: bool) -> list[Offer]:
    """The acts of a person upon a case, in the order in which they are shown.

    An act is open exactly if deciding it, with something proper typed, makes an event.
    """
    found = []
    for ask, title in _candidates(case, setting.book.of(case.procedure)):
        offer = _tried(case, ask, title, by, now, setting, has_contact=has_contact)
        if offer is not None:
            found.append(offer)
    return found


def may_begin(opd: str, by: Actor, now: Moment, setting: Setting) -> bool:
    """Whether the person may open a request of this OPD."""
    try:
        decide(None, Begin("-", opd, "-", (f"{opd}.-",)), by, now, setting.world, setting.book)
    except Forbidden:
        return False
    return True


def seen(case: Case) -> Expected | None:
    """The open attempt, as whoever reads the case sees it."""
    attempt = case.current
    return None if attempt is None else Expected(attempt.stage, attempt.round, attempt.state)


def _tried(
    case: Case, ask: Ask, title: str, by: Actor, now: Moment, setting: Setting, *, has_contact: bool
) -> Offer | None:
    typed = Answers(_ANY_TEXT, Letter("-", now.on), _ANY_FILE, case.documents, now.on + timedelta(1), has_contact)
    if ask.verb is Verb.SIGN:
        attempt = case.current
        typed = replace(typed, seal=Seal(1, None if attempt is None else frozen_last(attempt, ask.about)))
    documents = case.documents if Field.DOCUMENTS in FIELDS[ask.verb] else ()
    offer = Offer(ask, title, FIELDS[ask.verb], seen(case), documents)
    try:
        if not decide(case, command(ask, typed, offer.seen), by, now, setting.world, setting.book):
            return None
    except Forbidden as error:
        told = ask.verb in _EXPECTED and error.rule in _TOLD
        return replace(offer, rule=error.rule, sentence=error.sentence) if told else None
    if ask.verb is Verb.HOLD:
        return replace(offer, latest=_latest(case, ask, typed, by, now, setting))
    return offer


def _latest(case: Case, ask: Ask, typed: Answers, by: Actor, now: Moment, setting: Setting) -> date:
    """The last day up to which this person may hold."""
    longest = now.on + LONGEST_DATE
    try:
        asked = command(ask, replace(typed, until=longest), seen(case))
        decide(case, asked, by, now, setting.world, setting.book)
    except Forbidden:
        return setting.world.calendar.add_working_days(now.on, LONGEST_HOLD + 1) - timedelta(1)
    return longest


def _candidates(case: Case, procedure: Procedure) -> Iterator[tuple[Ask, str]]:
    """Every act that a page could have, whoever asks; the machine says which."""
    if case.state is CaseState.DRAFT:
        yield from _papers(case, procedure.at(1))
        yield Ask(Verb.SUBMIT), "Ajukan permohonan"
    attempt = case.current
    if attempt is not None:
        yield from _of_the_stage(case, procedure, attempt)
    if case.undo is not None:
        yield Ask(Verb.CORRECT, str(case.undo.version)), f"Koreksi langkah terakhir: {KIND_TITLES[case.undo.kind]}"
    yield Ask(Verb.CANCEL), "Batalkan permohonan"


def _of_the_stage(case: Case, procedure: Procedure, attempt: Attempt) -> Iterator[tuple[Ask, str]]:
    stage = procedure.at(attempt.stage)
    where = f"tahap {stage.number} {stage.label}"
    deciding = stage.number == procedure.deciding
    yield Ask(Verb.CONFIRM), f"Ya: tegaskan {where}" if deciding else f"Tegaskan {where}"
    if any(versions[-1].signed for versions in attempt.papers.values()) and _lacks_facts(case, stage, attempt):
        yield Ask(Verb.STAND_IN), f"Tegaskan {where} dengan berkas bertanda tangan sebagai ganti bukti sistem"
    outer = None if procedure.outside is None else procedure.outside.to
    for to in dict.fromkeys((stage.back_to, outer)):
        if to is not None and to < stage.number:
            no = "Tidak: kembalikan" if deciding else "Kembalikan"
            outside = "" if to == stage.back_to else " (di luar alur SOP)"
            yield Ask(Verb.RETURN, str(to)), f"{no} ke tahap {to} {procedure.at(to).label}{outside}"
    for each in stage.evidence:
        if each.source == "statement":
            yield Ask(Verb.STATE, each.code), f"Nyatakan: {each.title}"
            yield Ask(Verb.UNSTATE, each.code), f"Tarik pernyataan: {each.title}"
    yield from _papers(case, stage)
    for side, title in _HOLDERS.items():
        yield Ask(Verb.REWORK, side.value), f"Catatan perbaikan: diteruskan ke {title}"
    yield Ask(Verb.HOLD), "Tahan lebih lama" if attempt.held_from else "Tahan"
    yield Ask(Verb.RESUME), "Lanjutkan"


def _papers(case: Case, stage: Stage) -> Iterator[tuple[Ask, str]]:
    before = [each for each in case.past if each.stage == stage.number][-1:]
    for slot in stage.slots.values():
        bring = (Ask(Verb.SIGN, slot.slot), f"Unggah {slot.title} bertanda tangan")
        is_next = case.current is not None and frozen_last(case.current, slot.slot) is not None
        if is_next:
            yield bring
        if slot.signed:
            yield Ask(Verb.FREEZE, slot.slot), f"Siapkan {slot.title} untuk ditandatangani"
        yield Ask(Verb.ATTACH, slot.slot), f"Unggah {slot.title}"
        if not is_next:
            yield bring
        if before and before[0].papers.get(slot.slot):
            yield Ask(Verb.REUSE, slot.slot), f"Pakai lagi {slot.title} dari putaran {before[0].round}"


def _lacks_facts(case: Case, stage: Stage, attempt: Attempt) -> bool:
    return any(
        (each.code, subject) not in attempt.met
        for each in stage.evidence
        if each.source == "fact" and not each.optional
        for subject in (case.documents if each.per == "document" else ("",))
    )

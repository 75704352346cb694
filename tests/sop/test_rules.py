"""Each rule forbids what it says, by its code, and nothing has changed then."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from sop.actors import SYSTEM, Actor, Office
from sop.case import Case
from sop.commands import (
    Attach,
    Begin,
    Cancel,
    Command,
    Confirm,
    Correct,
    Expected,
    File,
    Freeze,
    Hold,
    Letter,
    Remind,
    Resume,
    Return,
    Reuse,
    Rework,
    Seal,
    Sign,
    State,
    Submit,
)
from sop.errors import Forbidden, Rule
from sop.events import CaseState, Kind, StageState
from sop.machine import _ACTS
from sop.procedure import Side
from tests.sop.town import (
    ADMIN,
    CASE,
    DOCUMENTS,
    KABID,
    LONG_AGO,
    OPD,
    OPERATOR,
    PDF,
    PENGAWAS,
    PROGRAMMER,
    TEKNIS,
    TEKNIS_TOO,
    WALIDATA,
    WHY,
    Walk,
    officer,
    sha,
)

LETTER = Letter("421/7/2026", date(2026, 1, 5))
SCAN = File(sha("scan"), PDF, 1000)


def refused(walk: Walk, command: Command, by: Actor) -> Rule:
    before, count = walk.case, len(walk.events)
    with pytest.raises(Forbidden) as found:
        walk.do(command, by)
    assert (walk.case, len(walk.events)) == (before, count)
    assert found.value.sentence.endswith(".")
    return found.value.rule


def test_every_command_has_its_act() -> None:
    assert set(_ACTS) == set(Command.__args__) - {Begin}


@pytest.mark.parametrize(
    ("command", "by", "rule"),
    [
        (Begin(CASE, OPD, "1", ()), ADMIN, Rule.REQUEST_INCOMPLETE),
        (Begin(CASE, OPD, "1", ("dinkes.faskes",)), ADMIN, Rule.DOCUMENT_UNKNOWN),
        (Begin(CASE, OPD, "1", DOCUMENTS), TEKNIS, Rule.NOT_YOUR_ROLE),
        (Begin(CASE, OPD, "1", DOCUMENTS), officer("x", "opd_admin", "dinkes"), Rule.NOT_YOUR_UNIT),
        (Submit(LETTER, has_contact=True), ADMIN, Rule.CASE_STATE),
    ],
)
def test_a_request_is_the_opds_own_and_about_its_documents(command: Command, by: Actor, rule: Rule) -> None:
    assert refused(Walk(), command, by) is rule


def test_a_request_needs_its_letter_its_contact_and_its_papers() -> None:
    walk = Walk()
    walk.begin()

    assert refused(walk, Submit(LETTER, has_contact=True), ADMIN) is Rule.REQUEST_INCOMPLETE
    for slot in walk.book.newest.at(1).input:
        walk.do(Attach(slot.slot, SCAN), ADMIN)
    assert refused(walk, Submit(LETTER, has_contact=False), ADMIN) is Rule.REQUEST_INCOMPLETE
    assert refused(walk, Submit(replace(LETTER, number=" "), has_contact=True), ADMIN) is Rule.LETTER_MISSING
    assert refused(walk, Begin(CASE, OPD, "1", DOCUMENTS), ADMIN) is Rule.CASE_STATE
    walk.do(Submit(LETTER, has_contact=True), ADMIN)

    assert [event.kind for event in walk.events[-4:]] == [Kind.SUBMITTED, Kind.STARTED, Kind.EVIDENCE, Kind.EVIDENCE]


def test_a_stage_is_not_confirmed_without_its_papers_and_its_evidence() -> None:
    walk = Walk().to(4)

    assert refused(walk, Confirm(walk.seen), TEKNIS) is Rule.OUTPUT_MISSING
    walk.do(Attach("dokumen-rumusan", SCAN), PROGRAMMER)
    assert refused(walk, Confirm(walk.seen), TEKNIS) is Rule.OUTPUT_MISSING  # a draft; stage 4 wants it signed
    walk.sign("dokumen-rumusan", TEKNIS_TOO)
    assert refused(walk, Confirm(walk.seen), TEKNIS) is Rule.EVIDENCE_MISSING
    walk.tell("contract.approved")
    walk.confirm()

    assert walk.attempt.stage == 5


def test_evidence_of_one_document_is_not_that_of_the_other() -> None:
    walk = Walk().to(4)
    walk.file()
    walk.tell("contract.approved")
    walk.now.attempts[4]
    one = Walk().to(4)
    one.file()
    one.facts.clear()

    assert walk.attempt.state is StageState.READY
    assert one.attempt.met == frozenset()
    assert {subject for _, subject in walk.attempt.met} == set(DOCUMENTS)


def test_evidence_that_is_lost_makes_the_stage_active_again() -> None:
    walk = Walk().to(6)
    walk.fulfil()

    walk.tell("sandbox.failed")
    assert refused(walk, Confirm(walk.seen), TEKNIS) is Rule.EVIDENCE_MISSING
    walk.show()

    moves = [(event.expected, event.state) for event in walk.events if event.expected is not event.state]
    active, ready = StageState.ACTIVE, StageState.READY
    assert moves[-3:] == [(active, ready), (ready, active), (active, ready)]


def test_a_signed_paper_stands_in_for_facts_with_a_reason_and_is_shown_so() -> None:
    walk = Walk().to(5)
    walk.file()

    assert refused(walk, Confirm(walk.seen), TEKNIS) is Rule.EVIDENCE_MISSING
    assert refused(walk, Confirm(walk.seen, stand_in="ya"), TEKNIS) is Rule.REASON_TOO_SHORT
    assert refused(walk, Confirm(walk.seen, stand_in=WHY), TEKNIS) is Rule.OUTPUT_MISSING
    assert refused(walk, Sign("program-api", SCAN), TEKNIS) is Rule.SIGNATURE_MISSING
    walk.do(Sign("program-api", SCAN, Seal(1)), TEKNIS)
    told = walk.do(Confirm(walk.seen, stand_in=WHY), TEKNIS)

    by_hand = [event for event in told if event.manual]
    assert {(event.kind, event.reason, event.actor) for event in by_hand} == {(Kind.EVIDENCE, WHY, "bagus")}
    assert by_hand[-1].state is StageState.READY  # a confirmation by hand goes through `ready` too
    assert walk.attempt.stage == 6


def test_nobody_speaks_for_the_opd() -> None:
    walk = Walk().to(3)
    walk.file()

    for person in (TEKNIS, KABID, PENGAWAS, officer("x", "opd_admin", "dinkes")):
        assert refused(walk, State("sepakat-opd", yes=True), person) in (Rule.NOT_YOUR_ROLE, Rule.NOT_YOUR_UNIT)
    walk.do(Sign("dokumen-integrasi", SCAN, Seal(1)), TEKNIS)
    walk.do(State("kolom-dipetakan", yes=True), TEKNIS)
    walk.do(State("sepakat-kominfo", yes=True), TEKNIS)
    # a stand-in takes the place of facts, never of the OPD's word
    assert refused(walk, Confirm(walk.seen, stand_in=WHY), TEKNIS) is Rule.EVIDENCE_MISSING


@pytest.mark.parametrize("stage", [4, 9, 12])
def test_who_drafted_a_paper_does_not_confirm_it_alone(stage: int) -> None:
    confirmer = KABID if stage == 12 else TEKNIS
    walk = Walk().to(stage)
    walk.show()
    walk.file(by=confirmer, signer=confirmer)
    assert refused(walk, Confirm(walk.seen), confirmer) is Rule.TWO_PERSONS

    walk.file(by=confirmer, signer=PENGAWAS)
    walk.confirm()

    assert walk.now.attempts[stage].state is StageState.DONE


@pytest.mark.parametrize(
    ("office", "rule"),
    [
        (Office("kabid_aptika", WALIDATA, LONG_AGO, date(2026, 1, 5), "Plh.", "800/1"), None),
        (Office("kabid_aptika", WALIDATA, LONG_AGO, date(2026, 1, 4), "Plh.", "800/1"), Rule.DELEGATION_OVER),
        (Office("kabid_aptika", WALIDATA, date(2026, 1, 6), None, "Plt.", "800/1"), Rule.DELEGATION_OVER),
        (Office("kabid_aptika", "dinkes", LONG_AGO), Rule.NOT_YOUR_UNIT),
    ],
)
def test_a_delegate_acts_from_the_first_to_the_last_day_of_the_letter(office: Office, rule: Rule | None) -> None:
    walk, delegate = Walk(), Actor("plh", (office,))
    walk.submit()
    walk.fulfil()

    if rule is not None:
        assert refused(walk, Confirm(walk.seen), delegate) is rule
        return
    told = walk.confirm(delegate)
    assert [(event.acting, event.role) for event in told if event.kind is Kind.CONFIRMED] == [("Plh.", "kabid_aptika")]


def test_a_second_officer_is_told_what_the_first_has_done() -> None:
    walk = Walk().to(4)
    walk.fulfil()
    seen = walk.seen
    walk.confirm(TEKNIS)

    with pytest.raises(Forbidden, match=r"selesai: tahap ditegaskan oleh bagus pada 5 Januari 2026 pukul") as found:
        walk.do(Confirm(seen), TEKNIS_TOO)
    assert found.value.rule is Rule.MOVED_ON


def test_a_return_says_why_and_names_documents_of_the_case() -> None:
    walk = Walk().to(3)

    assert refused(walk, Return(walk.seen, 2, "pendek", DOCUMENTS), TEKNIS) is Rule.REASON_TOO_SHORT
    assert refused(walk, Return(walk.seen, 2, WHY, ()), TEKNIS) is Rule.DOCUMENT_MISSING
    assert refused(walk, Return(walk.seen, 2, WHY, ("disdik.lain",)), TEKNIS) is Rule.DOCUMENT_UNKNOWN
    assert refused(walk, Return(walk.seen, 2, WHY, DOCUMENTS), KABID) is Rule.NOT_YOUR_ROLE
    assert refused(walk, Return(Expected(4, 1, StageState.ACTIVE), 3, WHY, DOCUMENTS), KABID) is Rule.MOVED_ON


def test_the_third_return_of_one_edge_is_told_to_the_head() -> None:
    walk = Walk()
    told = []
    for _ in range(3):
        walk.to(3)
        told.append(walk.send_back(2, TEKNIS)[0].detail)
        walk.fulfil()
        walk.confirm()

    assert [(each["count"], each["tell_head"]) for each in told] == [(1, False), (2, False), (3, True)]


def test_what_is_still_valid_is_found_at_once_in_a_new_round_but_confirmed_anew() -> None:
    walk = Walk().to(11)
    walk.send_back(3, KABID)
    assert {code for code, _ in walk.attempt.met} == {"kontrak-dirancang"}  # a fact; the word is given anew
    walk.fulfil()
    walk.confirm()

    assert walk.attempt.stage == 4
    assert refused(walk, Reuse("unit-tes"), TEKNIS) is Rule.SLOT_UNKNOWN
    walk.do(Reuse("dokumen-rumusan"), TEKNIS)
    walk.confirm(TEKNIS)
    assert (walk.attempt.stage, walk.attempt.round) == (5, 2)
    walk.do(Reuse("program-api"), TEKNIS)
    walk.confirm()
    assert {code for code, _ in walk.attempt.met} == {"uji-pertama"}  # the test runs are those of the first round


def test_files_are_of_the_agreed_kinds_and_sizes_and_go_into_slots_of_the_stage() -> None:
    walk = Walk().to(2)
    slot = "struktur-database"

    assert refused(walk, Attach("disposisi", SCAN), ADMIN) is Rule.SLOT_UNKNOWN
    assert refused(walk, Attach(slot, replace(SCAN, media="application/zip")), ADMIN) is Rule.FILE_REFUSED
    assert refused(walk, Attach(slot, replace(SCAN, size=20 * 1024 * 1024 + 1)), ADMIN) is Rule.FILE_REFUSED
    assert refused(walk, Sign(slot, replace(SCAN, media="image/png"), Seal(1)), ADMIN) is Rule.FILE_REFUSED
    assert refused(walk, Attach(slot, SCAN), OPERATOR) is Rule.NOT_YOUR_ROLE
    walk.do(Attach(slot, SCAN), ADMIN)
    walk.do(Attach(slot, replace(SCAN, sha256=sha("baru"))), ADMIN)

    assert [paper.sha256 for paper in walk.attempt.papers[slot]] == [SCAN.sha256, sha("baru")]  # superseded, kept


def test_a_paper_is_signed_as_it_was_frozen_last() -> None:
    walk, slot = Walk().to(12), "laporan-integrasi"
    blank = Freeze(slot, SCAN, replace(LETTER, number=" "), 1)

    assert refused(walk, Sign(slot, SCAN, Seal(1)), TEKNIS) is Rule.SIGNATURE_MISSING
    assert refused(walk, Sign(slot, SCAN, Seal(1, 1, LETTER)), TEKNIS) is Rule.SIGNATURE_MISSING
    assert refused(walk, blank, TEKNIS) is Rule.LETTER_MISSING
    for version in (1, 2):
        walk.do(Freeze(slot, SCAN, LETTER, version), TEKNIS)
    assert refused(walk, Sign(slot, SCAN, Seal(1)), TEKNIS) is Rule.SIGNATURE_MISSING
    assert refused(walk, Sign(slot, SCAN, Seal(1, 1, LETTER)), TEKNIS) is Rule.SIGNATURE_MISSING
    (told,) = walk.do(Sign(slot, SCAN, Seal(2, 2, LETTER)), TEKNIS)[:1]

    paper = walk.attempt.paper(slot)
    assert paper is not None
    assert (paper.signed, paper.frozen) == (True, 2)
    assert told.detail["letter"] == LETTER.number
    assert told.detail["signatures"] == 2


def test_only_officers_make_papers_ready_and_only_those_that_are_signed() -> None:
    walk = Walk().to(9)

    for person in (ADMIN, PROGRAMMER, OPERATOR):
        assert refused(walk, Freeze("laporan-validasi", SCAN, LETTER, 1), person) is Rule.NOT_YOUR_ROLE
    assert refused(walk, Freeze("validasi", SCAN, LETTER, 1), TEKNIS) is Rule.SLOT_UNKNOWN
    assert refused(Walk().to(5), Freeze("program-api", SCAN, LETTER, 1), TEKNIS) is Rule.SLOT_UNKNOWN
    assert walk.do(Freeze("laporan-validasi", SCAN, LETTER, 1), PENGAWAS)[0].kind is Kind.ATTACHED


def test_a_longer_hold_and_a_hold_made_longer_are_for_the_kabid() -> None:
    walk = Walk().to(5)
    eleven = walk.calendar.add_working_days(walk.day, 11)

    assert refused(walk, Hold(walk.seen, eleven, WHY), TEKNIS) is Rule.HOLD_TOO_LONG
    assert refused(walk, Hold(walk.seen, walk.day, WHY), TEKNIS) is Rule.HOLD_BACKWARDS
    assert refused(walk, Hold(walk.seen, walk.day + timedelta(days=800), WHY), KABID) is Rule.HOLD_TOO_LONG
    assert refused(walk, Hold(walk.seen, eleven, "sebentar"), KABID) is Rule.REASON_TOO_SHORT
    assert refused(walk, Hold(walk.seen, eleven, WHY), ADMIN) is Rule.NOT_YOUR_ROLE
    walk.hold(10)
    assert (walk.now.state, walk.attempt.state) == (CaseState.HELD, StageState.HELD)
    assert refused(walk, Hold(walk.seen, eleven, WHY), TEKNIS) is Rule.NOT_YOUR_ROLE
    assert refused(walk, Confirm(walk.seen), TEKNIS) is Rule.STAGE_STATE
    assert refused(walk, Return(walk.seen, 3, WHY, DOCUMENTS), KABID) is Rule.STAGE_STATE
    walk.do(Hold(walk.seen, eleven, WHY), KABID)
    assert walk.attempt.held_until == eleven
    assert refused(walk, Resume(walk.seen), ADMIN) is Rule.NOT_YOUR_ROLE
    walk.resume()

    assert (walk.now.state, walk.attempt.state) == (CaseState.RUNNING, StageState.ACTIVE)


def test_what_comes_while_the_clock_stands_makes_the_stage_ready_when_it_runs_again() -> None:
    walk = Walk().to(5)
    walk.hold(3)
    walk.show()
    assert walk.attempt.state is StageState.HELD
    told = walk.resume()

    assert [(event.expected, event.state) for event in told] == [
        (StageState.HELD, StageState.ACTIVE),
        (StageState.ACTIVE, StageState.READY),
    ]
    assert refused(walk, Hold(walk.seen, walk.day + timedelta(days=1), WHY), TEKNIS) is Rule.STAGE_STATE


def test_a_fault_inside_a_stage_passes_the_ball_and_leaves_the_stage() -> None:
    walk = Walk().to(8)
    assert walk.now.holder == "opd"

    assert refused(walk, Rework(walk.seen, Side.KOMINFO, "x"), ADMIN) is Rule.REASON_TOO_SHORT
    walk.rework(Side.KOMINFO, ADMIN)

    assert (walk.now.holder, walk.attempt.stage, walk.attempt.state) == ("kominfo", 8, StageState.ACTIVE)


Wrong = Callable[[Walk], object]


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param(lambda walk: walk.confirm(), id="confirmed"),
        pytest.param(lambda walk: walk.send_back(3, KABID), id="returned"),
        pytest.param(lambda walk: (walk.tell("sandbox.failed"), walk.hold(2)), id="held"),
        pytest.param(lambda walk: (walk.tell("sandbox.failed"), walk.hold(2), walk.resume()), id="resumed"),
        pytest.param(lambda walk: walk.rework(Side.OPD), id="rework"),
    ],
)
def test_a_wrong_click_is_taken_back_on_its_day_and_everything_stays_told(wrong: Wrong) -> None:
    walk = Walk().to(6)
    walk.fulfil()
    walk.day += timedelta(days=1)
    wrong(walk)
    undo, count = walk.now.undo, len(walk.events)
    assert undo is not None

    assert refused(walk, Correct(undo.version, WHY), KABID) is Rule.NOT_YOUR_ROLE
    assert refused(walk, Correct(undo.version - 1, WHY), OPERATOR) is Rule.NOTHING_TO_CORRECT
    assert refused(walk, Correct(undo.version, "salah"), OPERATOR) is Rule.REASON_TOO_SHORT
    late = replace(walk, day=walk.day + timedelta(days=1), events=list(walk.events))
    assert refused(late, Correct(undo.version, WHY), OPERATOR) is Rule.CORRECTION_TOO_LATE
    (told,) = walk.do(Correct(undo.version, WHY), OPERATOR)

    assert replace(walk.now, version=0, last=None, undo=None) == replace(undo.before, version=0, last=None, undo=None)
    assert (len(walk.events), told.detail["corrects"]) == (count + 1, undo.version)
    assert refused(walk, Correct(undo.version, WHY), OPERATOR) is Rule.NOTHING_TO_CORRECT


def test_what_was_acted_upon_is_not_corrected() -> None:
    walk = Walk().to(5)
    version = walk.now.undo.version if walk.now.undo else 0
    walk.do(Attach("program-api", SCAN), TEKNIS)

    assert refused(walk, Correct(version, WHY), OPERATOR) is Rule.NOTHING_TO_CORRECT


def test_the_decision_to_go_live_is_not_a_click_that_can_be_taken_back() -> None:
    walk = Walk().to(12)

    assert walk.now.undo is None
    assert refused(walk, Cancel(LETTER, WHY), ADMIN) is Rule.CASE_STATE
    assert refused(walk, Hold(walk.seen, walk.day + timedelta(days=1), WHY), KABID) is Rule.CASE_STATE


def test_the_opd_may_withdraw_by_letter_before_it_is_live() -> None:
    walk = Walk().to(5)
    walk.hold(3)

    assert refused(walk, Cancel(LETTER, WHY), KABID) is Rule.NOT_YOUR_ROLE
    walk.do(Cancel(LETTER, WHY), ADMIN)

    assert (walk.now.state, walk.now.current, walk.now.letter) == (CaseState.CANCELLED, None, "421/7/2026")
    assert refused(walk, Resume(Expected(5, 1, StageState.HELD)), TEKNIS) is Rule.CASE_STATE
    assert walk.do(Remind(), SYSTEM) == ()


def test_an_integration_that_lives_is_watched_and_ends_by_document() -> None:
    walk = Walk().to(12)
    walk.fulfil()
    walk.confirm()
    assert walk.now.state is CaseState.CLOSED

    walk.tell("freshness.broken")
    assert walk.now.stale == set(DOCUMENTS)
    walk.tell("freshness.kept")
    walk.tell("freshness.kept")
    walk.tell("source.state-changed:ditarik")

    kinds = [event.kind for event in walk.events if event.kind.value.startswith("integration")]
    assert kinds == [Kind.STALE] * 2 + [Kind.RECOVERED] * 2 + [Kind.RETIRED] * 2
    assert walk.now.is_retired
    assert walk.now.state is CaseState.CLOSED  # said of the integration, not of the case


def test_a_statement_is_one_that_the_stage_asks_for() -> None:
    walk = Walk().to(11)

    assert refused(walk, State("sepakat-opd", yes=True), ADMIN) is Rule.STATEMENT_UNKNOWN
    assert refused(walk, State("pernyataan-opd", yes=False), ADMIN) is Rule.REASON_TOO_SHORT
    walk.show()
    walk.do(State("pernyataan-opd", yes=False, reason=WHY), ADMIN)

    assert walk.attempt.state is StageState.ACTIVE


def test_a_case_may_follow_one_of_its_own_opd_that_lives() -> None:
    live = Walk().to(12).now
    running, foreign = Walk().to(5).now, replace(live, opd="dinkes")
    gone = replace(live, withdrawn=frozenset(live.documents))

    def begin(old: Case) -> Begin:
        return Begin("PI-2026-0002", OPD, "-", DOCUMENTS, old)

    for old in (running, foreign, gone):
        assert refused(Walk(), begin(old), ADMIN) is Rule.FOLLOWS_NOTHING
    walk = Walk()
    walk.do(begin(live), ADMIN)

    assert walk.now.follows == live.number
    assert Walk().to(2).now.follows is None

"""Whatever anybody commands, in any order: no state outside the table, no event lost, and a replay gives the same."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from sop import clock
from sop.actors import SYSTEM, Actor
from sop.case import Case
from sop.commands import (
    Attach,
    Begin,
    Cancel,
    Command,
    Confirm,
    Correct,
    Expected,
    Fact,
    File,
    Freeze,
    Hold,
    Letter,
    Recalendar,
    Remind,
    Report,
    Resume,
    Return,
    Reuse,
    Rework,
    Seal,
    Sign,
    State,
    Submit,
)
from sop.errors import Forbidden
from sop.events import CaseState, Event, Kind, StageState
from sop.evidence import FRESH, NOT_FRESH, WITHDRAWN
from sop.folding import apply, fold
from sop.procedure import Side, book
from tests.sop.town import CASE, DOCUMENTS, EVERYBODY, OPD, PDF, WALIDATA, WHY, Walk, sha

W, A, H, R, D, B = (
    StageState.WAITING,
    StageState.ACTIVE,
    StageState.HELD,
    StageState.READY,
    StageState.DONE,
    StageState.RETURNED,
)
# DOMAIN.md, section 2: waiting → active ⇄ held, active ⇄ ready, ready → done, active | ready → returned.
MOVES = {
    Kind.STARTED: {(W, A)},
    Kind.HELD: {(A, H), (H, H)},
    Kind.RESUMED: {(H, A)},
    Kind.EVIDENCE: {(A, A), (A, R), (R, A), (R, R), (H, H)},
    Kind.CONFIRMED: {(R, D)},
    Kind.RETURNED: {(A, B), (R, B)},
    Kind.CORRECTED: {(D, R), (B, A), (B, R), (H, A), (A, H), (R, H), (H, H), (A, A), (R, R)},
    Kind.REWORK: {(A, A), (R, R)},
    Kind.DUE_SOON: {(A, A), (R, R)},
    Kind.OVERDUE: {(A, A), (R, R)},
    Kind.ATTACHED: {(W, W), (A, A), (R, R), (H, H)},
    Kind.SIGNED: {(W, W), (A, A), (R, R), (H, H)},
}
CASES = {
    (CaseState.DRAFT, CaseState.RUNNING),
    (CaseState.RUNNING, CaseState.HELD),
    (CaseState.HELD, CaseState.RUNNING),
    (CaseState.RUNNING, CaseState.LIVE),
    (CaseState.LIVE, CaseState.CLOSED),
    *((before, CaseState.CANCELLED) for before in (CaseState.DRAFT, CaseState.RUNNING, CaseState.HELD)),
}
RETURNS = {(3, 2), (11, 3), *((stage, 3) for stage in range(4, 11))}
# Who confirms, by stage: role, and whether it is the OPD's.
CONFIRMS = dict.fromkeys((3, 4, 5, 6, 9), "tim_teknis") | dict.fromkeys((1, 11, 12), "kabid_aptika")
CONFIRMS |= dict.fromkeys((7, 10), "pejabat_pengawas") | dict.fromkeys((2, 8), "opd_admin")
LABELS = sorted(
    {label for stage in book().newest.stage for each in stage.evidence for label in (*each.met, *each.lost)}
)
CODES = sorted({each.code for stage in book().newest.stage for each in stage.evidence if each.source == "statement"})
SLOTS = sorted({slot for stage in book().newest.stage for slot in stage.slots})
# Who is not refused for the role, mostly.
MOSTLY: dict[type, tuple[str, ...]] = {
    **dict.fromkeys((Begin, Submit, Cancel), ("wati",)),
    **dict.fromkeys((Attach, Sign, Reuse), ("wati", "bagus", "sri")),
    **dict.fromkeys((State, Confirm), ("wati", "bagus", "agus", "sri", "plh")),
    **dict.fromkeys((Hold, Resume, Return), ("bagus", "sri", "sri")),
    **dict.fromkeys((Report, Remind, Recalendar), ("system",)),
    Rework: ("joko", "bagus"),
    Freeze: ("bagus", "sri"),
    Correct: ("tono",),
}
LAST_DAY = date(2027, 6, 1)


@cache
def started(stage: int) -> Walk:
    """A case at a stage, after a way that was checked; at 0 nothing is begun."""
    walk = Walk()
    if stage:
        walk.to(stage)
    AnyCourse().check(None, walk.events)
    return walk


class AnyCourse(RuleBasedStateMachine):
    """One case, everybody's commands, facts of any kind, and days that pass."""

    walk: Walk
    seen: ClassVar[set[Kind]] = set()  # over all runs, so that a run which reaches nothing fails

    @initialize(head_start=st.integers(0, 12))
    def begin(self, head_start: int) -> None:
        told = started(head_start)
        self.walk = replace(told, events=list(told.events), facts=list(told.facts))

    @rule(person=st.sampled_from((*EVERYBODY, SYSTEM)), which=st.integers(0, 16), pick=st.integers(0, 9999))
    def anybody_commands(self, person: Actor, which: int, pick: int) -> None:
        self.do(self.command(which, pick), person)

    @rule(which=st.integers(0, 16), pick=st.integers(0, 9999))
    def somebody_commands_who_mostly_may(self, which: int, pick: int) -> None:
        self.mostly(which, pick)

    def mostly(self, which: int, pick: int) -> None:
        command = self.command(which, pick)
        names = MOSTLY[type(command)]
        self.do(command, next(each for each in (*EVERYBODY, SYSTEM) if each.name == names[pick % len(names)]))

    @rule(which=st.sampled_from((6, 7, 7, 10, 11, 12)), pick=st.integers(0, 9999))
    def an_officer_moves_the_case(self, which: int, pick: int) -> None:
        self.mostly(which, pick)

    @rule(pick=st.integers(0, 9999))
    def a_fact_comes(self, pick: int) -> None:
        subject = (*DOCUMENTS, f"{OPD}.dapodik", CASE, "dinkes.faskes")[pick % 5]
        label = LABELS[pick // 5 % len(LABELS)]
        self.do(Report(Fact(label, subject, self.walk.moment.at, f"f-{len(self.walk.events)}-{pick}")), SYSTEM)

    @precondition(
        lambda self: self.walk.case is not None and self.walk.case.state in (CaseState.LIVE, CaseState.CLOSED)
    )
    @rule(label=st.sampled_from((FRESH, NOT_FRESH, NOT_FRESH, WITHDRAWN)), which=st.booleans())
    def an_integration_is_watched(self, label: str, which: bool) -> None:  # noqa: FBT001
        self.do(Report(Fact(label, DOCUMENTS[which], self.walk.moment.at, f"w-{len(self.walk.events)}")), SYSTEM)

    @precondition(lambda self: self.walk.case is not None and self.walk.case.current is not None)
    @rule(confirm=st.booleans())
    def the_proper_thing_is_done(self, confirm: bool) -> None:  # noqa: FBT001
        before, count = self.walk.case, len(self.walk.events)
        try:
            self.walk.fulfil()
            if confirm and self.walk.attempt.state is StageState.READY:
                self.walk.confirm()
        except Forbidden:
            assert self.walk.now.state in (CaseState.DRAFT, CaseState.HELD)
        self.check(before, self.walk.events[count:])

    @rule(days=st.integers(1, 20))
    def days_pass(self, days: int) -> None:
        self.walk.day = min(self.walk.day + timedelta(days=days), LAST_DAY)
        self.do(Remind(), SYSTEM)

    def command(self, which: int, pick: int) -> Command:
        """Something to ask: often as the case is seen, sometimes as it is not."""
        case, day = self.walk.case, self.walk.day
        attempt = case.current if case else None
        seen = Expected(pick % 14, 1 + pick % 3, list(StageState)[pick % 6])
        if attempt is not None and pick % 4:
            seen = Expected(attempt.stage, attempt.round, attempt.state)
        slot, letter = SLOTS[pick % len(SLOTS)], Letter("1/2/2026", day)
        if attempt is not None and pick % 3:
            slots = sorted(book().newest.at(attempt.stage).slots)
            slot = slots[pick % len(slots)]
        file = File(sha(str(pick % 7)), PDF if pick % 5 else "application/zip", 1 + pick)
        undo = case.undo.version if case and case.undo else pick % 9
        targets = {3: 2, 11: 3}
        to = targets.get(seen.stage, 3) if pick % 3 else pick % 13
        told = DOCUMENTS[: pick % 3]
        return (
            Begin(CASE, OPD, "x", DOCUMENTS),
            Submit(letter, has_contact=bool(pick % 5)),
            Attach(slot, file),
            Sign(slot, file, Seal(1, pick % 3 or None, letter) if pick % 4 else None),
            Reuse(slot),
            State(CODES[pick % len(CODES)], yes=bool(pick % 3), reason=WHY),
            Confirm(seen, WHY if pick % 3 == 0 else None),
            Return(seen, to, WHY, told or DOCUMENTS),
            Return(seen, to, WHY, told),
            Rework(seen, list(Side)[pick % 2], WHY),
            Hold(seen, day + timedelta(days=pick % 25), WHY),
            Resume(seen),
            Correct(undo, WHY),
            Cancel(letter, WHY) if pick % 3 == 0 else Remind(),
            Recalendar(WHY),
            Report(Fact(LABELS[pick % len(LABELS)], DOCUMENTS[pick % 2], self.walk.moment.at, f"c-{pick}")),
            Freeze(slot, file, letter, 1 + pick % 3),
        )[which]

    def do(self, command: Command, by: Actor) -> None:
        before, count = self.walk.case, len(self.walk.events)
        try:
            self.walk.do(command, by)
        except Forbidden:
            assert (self.walk.case, len(self.walk.events)) == (before, count)
        self.check(before, self.walk.events[count:])

    def check(self, case: Case | None, events: list[Event]) -> None:
        """Each event is a move of the table, by somebody who may."""
        for event in events:
            if case is not None and event.case_state is not case.state and event.kind is not Kind.CORRECTED:
                assert (case.state, event.case_state) in CASES, event
            if event.stage is not None and case is not None:
                assert (event.expected, event.state) in MOVES[event.kind], event
                if event.round == case.attempts[event.stage].round:
                    assert event.expected is case.attempts[event.stage].state, event
            if event.kind is Kind.CONFIRMED:
                self.check_confirmation(event)
            if event.kind is Kind.RETURNED:
                assert (event.stage, event.returned_to) in RETURNS
                assert event.detail["outside"] == ((event.stage, event.returned_to) not in {(3, 2), (11, 3)})
                assert set(event.documents) <= set(DOCUMENTS)
            case = apply(case, event)
        AnyCourse.seen.update(event.kind for event in events)

    def check_confirmation(self, event: Event) -> None:
        person = next(each for each in EVERYBODY if each.name == event.actor)
        role = CONFIRMS[event.stage or 0]
        unit = OPD if role == "opd_admin" else WALIDATA
        assert any((each.role, each.unit) == (role, unit) and each.in_force(event.on) for each in person.offices), event
        assert (event.role, event.unit) == (role, unit)

    def teardown(self) -> None:
        """No event is lost, and a replay gives the same."""
        assert [event.version for event in self.walk.events] == list(range(1, len(self.walk.events) + 1))
        assert fold(self.walk.events) == self.walk.case

    @invariant()
    def exactly_one_stage_is_open(self) -> None:
        case = self.walk.case
        if case is None or case.state is CaseState.CANCELLED:
            return
        found = [each for each in case.attempts.values() if each.is_open]
        expected: dict[CaseState, Any] = {CaseState.DRAFT: 0, CaseState.CLOSED: 0}
        assert len(found) == expected.get(case.state, 1)
        assert (case.state is CaseState.HELD) == any(each.state is H for each in found)
        assert all(each.stage == 12 for each in found if case.state is CaseState.LIVE)
        for each in found:
            before = [case.attempts[number].state for number in range(1, each.stage)]
            after = [case.attempts[number].state for number in range(each.stage + 1, 13)]
            assert set(before) <= {D}
            assert set(after) <= {W}

    @invariant()
    def rounds_count_up_and_nothing_of_the_past_changes(self) -> None:
        case = self.walk.case
        if case is None:
            return
        for number, attempt in case.attempts.items():
            rounds = [each.round for each in case.past if each.stage == number]
            assert rounds == list(range(1, attempt.round)), number
        assert {each.state for each in case.past} <= {D, B}

    @invariant()
    def the_age_is_the_sum_of_who_had_the_ball(self) -> None:
        case = self.walk.case
        if case is not None:
            days = clock.days_by_holder(case, self.walk.day, self.walk.calendar)
            assert sum(days.values()) == clock.age(case, self.walk.day, self.walk.calendar)


def run(sequences: int, steps: int, *, derandomize: bool) -> None:
    AnyCourse.seen.clear()
    run_state_machine_as_test(
        AnyCourse,
        settings=settings(
            max_examples=sequences,
            stateful_step_count=steps,
            derandomize=derandomize,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_no_course_leaves_the_table() -> None:
    run(sequences=200, steps=25, derandomize=True)

    assert AnyCourse.seen >= {Kind.STARTED, Kind.ATTACHED, Kind.HELD}


@pytest.mark.full
@pytest.mark.timeout(3600)
def test_twenty_thousand_courses_do_not_leave_the_table() -> None:
    run(sequences=20_000, steps=25, derandomize=False)

    assert AnyCourse.seen == set(Kind)

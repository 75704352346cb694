"""What a person is offered is what the machine allows, no more and no less."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from base.calendar import pinned
from identity.permissions import Permission, Role
from identity.principals import Appointment, Principal
from sop.actors import SYSTEM, Actor
from sop.asking import FIELDS, Answers, Ask, Verb, command
from sop.commands import Command, Expected, File, Hold, Letter, Seal
from sop.errors import Forbidden, Rule, UnknownAct
from sop.events import StageState
from sop.machine import decide
from sop.moments import World
from sop.permitted import Offer, may_begin, permitted, seen
from sop.procedure import book
from sop.setting import Setting
from sop.slots import frozen_last
from tests.sop.test_any_course import CODES, SLOTS, AnyCourse, started
from tests.sop.town import (
    ADMIN,
    DOCUMENTS,
    EVERYBODY,
    KABID,
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

SETTING = Setting(World(pinned(), WALIDATA), book())
OF_EACH_VERB = {
    **dict.fromkeys((Verb.ATTACH, Verb.FREEZE, Verb.SIGN, Verb.REUSE), SLOTS),
    **dict.fromkeys((Verb.STATE, Verb.UNSTATE), CODES),
    Verb.RETURN: [str(number) for number in range(1, 13)],
    Verb.REWORK: ["opd", "kominfo"],
}
STEPS = st.lists(st.tuples(st.integers(0, 16), st.integers(0, 9999)), max_size=10)


def offered(walk: Walk, by: Actor, *, has_contact: bool = True) -> list[Offer]:
    return permitted(walk.now, by, walk.moment, SETTING, has_contact=has_contact)


def open_keys(walk: Walk, by: Actor) -> set[str]:
    return {each.ask.key for each in offered(walk, by) if each.is_open}


def refusal(walk: Walk, by: Actor, verb: Verb) -> Rule | None:
    return next(each.rule for each in offered(walk, by) if each.ask.verb is verb)


def everything(walk: Walk) -> Iterator[Ask]:
    """Every act that anybody could name, whatever the stage."""
    for verb in Verb:
        abouts = OF_EACH_VERB.get(verb, [""])
        if verb is Verb.CORRECT:
            abouts = [str(number) for number in range(walk.now.version + 2)]
        yield from (Ask(verb, about) for about in abouts)


def succeeds(walk: Walk, asked: Command, by: Actor) -> bool:
    try:
        return bool(decide(walk.now, asked, by, walk.moment, SETTING.world, SETTING.book))
    except Forbidden:
        return False


def typed(walk: Walk, ask: Ask | None = None) -> Answers:
    letter = Letter("421/7/2026", walk.day)
    current = walk.now.current
    version = frozen_last(current, ask.about) if ask and current else None
    return Answers(
        WHY, letter, File(sha("scan"), PDF, 1000), DOCUMENTS[:1], walk.day + timedelta(1), has_contact=True,
        version=(version or 0) + 1, seal=Seal(1, version, letter),
    )  # fmt: skip


@settings(max_examples=60, derandomize=True, database=None)
@given(stage=st.integers(0, 12), steps=STEPS, days=st.integers(0, 40), who=st.integers(0, len(EVERYBODY) - 1))
def test_an_act_is_offered_exactly_if_deciding_it_makes_an_event(
    stage: int, steps: list[tuple[int, int]], days: int, who: int
) -> None:
    course = AnyCourse()
    told = started(stage)
    course.walk = walk = replace(told, events=list(told.events), facts=list(told.facts))
    if not stage:
        walk.begin()
    for step in steps:
        course.mostly(*step)
    walk.day += timedelta(days)
    by = EVERYBODY[who]

    succeeding = {
        each for each in everything(walk) if succeeds(walk, command(each, typed(walk, each), seen(walk.now)), by)
    }
    if Ask(Verb.CONFIRM) in succeeding:
        succeeding.discard(Ask(Verb.STAND_IN))  # nothing is missing for which a paper would stand in
    found = offered(walk, by)

    assert {each.ask for each in found if each.is_open} == succeeding
    assert len({each.ask for each in found}) == len(found)
    assert not succeeding or principal(by, walk.day).may(Permission.ACT_ON_CASES, OPD)
    for each in found:
        if each.latest is not None:
            last, after = (Hold(seen_now(walk), day, WHY) for day in (each.latest, each.latest + timedelta(1)))
            assert (succeeds(walk, last, by), succeeds(walk, after, by)) == (True, False)


def seen_now(walk: Walk) -> Expected:
    found = seen(walk.now)
    assert found is not None
    return found


def principal(by: Actor, on: date) -> Principal:
    """The person with the roles in force on the day, as sessions have them."""
    held = [each for each in by.offices if each.in_force(on)]
    return Principal(1, by.name, by.name, tuple(Appointment(Role(each.role), each.unit) for each in held))


@pytest.mark.parametrize(
    ("stage", "by", "keys"),
    [
        pytest.param(3, ADMIN, {"state:sepakat-opd"}, id="3: the OPD agrees"),
        pytest.param(4, KABID, {"return:3"}, id="4: the Kabid may bring the return forward"),
        pytest.param(11, KABID, {"return:3"}, id="11: Tidak"),
        pytest.param(7, PENGAWAS, {"state:surat-terkirim"}, id="7: the letter is sent"),
        pytest.param(5, OPERATOR, {"correct"}, id="an operator corrects, and nothing else"),
    ],
)
def test_what_is_open_at_a_stage(stage: int, by: Actor, keys: set[str]) -> None:
    common = {"attach", "freeze", "sign", "rework:opd", "rework:kominfo", "hold", "cancel"}

    found = {key for key in open_keys(started(stage), by) if key.partition(":")[0] not in common and key not in common}

    assert {key.partition(":")[0] if by is OPERATOR else key for key in found} == keys


def test_whose_turn_it_is_reads_what_is_missing() -> None:
    walk = Walk().to(4)

    assert [each.verb for each in (one.ask for one in offered(walk, TEKNIS) if not one.is_open)] == [Verb.CONFIRM]
    assert refusal(walk, TEKNIS, Verb.CONFIRM) is Rule.OUTPUT_MISSING
    walk.file(by=PROGRAMMER, signer=TEKNIS_TOO)
    assert refusal(walk, TEKNIS, Verb.CONFIRM) is Rule.EVIDENCE_MISSING
    assert "stand-in" in open_keys(walk, TEKNIS)
    walk.show()
    assert {"confirm", "stand-in"} & open_keys(walk, TEKNIS) == {"confirm"}
    assert "confirm" not in {each.ask.key for each in offered(walk, KABID)}


def test_a_delegate_whose_letter_ended_reads_so() -> None:
    walk = Walk().to(11)
    walk.day = date(2026, 2, 2)

    (told,) = offered(walk, next(each for each in EVERYBODY if each.name == "plh"))

    assert (told.rule, told.sentence) == (Rule.DELEGATION_OVER, "Surat penugasan Plh. berakhir 30 Januari 2026.")


def test_a_request_without_its_contact_is_not_handed_in() -> None:
    walk = Walk()
    walk.begin()
    for slot in walk.book.newest.at(1).input:
        walk.do(command(Ask(Verb.ATTACH, slot.slot), typed(walk), None), ADMIN)

    (submit,) = [each for each in offered(walk, ADMIN, has_contact=False) if each.ask.verb is Verb.SUBMIT]

    assert (submit.rule, submit.sentence) == (Rule.REQUEST_INCOMPLETE, "Mohon isi narahubung pemohon.")
    assert "submit" in open_keys(walk, ADMIN)


def test_only_an_agencys_admin_begins_its_request() -> None:
    walk = Walk()

    assert [each.name for each in EVERYBODY if may_begin(OPD, each, walk.moment, SETTING)] == ["wati"]
    assert not may_begin(OPD, SYSTEM, walk.moment, SETTING)
    assert not may_begin("dinkes", officer("wati", "opd_admin", OPD), walk.moment, SETTING)


def test_every_key_is_read_as_it_is_written() -> None:
    walk = started(11)

    assert [Ask.of(each.key) for each in everything(walk)] == list(everything(walk))
    assert set(FIELDS) == set(Verb)


@pytest.mark.parametrize(
    "key", ["", "erase", "return", "return:x", "return:-1", "return:²", "rework:nobody", "correct:"]
)
def test_a_key_that_names_no_act_is_refused(key: str) -> None:
    with pytest.raises(UnknownAct):
        command(Ask.of(key), typed(started(1)), None)


@pytest.mark.parametrize(
    ("key", "rule"),
    [
        ("submit", Rule.LETTER_MISSING),
        ("cancel", Rule.LETTER_MISSING),
        ("attach:disposisi", Rule.FILE_REFUSED),
        ("sign:disposisi", Rule.FILE_REFUSED),
        ("freeze:disposisi", Rule.FILE_REFUSED),
        ("hold", Rule.HOLD_BACKWARDS),
    ],
)
def test_what_was_not_typed_is_refused_by_its_rule(key: str, rule: Rule) -> None:
    with pytest.raises(Forbidden) as found:
        command(Ask.of(key), Answers(), Expected(1, 1, StageState.ACTIVE))

    assert found.value.rule is rule


def test_an_act_upon_an_attempt_that_was_not_seen_changes_nothing() -> None:
    walk = Walk().to(2)
    walk.fulfil()

    with pytest.raises(Forbidden) as found:
        walk.do(command(Ask(Verb.CONFIRM), Answers(), None), ADMIN)

    assert found.value.rule is Rule.STAGE_STATE

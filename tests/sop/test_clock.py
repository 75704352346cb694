"""The clock of a case: due dates, holds, returns, who had the ball, reminders; all from events and the calendar."""

from datetime import date, datetime, timedelta

import pytest

from base.calendar import Calendar, Change, deadline, pinned
from sop import clock
from sop.actors import SYSTEM
from sop.commands import Hold, Recalendar, Remind
from sop.events import Event, Kind
from sop.procedure import Side, book
from tests.sop.town import ADMIN, KABID, TEKNIS, WHY, WIB, Walk

CALENDAR = pinned()


def day(text: str) -> date:
    return date.fromisoformat(text if len(text) > 5 else f"2026-{text}")


def test_a_case_entered_on_the_fifth_of_january_is_due_stage_by_stage() -> None:
    """DOMAIN.md: each stage started on the previous due date, upper limits."""
    walk, due = Walk(day=day("01-05")), []
    walk.submit()
    while walk.now.current is not None:
        due.append(f"{walk.attempt.due:%m-%d}")
        walk.fulfil()
        walk.day = walk.attempt.due or walk.day
        walk.confirm()

    assert due == [
        "01-06", "01-07", "02-09", "03-09", "04-09", "04-14", "04-16", "04-20", "04-21", "04-22", "04-27", "04-30",
    ]  # fmt: skip
    assert not any(clock.is_overdue(each, walk.day) for each in walk.now.attempts.values())
    assert clock.age(walk.now, day("12-31"), CALENDAR) == CALENDAR.working_days_between(day("01-05"), day("04-30"))


@pytest.mark.parametrize(
    ("stage", "entered", "due"),
    [
        (1, "2026-03-17", "2026-03-25"),  # Nyepi, joint leave and Idul Fitri between
        (1, "2026-12-23", "2026-12-28"),
        (3, "2026-01-31", "2026-03-02"),  # the month's end is clipped, then rolled forward
        (3, "2026-02-24", "2026-03-25"),
        (3, "2026-04-30", "2026-06-02"),
    ],
)
def test_days_are_working_days_and_a_month_rolls_forward(stage: int, entered: str, due: str) -> None:
    assert clock.dates(book().newest.at(stage), day(entered), CALENDAR).due == day(due)


def test_of_a_range_the_lower_end_is_the_target_and_the_upper_the_due_date() -> None:
    found = clock.dates(book().newest.at(6), day("01-05"), CALENDAR)

    assert (found.target, found.due) == (day("01-06"), day("01-08"))


def test_a_stage_is_late_on_the_day_after_its_last_and_the_last_ends_before_midnight() -> None:
    walk = Walk(day=day("01-05"))
    walk.submit()

    assert deadline(day("01-06"), WIB) == datetime(2026, 1, 6, 23, 59, 59, tzinfo=WIB)
    assert not clock.is_overdue(walk.attempt, day("01-06"))
    assert clock.is_overdue(walk.attempt, day("01-07"))
    walk.day = day("01-09")
    walk.fulfil()
    told = walk.confirm()  # lateness blocks nothing

    (confirmed,) = (event for event in told if event.kind is Kind.CONFIRMED)
    assert (confirmed.days_used, confirmed.days_left) == (4, -3)
    assert clock.is_overdue(walk.now.attempts[1], day("12-31"))


def test_the_working_days_of_a_hold_are_added_to_the_due_date() -> None:
    walk = Walk(day=day("02-02")).to(6)  # due 02-05
    walk.day = day("02-03")
    walk.hold(5)  # up to 02-10
    assert walk.attempt.due == day("02-12")
    walk.day = day("02-09")  # earlier than was said: four working days
    walk.resume()

    assert (walk.attempt.due, walk.attempt.held_days) == (day("02-11"), 4)
    assert clock.days_used(walk.attempt, day("02-09"), CALENDAR) == 1
    assert clock.days_left(walk.attempt, day("02-09"), CALENDAR) == 2


def test_a_hold_that_is_forgotten_stops_the_clock_no_longer_than_was_said() -> None:
    walk = Walk(day=day("02-02")).to(6)
    walk.hold(2)  # up to 02-04
    assert walk.attempt.due == day("02-09")
    walk.day = day("02-25")
    assert clock.is_overdue(walk.attempt, walk.day)
    assert clock.days_held(walk.attempt, walk.day, CALENDAR) == 2
    walk.resume()

    assert (walk.attempt.due, walk.attempt.held_days) == (day("02-09"), 2)


def test_a_hold_made_longer_counts_once() -> None:
    walk = Walk(day=day("02-02")).to(6)
    walk.hold(2)
    walk.day = day("02-03")
    walk.do(Hold(walk.seen, day("02-10"), WHY), KABID)

    assert walk.attempt.due == day("02-13")
    walk.day = day("02-20")
    walk.resume()
    assert (walk.attempt.due, walk.attempt.held_days) == (day("02-13"), 6)


def test_two_holds_add_up() -> None:
    walk = Walk(day=day("02-02")).to(6)
    for on, until in (("02-02", "02-03"), ("02-03", "02-05")):
        walk.day = day(on)
        walk.do(Hold(walk.seen, day(until), WHY), TEKNIS)
        walk.day = day(until)
        walk.resume()

    assert (walk.attempt.due, walk.attempt.held_days) == (day("02-10"), 3)


def test_a_return_gives_a_fresh_clock_and_the_age_never_stops() -> None:
    walk = Walk(day=day("01-05")).to(3)
    walk.day = day("02-20")  # late
    walk.send_back(2, TEKNIS)

    assert (walk.attempt.stage, walk.attempt.entered, walk.attempt.due) == (2, day("02-20"), day("02-23"))
    assert not clock.is_overdue(walk.attempt, walk.day)
    assert clock.is_overdue(walk.now.past[-1], walk.day)
    assert clock.age(walk.now, walk.day, CALENDAR) == CALENDAR.working_days_between(day("01-05"), day("02-20"))


def test_days_at_the_opd_and_days_at_kominfo_are_told_apart() -> None:
    walk = Walk(day=day("02-02")).to(8)  # with the OPD
    walk.day = day("02-05")
    walk.rework(Side.KOMINFO, ADMIN)  # 3 at the OPD
    walk.day = day("02-06")
    walk.hold(2)  # 1 at Kominfo
    walk.day = day("02-10")
    walk.resume()  # 2 held
    walk.rework(Side.OPD)
    walk.day = day("02-13")  # 3 at the OPD

    days = clock.days_by_holder(walk.now, walk.day, CALENDAR)
    assert dict(days) == {"opd": 6, "kominfo": 1, "held": 2}
    assert sum(days.values()) == clock.age(walk.now, walk.day, CALENDAR) == 9


def told(walk: Walk, until: date) -> list[Event]:
    """The reminders that come when the clock asks each day."""
    count = len(walk.events)
    while walk.day < until:
        walk.day += timedelta(days=1)
        walk.do(Remind(), SYSTEM)
    return walk.events[count:]


def test_reminders_come_at_half_before_on_and_after_the_due_date_each_once() -> None:
    walk = Walk(day=day("02-02")).to(3)  # a month: due 03-02, 18 working days
    assert (walk.attempt.due, CALENDAR.working_days_between(walk.day, day("03-02"))) == (day("03-02"), 18)

    found = [
        (event.kind.value, f"{event.on:%m-%d}", event.detail["step"], event.detail["superior"])
        for event in told(walk, day("03-12"))
    ]

    assert found == [
        ("stage.due-soon", "02-13", "setengah", False),
        ("stage.due-soon", "02-27", "sehari-sebelum", False),
        ("stage.due-soon", "03-02", "hari-tenggat", False),
        ("stage.overdue", "03-05", "terlambat-3", True),
        ("stage.overdue", "03-10", "terlambat-6", True),
    ]


def test_a_reminder_of_a_stage_of_one_day_comes_on_its_due_date_only() -> None:
    walk = Walk(day=day("02-02")).to(10)

    assert [event.detail["step"] for event in told(walk, day("02-04"))] == ["hari-tenggat"]


def test_a_held_stage_is_told_nothing_and_a_stopped_clock_tells_only_the_newest() -> None:
    walk = Walk(day=day("02-02")).to(3)
    walk.hold(10)
    assert told(walk, day("02-16")) == []
    walk.resume()
    walk.day = day("04-30")

    assert [event.detail["step"] for event in walk.do(Remind(), SYSTEM)] == ["terlambat-27"]
    assert walk.do(Remind(), SYSTEM) == ()


def closed(on: str) -> Change:
    return Change(day(on), closed=True, reason="cuti bersama baru", decree="SKB", by="eko", at=datetime.now(WIB))


@pytest.mark.parametrize(("held", "due"), [(False, "02-06"), (True, "02-10")])
def test_a_new_decree_moves_the_due_dates_of_what_is_open_with_a_note(held: bool, due: str) -> None:  # noqa: FBT001
    walk = Walk(day=day("02-02")).to(6)
    if held:
        walk.hold(2)
    before: Calendar = walk.calendar
    assert walk.do(Recalendar("SKB"), SYSTEM) == ()
    walk.calendar = before.changed([closed("02-05")])

    (event,) = walk.do(Recalendar("Cuti bersama 5 Februari ditambahkan"), SYSTEM)

    assert (event.kind, event.due, event.reason) == (Kind.CORRECTED, day(due), "Cuti bersama 5 Februari ditambahkan")
    assert walk.attempt.due == day(due)
    assert walk.do(Recalendar("SKB"), SYSTEM) == ()

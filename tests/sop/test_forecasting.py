"""When a case will end: by limits, and by how long stages took before."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from base.calendar import pinned
from sop.forecasting import FEWEST, Forecast, forecast
from sop.procedure import book
from tests.sop.test_any_course import started
from tests.sop.town import Walk

CALENDAR, PROCEDURE = pinned(), book().newest
ENTERED = date(2026, 1, 5)
STAGES = range(1, 13)


def told(stage: int, durations: dict[int, list[int]], on: date = ENTERED) -> Forecast:
    found = forecast(started(stage).now, on, CALENDAR, PROCEDURE, durations)
    assert found is not None
    return found


def test_a_case_that_uses_every_limit_ends_when_the_domain_says() -> None:
    assert told(1, {}) == Forecast(date(2026, 4, 30), None, None, 0)


def test_a_late_stage_moves_the_end_by_its_delay() -> None:
    assert told(12, {}).by_limits == date(2026, 1, 8)
    assert told(12, {}, date(2026, 1, 12)).by_limits == date(2026, 1, 12)


@pytest.mark.parametrize(
    ("days", "median", "likely"),
    [
        pytest.param([1, 2, 3, 4, 5], 3, 4, id="one stage: the middle, and four of five"),
        pytest.param([2, 2, 2, 2, 10], 2, 2, id="one that took long is one of five"),
    ],
)
def test_the_past_of_the_last_stage_says_when_it_ends(days: list[int], median: int, likely: int) -> None:
    found = told(12, {12: days})

    expected = [CALENDAR.add_working_days(ENTERED, count) for count in (median, likely)]
    assert [found.median, found.likely, found.cases] == [*expected, 5]


def test_days_that_were_used_already_leave_only_the_cases_that_took_longer() -> None:
    after_three = CALENDAR.add_working_days(ENTERED, 3)

    found = told(12, {12: [1, 2, 3, 4, 5]}, after_three)

    assert found.median == CALENDAR.add_working_days(after_three, 1)  # of 3, 4, 5
    assert told(12, {12: [1, 1, 1, 1, 2]}, after_three).likely == after_three  # none has ever taken so long


def test_stages_that_follow_are_added_as_if_they_did_not_depend_on_each_other() -> None:
    found = told(11, {11: [0, 0, 1, 1, 1, 1], 12: [0, 0, 0, 2, 2, 2]})

    # 0: 1/6, 1: 2/6, 2: 1/6, 3: 2/6
    expected = [CALENDAR.add_working_days(ENTERED, count) for count in (1, 3)]
    assert [found.median, found.likely] == expected


def test_too_few_cases_say_nothing() -> None:
    known = {stage: [1] * FEWEST for stage in STAGES}

    assert told(10, known).median is not None
    assert told(10, {**known, 11: [1] * (FEWEST - 1)}) == Forecast(told(10, {}).by_limits, None, None, FEWEST - 1)


def test_a_case_without_an_open_stage_has_no_forecast() -> None:
    draft = Walk()
    draft.begin()

    assert forecast(draft.now, ENTERED, CALENDAR, PROCEDURE, {}) is None


def test_where_the_calendar_ends_nothing_is_said() -> None:
    last = date(max(CALENDAR.decrees), 12, 30)

    assert told(3, {stage: [40] * FEWEST for stage in STAGES}, last) == Forecast(None, None, None, FEWEST)


@settings(max_examples=25, derandomize=True, database=None)
@given(
    stage=st.sampled_from(STAGES),
    past=st.lists(st.lists(st.integers(0, 15), min_size=5, max_size=7), min_size=12, max_size=12),
    later=st.integers(0, 30),
)
def test_four_of_five_is_never_before_half_and_never_before_today(
    stage: int, past: list[list[int]], later: int
) -> None:
    on = ENTERED + timedelta(later)

    found = told(stage, dict(zip(STAGES, past, strict=True)), on)

    assert found.median is not None
    assert found.likely is not None
    assert on <= found.median <= found.likely

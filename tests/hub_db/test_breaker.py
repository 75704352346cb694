"""When a flood is one: the same records, however they were cut into batches, trip the breaker at the same place."""

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_db import breaker
from hub_db.breaker import OTHERS, Kind, Touched, Watched

OF = 10
NOW = 1_767_596_700.0  # seconds of the log


def trips_at(codes: Sequence[str | None], batches: Sequence[int]) -> tuple[int, str, int] | None:
    """Place among all records, code and count, when the records come in batches of these sizes."""
    watched, first = Watched(), 0
    for size in (*batches, len(codes)):
        batch = codes[first : first + size]
        letters = [(rank, code) for rank, code in enumerate(batch) if code is not None]
        if found := breaker.storm(watched, letters, len(batch), OF):
            return first + found[0], *found[1:]
        watched = Watched.read(watched.written())  # as it comes back from the database
        first += len(batch)
    return None


def model(codes: Sequence[str | None]) -> tuple[int, str, int] | None:
    """Windows of OF records that begin at the first refusal after the one before."""
    at = 0
    while at < len(codes):
        if codes[at] is None:
            at += 1
            continue
        window = codes[at : at + OF]
        counts = {code: window.count(code) for code in window if code is not None}
        most = max(counts, key=lambda code: (counts[code], code))
        if len(window) == OF and counts[most] * 2 > OF:
            return at + OF - 1, most, counts[most]
        at += OF
    return None


@given(st.lists(st.sampled_from([None, None, "a", "a", "b"]), max_size=80), st.lists(st.integers(0, 30), max_size=8))
def test_a_storm_is_one_at_the_same_record_however_the_batches_are_cut(
    codes: list[str | None], batches: list[int]
) -> None:
    assert trips_at(codes, batches) == model(codes)


@pytest.mark.parametrize(
    ("codes", "at"),
    [
        pytest.param(["a"] * 10, (9, "a", 10), id="all of one reason"),
        pytest.param(["a"] * 9, None, id="too few records"),
        pytest.param(["a", None] * 10, None, id="half is not more than half"),
        pytest.param(["a", "b"] * 20, None, id="two reasons"),
        pytest.param([None] * 7 + ["a"] * 6 + [None] * 9, (16, "a", 6), id="more than half, then good ones"),
        pytest.param(["a"] + [None] * 9 + ["a"] * 10, (19, "a", 10), id="counted anew after a quiet stretch"),
    ],
)
def test_what_a_storm_is(codes: list[str | None], at: tuple[int, str, int] | None) -> None:
    assert trips_at(codes, [1] * len(codes)) == at


def test_a_flood_is_over_at_the_event_that_goes_beyond_the_limit() -> None:
    watched = Watched(deletes={OTHERS: 5})
    touched = Touched(Kind.DELETES, OTHERS, np.array([90, 10, 70, 30, 50]))

    assert [breaker.over(watched, touched, limit) for limit in (4, 5, 6, 9, 10)] == [10, 10, 30, 90, None]
    assert breaker.over(watched, Touched(Kind.DELETES, "L", touched.offsets), 5) is None
    assert breaker.limit_of(0.1, 4_000, 200) == 400
    assert breaker.limit_of(0.1, 40, 200) == 200


def test_floods_are_counted_by_the_hour_of_the_log() -> None:
    watched = Watched()
    for at, of_this_hour in ((NOW, 3), (NOW + 3_599, 6), (NOW + 3_600, 3), (NOW, 3)):
        watched.begin_hour(at, 3_600)
        watched.add([Touched(Kind.CHANGES, OTHERS, np.arange(3))], born=2)
        assert watched.changes == {OTHERS: of_this_hour}

    assert Watched.read(watched.written()) == watched
    assert Watched().written() is None
    assert Watched.read({"since": 1.0, "somebody": "else"}) == Watched(since=1.0)

"""Verdicts, and what the pages say about them."""

import pytest

from dashboard.course import Lag, Rate
from dashboard.exchange import Tally
from dashboard.standing import Verdict, verdict
from dashboard.wording import events_pace, pace, share, waited

MOVING, STILL, NONE = Rate(20.0, 1200.0), Rate(0.0, 0.0), Lag(0, 0.0)


@pytest.mark.parametrize(
    ("tally", "rate", "lag", "expected"),
    [
        pytest.param(Tally(10, 10), MOVING, None, Verdict.UNKNOWN, id="the broker is away"),
        pytest.param(Tally(10, 10), STILL, Lag(5, 16.0), Verdict.STUCK, id="events wait and nothing moves"),
        pytest.param(Tally(10, 10), STILL, Lag(5, 14.0), Verdict.BUSY, id="nothing moves, but not for long"),
        pytest.param(Tally(10, 10), None, Lag(5, 99.0), Verdict.BEHIND, id="the rate is not known yet"),
        pytest.param(Tally(100, 95, 0, 0, 5), MOVING, NONE, Verdict.RETURNING, id="one in twenty is sent back"),
        pytest.param(Tally(100, 96, 0, 0, 4), MOVING, NONE, Verdict.SMOOTH, id="fewer are sent back"),
        pytest.param(Tally(10, 10), MOVING, Lag(5, 61.0), Verdict.BEHIND, id="the oldest waits for more than a minute"),
        pytest.param(Tally(10, 10), MOVING, Lag(5, 1.0), Verdict.BUSY, id="events are being settled"),
        pytest.param(Tally(10, 9, 0, 1), STILL, NONE, Verdict.WAITING, id="a row waits for its reference"),
        pytest.param(Tally(), STILL, NONE, Verdict.SILENT, id="never an event"),
        pytest.param(Tally(10, 10), STILL, NONE, Verdict.SMOOTH, id="all is settled"),
    ],
)
def test_a_document_has_the_worst_verdict_that_applies(
    tally: Tally, rate: Rate | None, lag: Lag | None, expected: Verdict
) -> None:
    assert verdict(tally, rate, lag) is expected
    assert verdict(tally, rate, lag, rests=True) is Verdict.RESTING


@pytest.mark.parametrize(
    ("rate", "short", "long"),
    [
        pytest.param(None, "–", "laju belum diketahui", id="unknown"),
        pytest.param(Rate(0.0, 0.0), "0", "0 kejadian/menit", id="none"),
        pytest.param(Rate(0.4, 22.2), "22/menit", "22 kejadian/menit", id="few"),
        pytest.param(Rate(15_203.6, 1e6), "15.204/detik", "15.204 kejadian/detik", id="many"),
    ],
)
def test_a_rate_is_told_per_second_when_it_is_fast(rate: Rate | None, short: str, long: str) -> None:
    assert (pace(rate), events_pace(rate)) == (short, long)


@pytest.mark.parametrize(
    ("lag", "text"),
    [
        pytest.param(None, "–", id="unknown"),
        pytest.param(Lag(0, 0.0), "0", id="none"),
        pytest.param(Lag(3, 0.42), "0,4", id="below ten seconds"),
        pytest.param(Lag(4310, 1920.4), "1.920", id="long"),
    ],
)
def test_waiting_is_told_in_seconds(lag: Lag | None, text: str) -> None:
    assert waited(lag) == text


@pytest.mark.parametrize(
    ("part", "of", "text"),
    [(0, 0, "0\u00a0%"), (1, 120, "0,8\u00a0%"), (1, 100_000, "di bawah 0,1\u00a0%"), (62, 100, "62\u00a0%")],
)
def test_a_share_has_a_comma_and_a_no_break_space(part: int, of: int, text: str) -> None:
    assert share(part, of) == text

"""Rates and lag out of samples."""

from datetime import UTC, datetime, timedelta

from dashboard.course import Course, Lag
from dashboard.exchange import Document, LogEnds, Position, Reading, Tally
from schemas.names import DocumentName, EntityName, OpdCode, TopicName

TOPIC = TopicName("opd.dinas.surat")
DOCUMENT = Document(TOPIC, OpdCode("dinas"), DocumentName("surat"), EntityName("surat"))
START = datetime(2026, 1, 5, 7, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def reading(seconds: float, *, settled: int, appended_at: datetime | None = None) -> Reading:
    position = Position(TOPIC, 0, True, settled, appended_at, Tally(settled, settled))
    return Reading(at(seconds), (DOCUMENT,), (position,), {}, {}, (), None)


def ends(seconds: float, end: int, *, first: int = 0) -> LogEnds:
    return LogEnds(at(seconds), {(TOPIC, 0): (first, end)})


def test_a_rate_is_what_was_settled_over_the_time_it_took() -> None:
    course = Course()

    for second in range(61):
        course.observe(reading(second, settled=20 * second), ends(second, 2000))

    rate = course.rate(TOPIC)
    assert rate is not None
    assert (rate.per_second, rate.per_minute) == (20.0, 1200.0)


def test_a_rate_is_unknown_until_samples_are_five_seconds_apart() -> None:
    course = Course()

    course.observe(reading(0, settled=0), ends(0, 0))
    course.observe(reading(4, settled=400), ends(4, 400))

    assert course.rate(TOPIC) is None


def test_the_rate_of_now_forgets_a_burst_that_the_minute_still_counts() -> None:
    course = Course()

    course.observe(reading(0, settled=0), ends(0, 600))
    for second in range(1, 31):
        course.observe(reading(second, settled=600), ends(second, 600))

    rate = course.rate(TOPIC)
    assert rate is not None
    assert (rate.per_second, rate.per_minute) == (0.0, 1200.0)


def test_lag_is_what_the_log_has_beyond_the_hub() -> None:
    course = Course()

    course.observe(reading(10, settled=70, appended_at=at(7)), ends(10, 100))

    assert course.lag(TOPIC) == Lag(30, 3.0)


def test_records_that_retention_removed_are_no_lag() -> None:
    course = Course()

    course.observe(reading(10, settled=0, appended_at=at(7)), ends(10, 100, first=95))

    assert course.lag(TOPIC) == Lag(5, 3.0)


def test_after_a_quiet_hour_an_event_has_waited_since_it_could_have_come() -> None:
    course = Course()
    course.observe(reading(3600, settled=5, appended_at=at(0)), ends(3600, 5))

    course.observe(reading(3602, settled=5, appended_at=at(0)), ends(3602, 6))

    assert course.lag(TOPIC) == Lag(1, 2.0)


def test_while_the_broker_is_away_lag_is_unknown_not_zero() -> None:
    course = Course()

    course.observe(reading(0, settled=5), None)

    assert course.lag(TOPIC) is None


def test_nothing_waiting_is_no_seconds_of_lag() -> None:
    course = Course()

    course.observe(reading(500, settled=5, appended_at=at(0)), ends(500, 5))

    assert course.lag(TOPIC) == Lag(0, 0.0)


def test_the_memory_is_bounded() -> None:
    course = Course()

    for second in range(1000):
        course.observe(reading(second, settled=second), ends(second, second))

    assert len(course.lags()) <= 62
    assert course.speeds()[-1] == 1.0

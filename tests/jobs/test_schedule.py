"""The schedule: which moment was the last, and one leader that enqueues each moment once."""

import signal
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub_db.connection import connect
from jobs.errors import LeadLost
from jobs.job import State
from jobs.schedule import Daily, Every, Leadership, Scheduled, Weekly
from tests.eventually import eventually
from tests.jobs.workshop import Workshop

JAKARTA, JAYAPURA = ZoneInfo("Asia/Jakarta"), ZoneInfo("Asia/Jayapura")
TICKING = {"detik": 1}
TICKS = "select due_at, term from jobs.tick order by due_at"
JOBS, JOBS_OF_TICKS = "select id from jobs.job order by 1", "select distinct job from jobs.tick order by 1"
LEADER = "select term, holder from jobs.leader"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("when", "now", "zone", "last"),
    [
        pytest.param(Every(3600), "2026-03-17T05:59:59", JAKARTA, "2026-03-17T05:00", id="each hour"),
        pytest.param(Every(3600), "2026-03-17T06:00:00", JAKARTA, "2026-03-17T06:00", id="on the hour"),
        pytest.param(Daily(time(2)), "2026-03-17T18:59:59", JAKARTA, "2026-03-16T19:00", id="before two at night"),
        pytest.param(Daily(time(2)), "2026-03-17T19:00:00", JAKARTA, "2026-03-17T19:00", id="at two at night"),
        pytest.param(Daily(time(2)), "2026-03-17T17:00:00", JAYAPURA, "2026-03-17T17:00", id="the east is earlier"),
        pytest.param(Weekly(0, time(6, 30)), "2026-01-04T23:29:59", JAKARTA, "2025-12-28T23:30", id="before Monday"),
        pytest.param(Weekly(0, time(6, 30)), "2026-01-04T23:30:00", JAKARTA, "2026-01-04T23:30", id="on Monday"),
        pytest.param(Weekly(0, time(6, 30)), "2026-01-11T12:00:00", JAKARTA, "2026-01-04T23:30", id="on Sunday"),
        pytest.param(Daily(time(23, 30)), "2026-01-01T00:00:00", JAKARTA, "2025-12-31T16:30", id="over the new year"),
    ],
)
def test_the_last_moment_of_a_schedule(when: Every | Daily, now: str, zone: ZoneInfo, last: str) -> None:
    assert when.last(at(now), zone) == at(last)


@given(
    when=st.one_of(st.builds(Every, st.integers(1, 10**6)), st.builds(Daily, st.times())),
    now=st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001 - hypothesis
)
def test_the_last_moment_is_past_and_the_last(when: Every | Daily, now: datetime) -> None:
    period = timedelta(seconds=when.seconds) if isinstance(when, Every) else timedelta(days=1)

    last = when.last(now, JAKARTA)

    assert now - period < last <= now
    assert when.last(last, JAKARTA) == last
    assert when.last(last + period, JAKARTA) == last + period


def test_each_moment_enqueues_one_job_though_two_workers_run(workshop: Workshop) -> None:
    with workshop.worker(schedules=TICKING, lease_s=60), workshop.worker(schedules=TICKING, lease_s=60):
        eventually(lambda: workshop.ask(TICKS), until=lambda ticks: len(ticks) >= 4)
        eventually(lambda: workshop.ask("select count(*) from public.effect")[0][0], until=lambda done: done >= 4)

    ticks = workshop.ask(TICKS)
    assert {term for _, term in ticks} == {1}
    assert all(due == due.replace(microsecond=0) for due, _ in ticks)
    assert workshop.ask(JOBS) == workshop.ask(JOBS_OF_TICKS)


@pytest.mark.parametrize("fault", ["schedule.begin:3:stop", "schedule.precommit:3:stop"], ids=["before", "inside"])
def test_a_leader_that_is_stopped_and_comes_back_has_scheduled_nothing_more(fault: str, workshop: Workshop) -> None:
    """SIGSTOP before its transaction, or inside with the leader's row locked and its jobs written."""
    with workshop.worker(schedules=TICKING, worker="first", faults=fault) as first:
        eventually(lambda: state_of(first.pid), until=lambda state: state == "T")
        assert workshop.ask(LEADER) == [(1, "first")]
        with workshop.worker(schedules=TICKING, worker="second"):
            eventually(lambda: workshop.ask(LEADER), until=lambda row: row == [(2, "second")])
            of_second = len(workshop.ask(TICKS)) + 2
            eventually(lambda: workshop.ask(TICKS), until=lambda ticks: len(ticks) >= of_second)
            first.send_signal(signal.SIGCONT)
            eventually(lambda: workshop.ask(TICKS), until=lambda ticks: len(ticks) >= of_second + 2)
            assert workshop.ask(LEADER) == [(2, "second")]
            assert first.poll() is None

    terms = [term for _, term in workshop.ask(TICKS)]
    assert terms == sorted(terms)
    assert terms.count(1) < 3  # what the first was about to write when it was stopped is not there
    assert workshop.ask(JOBS) == workshop.ask(JOBS_OF_TICKS)


def must_survive(workshop: Workshop, fault: str) -> None:
    """A leader is killed at a point; the next one has enqueued each moment once."""
    with workshop.worker(schedules=TICKING, worker="first", faults=fault) as first:
        assert first.wait(timeout=60) == -signal.SIGKILL
    with workshop.worker(schedules=TICKING, worker="second"):
        eventually(lambda: workshop.ask(LEADER), until=lambda row: row == [(2, "second")])
        before = len(workshop.ask(TICKS))
        eventually(lambda: workshop.ask(TICKS), until=lambda ticks: len(ticks) >= before + 2)

    assert workshop.ask(JOBS) == workshop.ask(JOBS_OF_TICKS)


def test_the_next_leader_need_not_wait_for_one_that_ended_orderly(workshop: Workshop) -> None:
    with workshop.worker(schedules=TICKING, lease_s=300) as first:
        eventually(lambda: workshop.ask(TICKS), until=bool)
        first.send_signal(signal.SIGTERM)
        assert first.wait(timeout=10) == 0

    with workshop.worker(schedules=TICKING, lease_s=300):
        eventually(lambda: workshop.ask("select term from jobs.leader"), until=lambda row: row == [(2,)])


def test_a_late_leader_is_refused_even_if_nobody_has_taken_over(workshop: Workshop) -> None:
    daily = Scheduled("harian", "tick", Daily(time(2)))
    with connect(workshop.database.dsn("simpul_jobs"), process="test") as conn:
        late = Leadership([daily], holder="late", lease_s=5, zone=JAKARTA)
        assert late.try_lead(conn)
        workshop.owner.execute("update jobs.leader set until = clock_timestamp() - interval '1 ms'")

        with pytest.raises(LeadLost):
            late.pass_by(conn)

        assert workshop.ask("select count(*) from jobs.job") == [(0,)]
        assert late.pass_by(conn) == 1  # it stands in line again, and finds the place free


def test_a_missed_moment_is_made_up_for_once_and_an_open_job_stands_for_later_moments(workshop: Workshop) -> None:
    each = Scheduled("tiap-detik", "tick", Every(1))
    with connect(workshop.database.dsn("simpul_jobs"), process="test") as conn:
        leader = Leadership([each], holder="one", lease_s=60, zone=JAKARTA)
        eventually(lambda: leader.pass_by(conn) or leader.ticked, until=lambda _: len(workshop.ask(TICKS)) == 3)

    assert workshop.ask("select asked_by, state from jobs.job") == [("jadwal tiap-detik", State.QUEUED)]


def state_of(pid: int) -> str:
    """T while the process is stopped."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]

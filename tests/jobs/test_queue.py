"""Jobs are asked for, worked off, paused, resumed and cancelled."""

import signal
from collections.abc import Callable
from threading import Event

import psycopg
import pytest

from hub_db.connection import connect
from identity.actors import Actor
from identity.permissions import Role
from jobs import queue, turns
from jobs.errors import NoSuchJob, NotPossible, TurnLost, UnknownKind
from jobs.job import Job, JobId, State, Turn
from jobs.kinds import Kind, Step
from tests.jobs.process import FINE
from tests.jobs.workshop import OPERATOR, Workshop

HOLDS_S = 2.0
Act = Callable[..., Job]


def test_a_job_is_worked_off_step_by_step_and_the_worker_ends_orderly(workshop: Workshop) -> None:
    job = workshop.enqueue(items=7, at_once=2)

    with workshop.worker() as process:
        done = workshop.reaches(job, State.DONE)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0

    assert (done.title, done.asked_by, done.done, done.total, done.cursor) == ("Menghitung", "operator", 7, 7, 7)
    assert workshop.effects(job) == list(range(7))
    assert workshop.ask("select count(*) from jobs.procrastinate_jobs") == [(0,)]
    assert workshop.ask("select count(*) from jobs.procrastinate_workers") == [(0,)]


def test_a_job_that_is_not_committed_does_not_exist(workshop: Workshop) -> None:
    with workshop.worker(), workshop.owner.transaction(force_rollback=True):
        lost = queue.enqueue(workshop.owner, "tick", by="operator")

    with pytest.raises(NoSuchJob):
        workshop.find(lost)
    assert workshop.ask("select count(*) from jobs.procrastinate_jobs") == [(0,)]


def test_a_paused_job_writes_nothing_from_then_on_and_goes_on_where_it_was(workshop: Workshop) -> None:
    job = workshop.enqueue(items=300, rest_s=0.01)

    with workshop.worker():
        workshop.has_done(job, 20)
        queue.pause(workshop.owner, job, by=OPERATOR)
        paused = workshop.find(job)
        Event().wait(HOLDS_S)  # what must not happen has no end to wait for
        assert workshop.find(job) == paused
        assert workshop.effects(job) == list(range(paused.done))
        queue.resume(workshop.owner, job, by=OPERATOR)
        workshop.reaches(job, State.DONE)

    assert 0 < paused.done < 300
    assert workshop.effects(job) == list(range(300))


def test_a_paused_job_does_not_hold_up_others_of_its_kind(workshop: Workshop) -> None:
    resting = [workshop.enqueue(items=1) for _ in range(4)]
    for job in resting:
        queue.pause(workshop.owner, job, by=OPERATOR)
    other = workshop.enqueue(items=1)

    with workshop.worker():
        workshop.reaches(other, State.DONE)

    assert {workshop.find(job).state for job in resting} == {State.PAUSED}


def test_a_cancelled_job_keeps_what_it_did_and_does_no_more(workshop: Workshop) -> None:
    job = workshop.enqueue(items=300, rest_s=0.01)

    with workshop.worker():
        workshop.has_done(job, 20)
        queue.cancel(workshop.owner, job, by=OPERATOR)
        cancelled = workshop.find(job)
        after = workshop.enqueue("tick")
        workshop.reaches(after, State.DONE)

    assert (cancelled.state, cancelled.finished_at is None) == (State.CANCELLED, False)
    assert workshop.effects(job) == list(range(workshop.find(job).done))
    assert workshop.find(job) == cancelled


@pytest.mark.parametrize("act", [queue.pause, queue.resume, queue.cancel], ids=["pause", "resume", "cancel"])
def test_every_change_of_a_job_by_somebody_is_in_the_audit(act: Act, workshop: Workshop) -> None:
    job = workshop.enqueue(items=1)
    if act is queue.resume:
        workshop.owner.execute("update jobs.job set state = 'paused'")

    act(workshop.owner, job, by=Actor("siti", "person", Role.OPERATOR, "kominfo"))

    assert workshop.ask("select actor, actor_kind, role, opd, act, subject from audit.entry") == [
        ("siti", "person", "operator", "kominfo", f"job.{act.__name__}", f"job:{job}")
    ]


@pytest.mark.parametrize(
    ("act", "state"),
    [
        pytest.param(queue.pause, State.PAUSED, id="pause a paused one"),
        pytest.param(queue.pause, State.DONE, id="pause an ended one"),
        pytest.param(queue.resume, State.RUNNING, id="resume a running one"),
        pytest.param(queue.resume, State.CANCELLED, id="resume a cancelled one"),
        pytest.param(queue.cancel, State.FAILED, id="cancel a failed one"),
    ],
)
def test_what_does_not_fit_the_state_is_refused_and_leaves_no_trace(act: Act, state: State, workshop: Workshop) -> None:
    job = workshop.enqueue(items=1)
    ended = state in (State.DONE, State.FAILED, State.CANCELLED)
    workshop.owner.execute(
        "update jobs.job set state = %s, finished_at = case when %s then clock_timestamp() end", (state, ended)
    )

    with pytest.raises(NotPossible):
        act(workshop.owner, job, by=OPERATOR)

    assert workshop.find(job).state is state
    assert workshop.ask("select count(*) from audit.entry") == [(0,)]


def test_of_open_jobs_one_has_the_key(workshop: Workshop) -> None:
    first = workshop.enqueue(items=1, key="2026-03")
    again = workshop.enqueue(items=1, key="2026-03")
    other = workshop.enqueue(items=1, key="2026-04")
    queue.cancel(workshop.owner, first, by=OPERATOR)
    later = workshop.enqueue(items=1, key="2026-03")

    assert again == first
    assert len({first, other, later}) == 3


def test_a_failed_job_whose_place_was_taken_is_not_resumed(workshop: Workshop) -> None:
    failed = workshop.enqueue(items=1, key="a")
    workshop.owner.execute("update jobs.job set state = 'failed', finished_at = clock_timestamp()")
    workshop.enqueue(items=1, key="a")

    with pytest.raises(NotPossible):
        queue.resume(workshop.owner, failed, by=OPERATOR)


def test_an_unknown_kind_and_an_unknown_number_are_refused(workshop: Workshop) -> None:
    with pytest.raises(UnknownKind, match="melompat"):
        workshop.enqueue("melompat")
    with pytest.raises(NoSuchJob, match="4711"):
        queue.pause(workshop.owner, JobId(4711), by=OPERATOR)


def test_no_more_jobs_of_a_kind_run_at_once_than_it_allows_over_all_workers(workshop: Workshop) -> None:
    jobs = [workshop.enqueue(items=40, rest_s=0.01) for _ in range(6)]  # the kind allows two

    with workshop.worker(), workshop.worker():
        seen = set()
        while any(workshop.find(job).is_open for job in jobs):
            seen.add(workshop.ask("select count(*) from jobs.job where state = 'running'")[0][0])

    assert max(seen) == 2
    assert all(workshop.effects(job) == list(range(40)) for job in jobs)


def test_the_jobs_of_one_lane_follow_each_other_at_once(workshop: Workshop) -> None:
    """None waits for a worker to look by itself: that would take minutes here."""
    jobs = [workshop.enqueue("tick") for _ in range(120)]

    with workshop.worker():
        workshop.reaches(jobs[-1], State.DONE, within_s=60)

    order = workshop.ask("select id from jobs.job order by finished_at")
    assert order == [(job,) for job in jobs]


def test_a_step_that_fails_is_tried_again_then_the_job_fails_and_can_be_resumed(workshop: Workshop) -> None:
    job = workshop.enqueue("fall")

    with workshop.worker():
        failed = workshop.reaches(job, State.FAILED)
        workshop.owner.execute("update jobs.job set arguments = %s", (f'{{"state": "{FINE}"}}',))
        queue.resume(workshop.owner, job, by=OPERATOR)
        done = workshop.reaches(job, State.DONE)

    assert (failed.message, failed.done) == ("ValueError: the cellar is under water", 1)
    assert (done.message, done.done) == (None, 2)
    assert workshop.effects(job) == [0, 1]  # what a failed step wrote was rolled back


def test_a_turn_that_was_lost_moves_the_job_no_more(workshop: Workshop) -> None:
    """A step is in hand while another turn is given: the one that comes late is rolled back whole."""
    job = workshop.enqueue(items=5)

    def slow(conn: psycopg.Connection, seen: Job) -> Step:
        conn.execute("insert into public.effect (job, item) values (%s, 0)", (seen.id,))
        queue.give_turn(workshop.owner, seen.id)
        return Step(cursor=1, done=1)

    with connect(workshop.database.dsn("simpul_jobs"), process="test") as conn:
        (turn,) = workshop.ask("select turn from jobs.job")[0]
        claimed = turns.claim(conn, job, Turn(turn), "old")
        assert claimed is not None
        with pytest.raises(TurnLost):
            turns.take_step(conn, Kind("count", "Menghitung", slow), claimed)
        assert turns.claim(conn, job, Turn(turn), "old") is None

    assert workshop.effects(job) == []
    assert (workshop.find(job).done, workshop.find(job).cursor) == (0, None)


def test_the_list_has_the_open_jobs_first_and_each_group_newest_first(workshop: Workshop) -> None:
    ended = [workshop.enqueue("tick") for _ in range(2)]
    with workshop.worker():
        for job in ended:
            workshop.reaches(job, State.DONE)
    still = [workshop.enqueue(items=1) for _ in range(2)]

    listed = [job.id for job in queue.list_jobs(workshop.owner)]

    assert listed == [*reversed(still), *reversed(ended)]
    assert [job.id for job in queue.list_jobs(workshop.owner, kind="tick", limit=1)] == [ended[1]]


def test_the_page_s_role_may_ask_for_jobs_and_steer_them_but_not_work_on_them(workshop: Workshop) -> None:
    with workshop.database.connect("simpul_web") as web:
        job = queue.enqueue(web, "count", {"items": 1, "at_once": 1}, by="siti")
        queue.pause(web, job, by=OPERATOR)
        queue.resume(web, job, by=OPERATOR)
        web.commit()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            web.execute("update jobs.job set cursor = '1'")

    with workshop.worker():
        workshop.reaches(job, State.DONE)

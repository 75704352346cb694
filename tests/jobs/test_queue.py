"""Jobs are asked for, worked off, paused, resumed and cancelled."""

import signal

from jobs.job import State
from tests.jobs.workshop import Workshop


def test_a_job_is_worked_off_step_by_step(workshop: Workshop) -> None:
    job = workshop.enqueue(items=7, at_once=2)

    with workshop.worker() as process:
        done = workshop.reaches(job, State.DONE)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0

    assert (done.title, done.asked_by, done.done, done.total, done.cursor) == ("Menghitung", "operator", 7, 7, 7)
    assert workshop.effects(job) == list(range(7))

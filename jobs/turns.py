"""Turns: how a worker works on a job, and how one that was lost comes back.

A turn is a row of procrastinate: waiting, or in the hands of a worker whose heartbeat is the lease. A job names its
newest turn, and every word about the job is said on condition that it still is; so a worker that was stopped for too
long, and comes back after another has taken over, changes nothing.
"""

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from base import faults
from hub_db.connection import transaction, translated
from hub_db.statements import load
from jobs.errors import TurnLost
from jobs.job import Job, JobId, Turn
from jobs.kinds import Kind, Step
from jobs.queue import give_turn, one_job

SQL = load("jobs", "sql/turns.sql")
KEEPER_LOCK = 0x51_4D_50_4A  # any number that only we use
FIRST_PAUSE_S, LONGEST_PAUSE_S = 2.0, 300.0
WORLD_PAUSE_S = 2.0  # after something was away that is nobody's fault
DIED = "Proses berhenti berulang kali pada langkah yang sama."


def claim(conn: Connection[TupleRow], job: JobId, turn: Turn, worker: str) -> Job | None:
    """The job, running; None when this turn is not its newest or the job must rest."""
    with transaction(conn):
        return one_job(conn, SQL["claim"], {"job": job, "turn": turn, "worker": worker})


def take_step(conn: Connection[TupleRow], kind: Kind, job: Job) -> Job:
    """One step and the word that it is done, in one transaction. Raises TurnLost, and whatever the step raises."""
    with transaction(conn):
        step = kind.step(conn, job)
        faults.point("job.precommit")
        moved = advance(conn, job, step)
    faults.point("job.committed")
    return moved


def advance(conn: Connection[TupleRow], job: Job, step: Step) -> Job:
    """The job after the step. Raises TurnLost when it was paused or cancelled, or is another turn's."""
    moved = one_job(
        conn,
        SQL["advance"],
        {
            "job": job.id,
            "turn": job.turn,
            "seen": None if job.cursor is None else Jsonb(job.cursor),
            "cursor": None if step.cursor is None else Jsonb(step.cursor),
            "done": step.done,
            "total": step.total,
            "message": step.message,
            "finished": step.finished,
        },
    )
    if moved is None:
        raise TurnLost(f"job {job.id} is no longer turn {job.turn}'s")
    return moved


def put_off(conn: Connection[TupleRow], job: Job, message: str) -> float:
    """Try the job again after a pause that grows with each try; the pause in seconds."""
    pause = min(FIRST_PAUSE_S * 2.0 ** max(job.tries - 1, 0), LONGEST_PAUSE_S)
    _say(conn, "put_off", job, message=message, pause_s=pause, counts=True)
    return pause


def wait_for_the_world(conn: Connection[TupleRow], job: Job, message: str) -> None:
    """Try the job again soon; the try does not count."""
    _say(conn, "put_off", job, message=message, pause_s=WORLD_PAUSE_S, counts=False)


def fail(conn: Connection[TupleRow], job: Job, message: str) -> None:
    """The job has failed for good."""
    _say(conn, "fail", job, message=message)


def hand_back(conn: Connection[TupleRow], job: Job) -> None:
    """Let another worker have the job at once: this one must stop."""
    with transaction(conn):
        if conn.execute(SQL["hand_back"], {"job": job.id, "turn": job.turn}).fetchone():
            give_turn(conn, job.id)


def keep(conn: Connection[TupleRow], lease_s: float) -> tuple[int, int]:
    """Take away the turns of dead workers and give each job that should run a turn; how many of each.

    One process at a time does it, any of them. A job whose pause is over gets its turn here too: procrastinate's own
    waiting (`scheduled_at`) would hold up its lane (procrastinate issue 1599).
    """
    with translated():
        row = conn.execute(SQL["is_in_order"], {"lease_s": lease_s}).fetchone()
    if row is not None and row[0]:
        return 0, 0
    with transaction(conn):
        row = conn.execute(SQL["try_keep"], {"lock": KEEPER_LOCK}).fetchone()
        if row is None or not row[0]:
            return 0, 0
        dead = conn.execute(SQL["end_dead_turns"], {"lease_s": lease_s}).fetchone()
        waiting = conn.execute(SQL["without_turn"]).fetchall()
        for (job,) in waiting:
            give_turn(conn, JobId(job))
    return (int(dead[0]) if dead else 0), len(waiting)


def _say(conn: Connection[TupleRow], statement: str, job: Job, **values: object) -> None:
    with transaction(conn):
        said = conn.execute(SQL[statement], {"job": job.id, "turn": job.turn, **values}).fetchone()
    if said is None:
        raise TurnLost(f"job {job.id} is no longer turn {job.turn}'s")

"""What a thread does with a turn: steps until the job ends, rests, or belongs to somebody else."""

import logging
from collections.abc import Callable, Iterable
from time import monotonic

from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import SecretStr

from base import faults
from base.logs import safe_text
from hub_db.connection import connect
from hub_db.errors import Contended, Unreachable
from jobs import turns
from jobs.errors import TurnLost
from jobs.job import Job, JobId, State, Turn
from jobs.kinds import Kind

log = logging.getLogger("simpul.jobs")

MESSAGE_LIMIT = 500  # characters of an error that a person reads beside the job


class Running:
    """The kinds that this process knows, and how it reaches the database."""

    def __init__(self, dsn: SecretStr, worker: str, kinds: Iterable[Kind]) -> None:
        self.dsn, self.worker = dsn, worker
        self.kinds = {kind.name: kind for kind in kinds}

    def take_turn(self, job_id: JobId, turn: Turn, must_stop: Callable[[], bool]) -> None:
        """Work on the job until it needs no more of this turn. Raises Unreachable when that cannot be told."""
        conn = self.connect()
        try:
            job = turns.claim(conn, job_id, turn, self.worker)
            if job is None:
                return
            faults.point("job.claimed")
            kind = self.kinds[job.kind]
            if job.tries > kind.tries:
                turns.fail(conn, job, turns.DIED)
                return
            started = monotonic()
            outcome, moved, steps = self.take_steps(conn, kind, job, must_stop)
            log.info(
                "job worked on",
                extra={
                    "action": "job",
                    "job": int(job_id),
                    "kind": job.kind,
                    "turn": int(turn),
                    "steps": steps,
                    "done": moved.done,
                    "outcome": outcome,
                    "ms": round((monotonic() - started) * 1000, 1),
                },
            )
        finally:
            conn.close()

    def take_steps(
        self, conn: Connection[TupleRow], kind: Kind, job: Job, must_stop: Callable[[], bool]
    ) -> tuple[str, Job, int]:
        """Step after step; what came of it, the job as last known, and how many steps were done."""
        steps = 0
        try:
            while job.state is State.RUNNING:
                if must_stop():
                    turns.hand_back(conn, job)
                    return "handed back", job, steps
                job = turns.take_step(conn, kind, job)
                steps += 1
        except TurnLost:
            return "lost", job, steps
        except Exception as error:  # noqa: BLE001 - whatever a kind's step raises is said beside its job
            return self.report(conn, kind, job, error), job, steps
        return str(job.state), job, steps

    def report(self, conn: Connection[TupleRow], kind: Kind, job: Job, error: Exception) -> str:
        """Say what went wrong, where the job is; the outcome. Raises Unreachable when it cannot be said."""
        message = f"{type(error).__name__}: {safe_text(error)}"[:MESSAGE_LIMIT]
        log.warning("step failed", extra={"action": "job", "job": int(job.id), "kind": job.kind}, exc_info=error)
        again = self.connect() if conn.closed else conn
        try:
            if isinstance(error, (Unreachable, Contended)):
                turns.wait_for_the_world(again, job, message)
                return "waits"
            if job.tries >= kind.tries:
                turns.fail(again, job, message)
                return "failed"
            turns.put_off(again, job, message)
            return "put off"
        except TurnLost:
            return "lost"
        finally:
            if again is not conn:
                again.close()

    def connect(self) -> Connection[TupleRow]:
        return connect(self.dsn, process="simpul-jobs-turn")

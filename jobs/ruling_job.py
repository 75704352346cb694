"""The job that lets a record follow a steward's decision about it."""

from collections.abc import Callable
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import SecretStr

from base import faults
from hub_db.conflicts import ruled_records
from hub_db.conflicts.store import ConflictId
from hub_db.connection import connect, transaction
from jobs.job import Job, JobId
from jobs.kinds import Kind, Step
from jobs.queue import enqueue

NAME: Final = "ruling"


def kind(dsn: Callable[[], SecretStr]) -> Kind:
    """The kind of job. `dsn`: of the owner of the database."""

    def step(_: Connection[TupleRow], job: Job) -> Step:
        number = ConflictId(int(str(job.arguments["conflict"])))
        with connect(dsn(), process="simpul-ruling") as owner, transaction(owner):
            changed = ruled_records.follow(owner, number)
            faults.point("ruling.precommit")
        message = "Data Induk mengikuti keputusan." if changed else "Data Induk sudah sesuai."
        return Step(None, 1, total=1, finished=True, message=message)

    return Kind(NAME, "Menerapkan keputusan Tidak Padan", step)


def ask(conn: Connection[TupleRow], number: ConflictId, *, by: str) -> JobId:
    """Ask for it in the transaction of the decision: whoever sees the one will see the other."""
    return enqueue(conn, NAME, {"conflict": int(number)}, by=by, title=f"Menerapkan Tidak Padan nomor {number}")

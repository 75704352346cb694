"""The daily job that throws away what serves nobody any more. The audit is never pruned."""

from datetime import time

from psycopg import Connection
from psycopg.rows import TupleRow

from base import indonesian
from hub_db.statements import load
from jobs.job import Job
from jobs.kinds import Kind, Step
from jobs.schedule import Daily, Scheduled

SQL = load("jobs", "sql/pruning.sql")
# What goes, and after how many days: long enough to look into what happened in a quarter.
KEPT_DAYS = {
    "sessions": 90,
    "links": 90,
    "devices": 365,
    "tries": 7,
    "sign_in_minutes": 30,
    "jobs": 90,
    "ticks": 90,
    "profiles": 400,
    "registers": 2,
    "stale_batches": 90,
}


def prune(conn: Connection[TupleRow], job: Job) -> Step:
    """One part of KEPT_DAYS; the cursor counts what went so far."""
    name, days = list(KEPT_DAYS.items())[job.done]
    before = job.cursor if isinstance(job.cursor, int) else 0
    gone = before + conn.execute(SQL[name], {"days": days}).rowcount
    done = job.done + 1
    message = f"{indonesian.number(gone)} baris lama dihapus."
    return Step(cursor=gone, done=done, total=len(KEPT_DAYS), finished=done == len(KEPT_DAYS), message=message)


KIND = Kind("prune", "Menghapus catatan lama", prune)
SCHEDULE = Scheduled("pembersihan", KIND.name, Daily(time(2, 30)))

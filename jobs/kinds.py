"""Kinds of jobs: what is done, in which steps, how many at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.connection import transaction
from hub_db.statements import load
from jobs.job import Job, Json

SQL = load("jobs", "sql/queue.sql")
TRIES = 5  # turns at one step before the job has failed


@dataclass(frozen=True, slots=True)
class Step:
    """What one step did: the place after it, and how far the job is now."""

    cursor: Json
    done: int  # items since the job began
    total: int | None = None  # as far as it is known; None leaves what was known
    finished: bool = False
    message: str | None = None  # for the person who looks


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job.

    `step` does the next piece from `job.cursor` on, in the transaction that it is given: what it writes there, the new
    cursor and the progress are committed together or not at all, so each piece counts once, whatever is killed when.
    It must not commit. What it does elsewhere (Kafka, a file) may happen again, so it gives events the id
    `job.event_id(item)` and waits until they are acknowledged. A step should last less than a second: a pause throws
    the step in hand away, and a stopping process waits for it.

    What `step` raises is tried again, later and later, `tries` times; an unreachable database or a deadlock for as
    long as it lasts.
    """

    name: str
    title: str  # Indonesian
    step: Callable[[Connection[TupleRow], Job], Step]
    at_once: int = 1  # jobs of this kind that run at the same time, over all processes
    tries: int = TRIES


def register(conn: Connection[TupleRow], kinds: Iterable[Kind]) -> None:
    """Write down which kinds may be enqueued. A kind that is gone stays: its old jobs name it."""
    with transaction(conn):
        for kind in kinds:
            conn.execute(SQL["register_kind"], {"name": kind.name, "title": kind.title, "at_once": kind.at_once})

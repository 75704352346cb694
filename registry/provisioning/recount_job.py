"""When a source comes to count or no longer does: its tables follow at once, its records in the background, as a job.

The page's role writes the state alone. The process of jobs sees it within a second, as the owner of the database.
"""

from collections.abc import Callable
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import SecretStr

from base import faults, indonesian
from hub_db import restating
from hub_db.connection import connect, transaction
from hub_db.restating import Effect
from identity.masked_views import drop_view, make_view
from jobs.job import Job, JobId
from jobs.kinds import Kind, Step
from jobs.queue import enqueue, list_jobs
from registry.governance.enforcement import contracts_of, golden_register
from schemas.names import EntityName, TopicName

NAME, EFFECT = "source_recount", "source_effect"
BY: Final = "jobs"
LOCK_WAIT: Final = "1s"  # for a table: while we wait, everybody behind us waits too


def follow_states(conn: Connection[TupleRow]) -> list[EntityName]:
    """Make the tables for what counts now, and ask for a job for each entity whose records are to be reckoned anew; as
    the owner, outside of a transaction. Raises Unreachable when a table is in use: to be tried again."""
    counts = restating.out_of_step(conn)
    if counts:
        with transaction(conn):
            conn.execute("select set_config('lock_timeout', %s, true)", (LOCK_WAIT,))
            names = restating.concerned(conn, counts)
            for name in names:
                drop_view(conn, name)
            restating.restate(conn, counts, golden_register(conn, by=BY))
            for name in names:
                make_view(conn, contracts_of(conn, name))
    waiting = restating.recounts(conn)
    for name in waiting:
        with transaction(conn):
            enqueue(conn, NAME, {"entity": name}, by=BY, key=name, title=f"Menghitung ulang Data Induk {name}")
    return waiting


def kind(dsn: Callable[[], SecretStr]) -> Kind:
    """The kind of job. `dsn`: of the owner of the database; asked for when a job runs."""

    def step(_: Connection[TupleRow], job: Job) -> Step:
        with connect(dsn(), process="simpul-recount") as owner:
            return _step(owner, job)

    return Kind(NAME, "Menghitung ulang Data Induk", step)


def effect_kind(dsn: Callable[[], SecretStr]) -> Kind:
    """The kind of job that tells beforehand what another state would do. `dsn`: as for `kind`."""

    def step(_: Connection[TupleRow], job: Job) -> Step:
        topic = TopicName(f"opd.{job.arguments['source']}")
        with connect(dsn(), process="simpul-recount") as owner, transaction(owner):
            found = restating.effect(owner, topic, counts=bool(job.arguments["counts"]))
        return Step(None, 1, total=1, finished=True, message=" ".join(map(effect_text, found)))

    return Kind(EFFECT, "Menghitung dampak keadaan sumber", step)


def ask_effect(conn: Connection[TupleRow], source: str, *, counts: bool, by: str) -> JobId:
    """Ask what it would do if a source counted, or no longer did; while that is being reckoned it is the same job."""
    return enqueue(conn, EFFECT, {"source": source, "counts": counts}, by=by, key=f"{source} {counts}")


def newest_effect(conn: Connection[TupleRow], source: str) -> Job | None:
    """What was asked about a source last."""
    found = [job for job in list_jobs(conn, kind=EFFECT) if job.arguments.get("source") == source]
    return max(found, key=lambda job: job.id, default=None)


def effect_text(effect: Effect) -> str:
    """The counts in words."""
    come, change, go = map(indonesian.number, (effect.come, effect.change, effect.go))
    return f"Data Induk {effect.entity}: {come} baris muncul, {change} berubah, {go} hilang."


def _step(owner: Connection[TupleRow], job: Job) -> Step:
    """The next keys. They are committed before the job's place is: what is killed between is done again, in vain."""
    name = EntityName(str(job.arguments["entity"]))
    asked = restating.asked(owner, name)
    place: dict[str, Any] = job.cursor if isinstance(job.cursor, dict) else {}
    if place.get("asked") != asked:  # a state has changed since: from the beginning
        place = {"asked": asked, "table": 0, "after": restating.BEFORE_ALL, "changed": 0}
    with transaction(owner):
        piece = restating.recount(owner, name, place["table"], place["after"])
        if piece.table is None:
            restating.done(owner, name, asked)
        faults.point("recount.precommit")
    changed = place["changed"] + piece.changed
    message = f"{indonesian.number(changed)} baris berubah."
    found = {"asked": asked, "table": piece.table, "after": piece.after, "changed": changed}
    return Step(found, job.done + piece.seen, finished=piece.table is None, message=message)

"""Asking for jobs: enqueue, look, pause, resume, cancel. The caller owns the transaction."""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import Connection
from psycopg.rows import TupleRow, dict_row
from psycopg.types.json import Jsonb

from hub_db.statements import load
from identity.actors import Actor
from identity.acts import Act
from identity.audit import AuditEntry, record
from jobs.errors import NoSuchJob, NotPossible, UnknownKind
from jobs.job import WORDS, Job, JobId, Json, State

SQL = load("jobs", "sql/queue.sql")
SHOWN = 100  # jobs on a page


def enqueue(
    conn: Connection[TupleRow],
    kind: str,
    arguments: Mapping[str, Json] | None = None,
    *,
    by: str,
    key: str | None = None,
    title: str | None = None,
    total: int | None = None,
) -> JobId:
    """Ask for a job; a worker has it some milliseconds after the caller's COMMIT.

    With a `key`: while a job of this kind with this key is open, that one's number is given and nothing is added.
    `by` is shown to people: a login name, or the name of a schedule. Raises UnknownKind.
    """
    values = {
        "kind": kind,
        "title": title,
        "arguments": Jsonb(dict(arguments or {})),
        "key": key,
        "by": by,
        "total": total,
    }
    row = conn.execute(SQL["enqueue"], values).fetchone()
    if row is None:
        raise UnknownKind(f"Jenis pekerjaan {kind!r} tidak dikenal oleh hub ini.")
    job, is_new = JobId(row[0]), bool(row[1])
    if is_new:
        give_turn(conn, job)
    return job


def give_turn(conn: Connection[TupleRow], job: JobId) -> None:
    """Let a worker have the job; whoever had it before has lost it."""
    conn.execute(SQL["give_turn"], {"job": job})


def find(conn: Connection[TupleRow], job: JobId) -> Job:
    """One job. Raises NoSuchJob."""
    found = one_job(conn, SQL["find"], {"job": job})
    if found is None:
        raise NoSuchJob(f"Tidak ada pekerjaan nomor {job}.")
    return found


def list_jobs(conn: Connection[TupleRow], *, kind: str | None = None, limit: int = SHOWN) -> list[Job]:
    """Jobs, those that are open first, each group newest first."""
    with conn.cursor(row_factory=dict_row) as cursor:
        return [read(row) for row in cursor.execute(SQL["list_jobs"], {"kind": kind, "limit": limit})]


def pause(conn: Connection[TupleRow], job: JobId, *, by: Actor) -> Job:
    """Let a job rest. From the caller's COMMIT on it writes nothing more. Raises NoSuchJob, NotPossible."""
    return _change(conn, job, State.PAUSED, (State.QUEUED, State.RUNNING), Act.JOB_PAUSE, by)


def resume(conn: Connection[TupleRow], job: JobId, *, by: Actor) -> Job:
    """Let a job that rests or has failed go on where it stands. Raises NoSuchJob, NotPossible."""
    try:
        with conn.transaction():
            job_now = _change(conn, job, State.QUEUED, (State.PAUSED, State.FAILED), Act.JOB_RESUME, by)
    except psycopg.errors.UniqueViolation:  # job_of_key
        raise NotPossible(f"Pekerjaan nomor {job} sudah digantikan oleh pekerjaan lain yang sama.") from None
    give_turn(conn, job)
    return job_now


def cancel(conn: Connection[TupleRow], job: JobId, *, by: Actor) -> Job:
    """End a job for good; what its steps have done stays. Raises NoSuchJob, NotPossible."""
    return _change(conn, job, State.CANCELLED, (State.QUEUED, State.RUNNING, State.PAUSED), Act.JOB_CANCEL, by)


def _change(conn: Connection[TupleRow], job: JobId, to: State, allowed: tuple[State, ...], act: Act, by: Actor) -> Job:
    values = {"job": job, "to": to, "from": list(allowed), "message": None}
    changed = one_job(conn, SQL["change_state"], values)
    if changed is None:
        now = find(conn, job).state
        raise NotPossible(f"Pekerjaan nomor {job} berstatus {WORDS[now]}: permintaan ini tidak berlaku untuknya.")
    entry = AuditEntry(
        actor=by.name,
        actor_kind=by.kind,
        role=by.role,
        opd=by.opd,
        act=act,
        subject=f"job:{job}",
        details={"kind": changed.kind, "done": changed.done},
    )
    record(conn, entry)
    return changed


def one_job(conn: Connection[TupleRow], statement: str, values: Mapping[str, Any]) -> Job | None:
    """The job that a statement returns."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(statement, values).fetchone()
    return None if row is None else read(row)


def read(row: dict[str, Any]) -> Job:
    return Job(**{**row, "state": State(row["state"])})

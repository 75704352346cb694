"""The daily job that counts rows whose reference has ended (deleted, replaced, past its last day), field by field."""

from collections.abc import Callable
from datetime import date, time

from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import SecretStr

from base import indonesian
from hub_db import waiting
from hub_db.connection import connect, transaction
from jobs.job import Job
from jobs.kinds import Kind, Step
from jobs.schedule import Daily, Scheduled

NAME = "ended_references"
SCHEDULE = Scheduled("rujukan-berakhir", NAME, Daily(time(3, 0)))


def kind(dsn: Callable[[], SecretStr], today: Callable[[], date]) -> Kind:
    """The kind of job. `dsn`: of the owner of the database; `today`: on the instance's walls."""

    def step(_: Connection[TupleRow], job: Job) -> Step:
        with connect(dsn(), process="simpul-references") as owner:
            return _step(owner, job, today())

    return Kind(NAME, "Memeriksa rujukan yang sudah berakhir", step)


def _step(owner: Connection[TupleRow], job: Job, today: date) -> Step:
    """The next field. A step that is done again counts the same again."""
    before = job.cursor if isinstance(job.cursor, int) else 0
    with transaction(owner):
        fields = waiting.references(owner)
        if job.done >= len(fields):
            waiting.forget_others(owner)
            message = f"{indonesian.number(before)} baris merujuk data yang sudah berakhir."
            return Step(before, job.done, total=len(fields), finished=True, message=message)
        found = before + waiting.look(owner, *fields[job.done], today)
    return Step(found, job.done + 1, total=len(fields))

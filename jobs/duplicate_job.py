"""The nightly job that looks for probable duplicates among persons: what has changed against all others, in pieces."""

from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import SecretStr

from base import faults, indonesian
from base.instance import Instance
from hub_db import layouts
from hub_db.conflicts import duplicates, person_search
from hub_db.conflicts.person_search import Stage
from hub_db.connection import connect, transaction
from hub_db.golden import Entity
from jobs.conflict_job import show
from jobs.conflict_notices import cause, tell_steward
from jobs.job import Job
from jobs.kinds import Kind, Step
from jobs.notices import close_causes
from jobs.schedule import Daily, Scheduled

NAME: Final = "duplicates"
SCHEDULE: Final = Scheduled("dugaan-ganda", NAME, Daily(time(1, 0)))
Settings = Callable[[], SecretStr]


def kind(dsn: Settings, instance: Callable[[], Instance]) -> Kind:
    """The kind of job. `dsn`: of the owner of the database; asked for when a job runs, as is the instance."""

    def step(_: Connection[TupleRow], job: Job) -> Step:
        with connect(dsn(), process="simpul-duplicates") as owner:
            return _step(owner, job, instance(), now=datetime.now(UTC))

    return Kind(NAME, "Mencari dugaan ganda", step)


def _step(owner: Connection[TupleRow], job: Job, instance: Instance, *, now: datetime) -> Step:
    """The next piece. It is committed before the job's place is: what is killed between goes on behind it."""
    stage = next_piece(owner, instance, now=now)
    opened = (job.cursor if isinstance(job.cursor, int) else 0) + len(stage.opened)
    message = f"{indonesian.number(opened)} dugaan ganda ditemukan."
    return Step(opened, job.done + stage.entered + stage.compared, finished=not stage.more, message=message)


def next_piece(owner: Connection[TupleRow], instance: Instance, *, now: datetime) -> Stage:
    """The first entity of persons that has something to do, a piece of it, in a transaction; as the owner."""
    with transaction(owner):
        for entity in persons(owner):
            stage = person_search.step(owner, entity, show, now=now)
            if stage.opened or stage.ended:
                close_causes(owner, [cause(number) for number in stage.ended], now=now)
                tell_steward(owner, instance, now=now)
            if stage.more:
                faults.point("duplicates.precommit")
                return stage
    return Stage()


def persons(owner: Connection[TupleRow]) -> list[Entity]:
    """The entities whose records are of persons, by name."""
    names = sorted({contract.entity for contract in layouts.contracts(owner)})
    found = [layouts.entity_now(owner, name) for name in names]
    return [entity for entity in found if entity is not None and duplicates.is_of_persons(entity)]

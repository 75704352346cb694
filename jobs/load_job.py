"""Withdrawing a load, and restoring one: decided by a person, done by a job (`hub_db/unloading.py`)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import SecretStr

from base import faults, indonesian
from base.instance import Instance
from hub_db import layouts, loads, unloading
from hub_db.connection import connect, transaction
from hub_db.loads import LoadStep
from hub_db.told_again import ToldAgain
from hub_db.unloading import Stretch
from identity.actors import Actor, note
from identity.acts import Act
from jobs.errors import NotPossible
from jobs.job import Job, JobId, Json
from jobs.kinds import Kind, Step
from jobs.queue import enqueue
from schemas.contract import Contract
from schemas.formats.local_marks import local_warnings
from schemas.names import TopicName

NAME = "load_decision"


@dataclass(frozen=True, slots=True)
class Asked:
    """The job of a decision, and the decision's number among those about the load."""

    job: JobId
    number: int


def decide(
    conn: Connection[TupleRow],
    topic: TopicName,
    load: str,
    *,
    withdrawn: bool,
    reason: str,
    by: Actor,
    now: datetime,
) -> Asked:
    """Write down that a load is withdrawn, or restored, and ask for the job; in the caller's transaction.

    Raises NoSuchMove when it stands so already, NotPossible when the document has no event of it.
    """
    if load not in {each.load for each in loads.arrived(conn, topic)}:
        raise NotPossible(f"Tidak ada kejadian {topic.partition('.')[2]} dari muatan {load}.")
    step = LoadStep(0, withdrawn, by.name, reason, now)
    made = loads.decide(conn, topic, load, step, by_kind=by.kind, role=by.role)
    arguments: dict[str, Json] = {"topic": str(topic), "load": load, "number": made.number, "withdrawn": withdrawn}
    title = f"{'Menarik' if withdrawn else 'Memulihkan'} muatan {load}"
    job = enqueue(conn, NAME, arguments, by=by.name, key=f"{topic} {load} {made.number}", title=title)
    act = Act.LOAD_WITHDRAW if withdrawn else Act.LOAD_RESTORE
    note(conn, by, act, f"load:{topic}/{load}", now=now, number=made.number, reason=made.reason, job=int(job))
    return Asked(job, made.number)


def kind(dsn: Callable[[], SecretStr], instance: Callable[[], Instance]) -> Kind:
    """The kind of job. `dsn`: of the owner of the database; asked for when a job runs, as is the instance."""

    def step(_: Connection[TupleRow], job: Job) -> Step:
        with connect(dsn(), process="simpul-load") as owner:
            here = instance()
            return _step(owner, job, ToldAgain(local_warnings(here), here.zone))

    return Kind(NAME, "Menarik atau memulihkan muatan", step)


def _step(owner: Connection[TupleRow], job: Job, told: ToldAgain) -> Step:
    """The next stretch. It is committed before the job's place is: what is killed between is done again, in vain."""
    topic, load = TopicName(str(job.arguments["topic"])), str(job.arguments["load"])
    number, withdrawn = int(str(job.arguments["number"])), bool(job.arguments["withdrawn"])
    contract = contract_of(owner, topic)
    if not isinstance(job.cursor, dict):
        stretches = unloading.begin(owner, contract, load, withdrawn=withdrawn)
        ends = [[each.topic_no, each.partition, each.first, each.next] for each in stretches]
        return Step({"left": ends, "changed": 0}, 0, total=len(ends) or None, finished=not ends)
    place: dict[str, Any] = job.cursor
    first, *left = place["left"]
    with transaction(owner):
        changed = unloading.go_over(owner, contract, load, number, Stretch(*first), told, withdrawn=withdrawn)
        faults.point("load.precommit")
    changed += int(place["changed"])
    message = f"{indonesian.number(changed)} baris dihitung ulang."
    return Step({"left": left, "changed": changed}, job.done + 1, finished=not left, message=message)


def contract_of(owner: Connection[TupleRow], topic: TopicName) -> Contract:
    """The contract of a document that the hub takes. Raises NotPossible."""
    with transaction(owner):
        found = next((each for each in layouts.contracts(owner) if each.topic == topic), None)
    if found is None:
        raise NotPossible(f"{topic} tidak terdaftar pada hub ini.")
    return found

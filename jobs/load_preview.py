"""What withdrawing a load, or restoring it, would do, before anybody decides: counts, and some of the keys.

Keys may name persons, so each is covered as its contract says before it is kept.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import SecretStr

from base.indonesian import number
from hub_db import unloading
from hub_db.connection import connect, transaction
from hub_db.unloading import Stretch
from identity.masking import mask_of
from jobs.job import Job, JobId, Json
from jobs.kinds import Kind, Step
from jobs.load_job import contract_of
from jobs.queue import enqueue, list_jobs
from schemas.contract import Contract, Field, Sensitivity
from schemas.names import EventKey, TopicName

NAME: Final = "load_preview"
SHOWN: Final = 10  # keys of each outcome
OUTCOMES: Final[Mapping[str, str]] = {
    "back": "kembali ke kejadian sebelumnya",
    "gone": "tidak ada lagi",
    "returned": "berlaku lagi",
    "changed": "tidak diubah: sudah ada kejadian lain sejak itu",
}


@dataclass(frozen=True, slots=True)
class Preview:
    """What would become of the keys of a load: how many of them by outcome, and some of each, covered."""

    withdrawn: bool
    counts: Mapping[str, int]
    keys: Mapping[str, list[str]]

    @classmethod
    def of(cls, job: Job) -> "Preview | None":
        """As a job has reckoned it; None when that has not ended, or has failed."""
        if not isinstance(job.cursor, dict) or job.cursor.get("left"):
            return None
        return cls(bool(job.arguments["withdrawn"]), job.cursor["counts"], job.cursor["keys"])


def ask(conn: Connection[TupleRow], topic: TopicName, load: str, *, withdrawn: bool, by: str) -> JobId:
    """Ask what withdrawing a load would do, or restoring it; while that is being reckoned it is the same job."""
    title = f"Menghitung akibat {'menarik' if withdrawn else 'memulihkan'} muatan {load}"
    told: dict[str, Json] = {"topic": str(topic), "load": load, "withdrawn": withdrawn}
    return enqueue(conn, NAME, told, by=by, key=f"{topic} {load} {withdrawn}", title=title)


def newest(conn: Connection[TupleRow], topic: TopicName, load: str) -> Job | None:
    """What was asked about a load last."""
    told = {"topic": str(topic), "load": load}
    found = [job for job in list_jobs(conn, kind=NAME) if told.items() <= dict(job.arguments).items()]
    return max(found, key=lambda job: job.id, default=None)


def kind(dsn: Callable[[], SecretStr]) -> Kind:
    """The kind of job. `dsn`: of the owner of the database."""

    def step(_: Connection[TupleRow], job: Job) -> Step:
        with connect(dsn(), process="simpul-load-preview") as owner, transaction(owner):
            return _step(owner, job)

    return Kind(NAME, "Menghitung akibat menarik atau memulihkan muatan", step)


def _step(owner: Connection[TupleRow], job: Job) -> Step:
    topic, load = TopicName(str(job.arguments["topic"])), str(job.arguments["load"])
    contract = contract_of(owner, topic)
    if not isinstance(job.cursor, dict):
        left = [[each.topic_no, each.partition, each.first, each.next] for each in unloading.stretches(owner, topic)]
        return Step({"left": left, "counts": {}, "keys": {}}, 0, total=len(left) or None, finished=not left)
    place: dict[str, Any] = job.cursor
    first, *left = place["left"]
    found = unloading.foresee(owner, contract, load, Stretch(*first), withdrawn=bool(job.arguments["withdrawn"]))
    counts, keys = dict(place["counts"]), {what: list(some) for what, some in place["keys"].items()}
    for key, what in found.items():
        counts[what] = counts.get(what, 0) + 1
        if len(keys.setdefault(what, [])) < SHOWN:
            keys[what].append(covered(contract, key))
    now = {"left": left, "counts": counts, "keys": keys}
    return Step(now, job.done + 1, finished=not left, message=sentence(counts))


def sentence(counts: Mapping[str, int]) -> str:
    """The counts in words."""
    told = [f"{number(counts[what])} kunci {words}" for what, words in OUTCOMES.items() if counts.get(what)]
    return f"{'; '.join(told)}." if told else "Tidak ada kunci yang berubah."


def covered(contract: Contract, key: EventKey) -> str:
    """A key as anybody may see it."""
    fields = [contract.by_name[name] for name in contract.key]
    return "|".join(_covered(field, part) for field, part in zip(fields, key.split("|"), strict=False))


def _covered(field: Field, part: str) -> str:
    if field.sensitivity is Sensitivity.UMUM and not field.specific:
        return part
    mask = mask_of(field)
    return "*" * len(part) if mask is None else mask.cover(part)

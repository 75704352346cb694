"""A document's rows made again out of its history, held against the live ones, and swapped in when a person says so.

Two jobs: one makes the copy and tells what differs, the other swaps, or throws the copy away. What they do stands in
tables of the owner's, committed before the job's place is: what is killed between is done again, in vain.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from time import monotonic
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import SecretStr

from base import faults, indonesian
from base.instance import Instance
from hub_db import rebuild_swap, rebuilding
from hub_db.connection import connect, transaction
from hub_db.errors import CopyGone
from hub_db.rebuild_swap import Report
from hub_db.rebuilding import BEFORE_ALL, Rebuild
from hub_db.stored_sets import StoredSets
from hub_db.unloading import Stretch
from identity import audit
from identity.actors import Actor, note
from identity.acts import Act
from jobs import load_job
from jobs.errors import NotPossible
from jobs.job import Job, JobId, Json, State
from jobs.kinds import Kind, Step
from jobs.load_job import contract_of
from jobs.queue import enqueue, find, list_jobs
from schemas.contract import Contract
from schemas.formats.local_marks import local_warnings
from schemas.names import TopicName

NAME: Final = "rebuild"
END: Final = "rebuild_end"
STEP_S: Final = 0.5  # pieces of one step
# Places of a job: of the first kind FILL, READ, FOLLOW, COMPARE, SETTLE; of the second FOLLOW, SETTLE, SWAPPED.
FILL, READ, FOLLOW, COMPARE, SETTLE, SWAPPED = "fill", "read", "follow", "compare", "settle", "swapped"
DONE, GONE = "done", "gone"  # the last ones
Place = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a job of either kind ended with; `why` where it could not be done."""

    report: Report | None = None  # of the first kind
    written: Mapping[str, int] | None = None  # of the second: keys by how they differed; None: nothing was asked for
    why: str | None = None

    @classmethod
    def of(cls, job: Job) -> "Outcome | None":
        """None while the job is open."""
        if job.is_open:
            return None
        if job.state is not State.DONE or not isinstance(job.cursor, dict):
            return cls(why=job.message or "Pekerjaan dibatalkan.")
        place: Place = job.cursor
        report = place.get("report")
        return cls(None if report is None else Report(**report), place.get("written"), place.get("why"))


def ask(conn: Connection[TupleRow], topic: TopicName, *, preview: bool, by: str) -> JobId:
    """Ask for the copy and for what differs; `preview`: the copy is thrown away then. While it runs it is the same job.

    Raises NotPossible for a document that the hub does not take, and while one of its loads is being withdrawn.
    """
    contract = contract_of(conn, topic)
    deciding = [each for each in list_jobs(conn, kind=load_job.NAME) if each.is_open]
    if any(each.arguments.get("topic") == topic for each in deciding):
        raise NotPossible(f"Satu muatan {contract.name} sedang ditarik atau dipulihkan. Mohon tunggu sampai selesai.")
    told: dict[str, Json] = {"topic": str(topic), "preview": preview}
    return enqueue(conn, NAME, told, by=by, key=f"{topic} {preview}", title=f"Membangun ulang {contract.name}")


def decide(conn: Connection[TupleRow], copy: JobId, *, apply: bool, by: Actor, now: datetime) -> JobId:
    """Ask for the swap of what a job has found, or for its copy to be thrown away. Raises NotPossible, NoSuchJob."""
    made = find(conn, copy)
    found = Outcome.of(made) if made.kind == NAME else None
    if found is None or found.report is None:
        raise NotPossible(f"Pekerjaan nomor {copy} bukan pembangunan ulang yang selesai.")
    topic = TopicName(str(made.arguments["topic"]))
    told: dict[str, Json] = {"topic": str(topic), "copy": int(copy), "apply": apply}
    title = f"{'Menukar' if apply else 'Membuang'} hasil pembangunan ulang {topic.partition('.')[2]}"
    job = enqueue(conn, END, told, by=by.name, key=f"{topic} {copy}", title=title)
    if apply:
        kinds: dict[str, audit.Json] = dict(found.report.kinds)
        note(conn, by, Act.TABLE_REBUILD, f"document:{topic}", now=now, copy=int(copy), job=int(job), differ=kinds)
    return job


def kinds(dsn: Callable[[], SecretStr], instance: Callable[[], Instance]) -> tuple[Kind, Kind]:
    """The kinds of jobs. `dsn`: of the owner of the database; asked for when a job runs, as is the instance."""
    known: dict[TopicName, StoredSets] = {}

    def sets_of(contract: Contract, here: Instance) -> StoredSets:
        found = known.get(contract.topic)
        if found is None or found.contract is not contract:
            found = known[contract.topic] = StoredSets(contract, local_warnings(here))
        return found

    def stepping(number_of: Callable[[Job], int], step: Callable[[Rebuild, Job], Step]) -> Callable[..., Step]:
        def one(conn: Connection[TupleRow], job: Job) -> Step:
            here = instance()
            conn.execute(
                rebuilding.SQL["no_hurry"]
            )  # its transaction is idle while a large table is settled or written
            with connect(dsn(), process="simpul-rebuild") as owner:
                contract = contract_of(owner, TopicName(str(job.arguments["topic"])))
                work = Rebuild(owner, contract, number_of(job), sets_of(contract, here), here.zone)
                try:
                    return step(work, job)
                except CopyGone as gone:
                    return Step({"phase": GONE, "why": str(gone)}, job.done, finished=True, message=str(gone))

        return one

    def copy_of(job: Job) -> int:
        return int(str(job.arguments["copy"]))

    return (
        Kind(NAME, "Membangun ulang tabel dari riwayat", stepping(lambda job: int(job.id), _make)),
        Kind(END, "Menukar atau membuang hasil pembangunan ulang", stepping(copy_of, _end)),
    )


def _make(work: Rebuild, job: Job) -> Step:
    """Some pieces of the copy, or of its comparison."""
    if not isinstance(job.cursor, dict):
        with transaction(work.conn):
            left = [[each.topic_no, each.partition, each.first, each.next] for each in work.begin()]
        return Step({"phase": FILL, "left": left, "events": 0, "keys": 0}, 0, message="Membaca riwayat.")
    place: Place = job.cursor
    until, done = monotonic() + STEP_S, job.done
    while place["phase"] != DONE and (monotonic() < until or done == job.done):
        with transaction(work.conn):
            place = _piece(work, place, preview=bool(job.arguments["preview"]))
            faults.point("rebuild.step")
        done += 1
    number = indonesian.number
    message = f"{number(place['events'])} kejadian dibaca, {number(place['keys'])} kunci dibangun ulang."
    return Step(place, done, finished=place["phase"] == DONE, message=message)


def _piece(work: Rebuild, place: Place, *, preview: bool) -> Place:
    """The next piece; the place after it."""
    match place["phase"]:
        case "fill":
            return _fill(work, place)
        case "read":
            after, keys = work.read(place["after"])
            read = {"after": after, "keys": place["keys"] + keys}
            return place | ({"phase": FOLLOW} if after is None else read)
        case "follow":
            return place if work.follow() else place | {"phase": COMPARE, "after": BEFORE_ALL}
        case "compare":
            after = rebuild_swap.compare(work, place["after"])
            return place | ({"phase": SETTLE} if after is None else {"after": after})
        case _:
            report = rebuild_swap.settle(work)
            if preview or not report.differs:
                work.drop()
            return place | {"phase": DONE, "report": asdict(report)}


def _fill(work: Rebuild, place: Place) -> Place:
    if not place["left"]:
        return place | {"phase": READ, "after": BEFORE_ALL}
    (topic_no, partition, first, end), *left = place["left"]
    stretch = Stretch(topic_no, partition, first, min(first + rebuilding.STRETCH, end))
    events = work.fill(stretch)
    if stretch.next < end:
        left = [[topic_no, partition, stretch.next, end], *left]
    return place | {"left": left, "events": place["events"] + events}


def _end(work: Rebuild, job: Job) -> Step:
    """Take in what came since, swap, and throw the copy away: a step each."""
    phase = job.cursor["phase"] if isinstance(job.cursor, dict) else FOLLOW
    if job.arguments["apply"] and phase == FOLLOW:
        with transaction(work.conn):
            more = work.follow()
        return Step({"phase": FOLLOW if more else SETTLE}, job.done + 1)
    if phase == SETTLE:
        with transaction(work.conn):
            written = rebuild_swap.swap(work)
        return Step({"phase": SWAPPED, "written": written}, job.done + 1, message=_written(written))
    with transaction(work.conn):
        work.drop()
    place: Place = {**(job.cursor if isinstance(job.cursor, dict) else {}), "phase": DONE}
    return Step(place, job.done + 1, finished=True, message=job.message or "Salinan dibuang; tidak ada yang diubah.")


def _written(written: Mapping[str, int]) -> str:
    return f"{indonesian.number(sum(written.values()))} baris ditulis ulang."

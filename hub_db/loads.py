"""Loads: what arrived of them, and what was decided about them. Withdrawing one is a job (`hub_db/unloading.py`).

A load that was withdrawn counts no more, as if its events had never come; it can be restored.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from hub_db import announced
from hub_db.announced import Announced
from hub_db.errors import NoSuchMove
from hub_db.layouts import LOADS as SQL
from hub_db.reasons_given import reason_given
from schemas.names import TopicName


@dataclass(frozen=True, slots=True)
class LoadStep:
    """What was decided about a load."""

    number: int
    withdrawn: bool
    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Arrived:
    """What the hub has of a load, as the ledger of its document has it."""

    load: str
    came: int  # valid events, those that were known and those that wait among them
    created: int  # keys
    changed: int
    deleted: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Load:
    """A load of a document: as it was announced, as it arrived, and whether it was withdrawn."""

    name: str
    announced: Announced | None
    arrived: Arrived | None
    withdrawn: bool

    @property
    def at(self) -> datetime:
        """When it was last heard of."""
        moments = [self.announced.announced_at] if self.announced else []
        return max([*moments, *([self.arrived.last_at] if self.arrived else [])])


def loads(conn: Connection[TupleRow], topic: TopicName, *, limit: int) -> list[Load]:
    """The loads of a document, newest first. Reads that part of its ledger that names loads."""
    came = {each.load: each for each in arrived(conn, topic)}
    told = {each.load: each for each in announced.newest(conn, topic, limit=limit)}
    gone = withdrawn(conn, topic)
    found = [
        Load(name, told.get(name) or announced.find(conn, topic, name), came.get(name), name in gone)
        for name in _newest(came, told, limit)
    ]
    return sorted(found, key=lambda each: each.at, reverse=True)


def one(conn: Connection[TupleRow], topic: TopicName, name: str) -> Load | None:
    """A load of a document; None when nobody ever heard of it."""
    came = next((each for each in arrived(conn, topic) if each.load == name), None)
    told = announced.find(conn, topic, name)
    if came is None and told is None:
        return None
    return Load(name, told, came, name in withdrawn(conn, topic))


def _newest(came: Mapping[str, Arrived], told: Mapping[str, Announced], limit: int) -> list[str]:
    moments = {name: each.last_at for name, each in came.items()}
    for name, each in told.items():
        moments[name] = max(each.announced_at, moments.get(name, each.announced_at))
    return sorted(moments, key=lambda name: (moments[name], name), reverse=True)[:limit]


def arrived(conn: Connection[TupleRow], topic: TopicName) -> list[Arrived]:
    """What the hub has of each load of a document."""
    with conn.cursor(row_factory=class_row(Arrived)) as cursor:
        return cursor.execute(SQL["arrived"], {"topic": topic}).fetchall()


def withdrawn(conn: Connection[TupleRow], topic: TopicName) -> frozenset[str]:
    """The loads by which no event goes in."""
    return frozenset(name for (name,) in conn.execute(SQL["withdrawn"], {"topic": topic}))


def steps(conn: Connection[TupleRow], topic: TopicName, load: str) -> list[LoadStep]:
    """What was decided about a load, from the first decision on."""
    with conn.cursor(row_factory=class_row(LoadStep)) as cursor:
        return cursor.execute(SQL["steps"], {"topic": topic, "load": load}).fetchall()


def outcomes(conn: Connection[TupleRow], topic: TopicName, load: str) -> list[tuple[int, str, int]]:
    """How many keys each step of a load brought back, and so on (`hub.load_key`)."""
    return [
        (number, what, keys) for number, what, keys in conn.execute(SQL["outcomes"], {"topic": topic, "load": load})
    ]


def decide(
    conn: Connection[TupleRow], topic: TopicName, load: str, step: LoadStep, *, by_kind: str, role: str | None
) -> LoadStep:
    """Write a decision down (its `number` is given here). Raises NoSuchMove when the load stands so already."""
    why = reason_given(step.reason)
    conn.execute(SQL["one_at_a_time"], {"topic": topic})
    before = steps(conn, topic, load)
    if (before[-1].withdrawn if before else False) == step.withdrawn:
        raise NoSuchMove(f"Muatan {load} {'sudah ditarik' if step.withdrawn else 'tidak sedang ditarik'}.")
    made = replace(step, number=len(before) + 1, reason=why)
    values = asdict(made) | {"topic": topic, "load": load, "by_kind": by_kind, "role": role}
    conn.execute(SQL["add_step"], values)
    return made

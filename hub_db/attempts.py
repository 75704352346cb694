"""Batches that a worker begins right after it got their partition: who died in one is known to the next."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.connection import transaction
from hub_db.events import Stretch
from hub_db.statements import load

SQL = load("hub_db", "sql/attempts.sql")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A batch [first_offset, next_offset) that was begun; `deaths`: how often somebody had died before in it, or in a
    larger one that holds it. `ended`: its worker has stopped in order since."""

    first_offset: int
    next_offset: int
    records: int
    deaths: int
    ended: bool


def last(conn: Connection[TupleRow], topic_id: UUID, partition: int) -> Attempt | None:
    """What was begun last in a partition, whatever became of it."""
    with transaction(conn):
        row = conn.execute(SQL["last_attempt"], {"topic_id": topic_id, "partition": partition}).fetchone()
    return None if row is None else Attempt(*row)


def begin(conn: Connection[TupleRow], stretch: Stretch, deaths: int, worker: str) -> None:
    """Note that a batch is begun; it stands before anything of the batch is decoded."""
    named = {
        "topic_id": stretch.topic_id,
        "partition": stretch.partition,
        "first_offset": stretch.first_offset,
        "next_offset": stretch.next_offset,
        "records": stretch.records,
        "deaths": deaths,
        "worker": worker,
    }
    with transaction(conn):
        conn.execute(SQL["begin_attempt"], named)


def end(conn: Connection[TupleRow], partitions: Iterable[tuple[UUID, int]], worker: str) -> None:
    """Note that the worker stops in order, and died in none of its batches."""
    found = list(partitions)
    named = {"topic_ids": [each[0] for each in found], "partitions": [each[1] for each in found], "worker": worker}
    with transaction(conn):
        conn.execute(SQL["end_attempts"], named)

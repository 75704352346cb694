"""The ledger and the position in each partition: a chain in which a hole, an overlap or a fork cannot commit."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from hub_db.breaker import Watched
from hub_db.effects import Loads
from hub_db.errors import Fenced, Halted, LogTruncated, Paused
from hub_db.events import Stretch, Tally
from hub_db.statements import load
from schemas.names import TopicName

SQL = load("hub_db", "sql/offsets.sql")


TO_THE_END: Final = -1  # a pause has ended, and nobody has looked yet how far the log went then


@dataclass(frozen=True, slots=True)
class Position:
    """Where the hub stands in a partition."""

    topic_no: int
    next_offset: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """A partition's position in this transaction's hands: what the breaker remembers, and up to where all passes it."""

    watched: Watched
    passes_to: int


@dataclass(frozen=True, slots=True)
class Noted:
    """What is kept of a batch besides its counts: in the ledger the loads, with the position what the breaker saw."""

    loads: Loads | None = None
    watched: Watched | None = None
    round_number: int | None = None  # of a batch that waits for no round


NOTHING = Noted()


def open_partition(
    conn: Connection[TupleRow],
    topic: TopicName,
    topic_id: UUID,
    partition: int,
    *,
    log_start: int,
    log_end: int,
    worker: str,
) -> Position:
    """The position to read from; makes the genesis row of a partition that was never read.

    Records that the log lost before they were read (retention) become a `gap` row, so that the sums still
    add up. A position beyond the end of the log is LogTruncated: nothing is reset. The caller owns the transaction.
    """
    names = {"topic_id": topic_id, "partition": partition}
    row = conn.execute(SQL["topic_of_id"], names).fetchone()
    if row is None:
        document = topic.split(".", 1)[1]
        row = conn.execute(SQL["add_topic"], {**names, "name": topic, "document": document}).fetchone()
        row = row or conn.execute(SQL["topic_of_id"], names).fetchone()
    if row is None:
        raise Halted(f"{topic}: its incarnation {topic_id} could not be entered")
    topic_no = int(row[0])
    row = conn.execute(SQL["claim"], names).fetchone()
    if row is None:
        conn.execute(SQL["add_batch"], _entry("genesis", names, None, log_start, worker))
        conn.execute(SQL["open_partition"], {**names, "next_offset": log_start})
        return Position(topic_no, log_start)
    stored = int(row[0])
    if row[3] == TO_THE_END:
        conn.execute(SQL["passes_to"], {**names, "passes_to": log_end})
    if stored > log_end:
        raise LogTruncated(topic, partition, stored, log_end)
    if stored < log_start:
        conn.execute(SQL["add_batch"], _entry("gap", names, stored, log_start, worker))
        _advance(conn, names, stored, log_start, 0, Tally(), None, row[1])
        return Position(topic_no, log_start)
    return Position(topic_no, stored)


def stop(conn: Connection[TupleRow], topic_id: UUID, lost: LogTruncated) -> None:
    """Read nothing of a partition any more: what comes there now would stand in the places of what was lost."""
    conn.execute(
        SQL["stop"],
        {
            "topic_id": topic_id,
            "partition": lost.partition,
            "next_offset": lost.next_offset,
            "log_end": lost.log_end,
        },
    )


def stopped(conn: Connection[TupleRow], topic_ids: Iterable[UUID]) -> frozenset[tuple[UUID, int]]:
    """The partitions of these topics of which nothing is read."""
    return frozenset(conn.execute(SQL["stopped"], {"topic_ids": list(topic_ids)}))


def reached(conn: Connection[TupleRow], topic_ids: Iterable[UUID]) -> dict[tuple[UUID, int], int]:
    """Where the hub stands in the partitions of these topics."""
    rows = conn.execute(SQL["reached"], {"topic_ids": list(topic_ids)})
    return {(topic_id, partition): next_offset for topic_id, partition, next_offset in rows}


def claim(conn: Connection[TupleRow], stretch: Stretch) -> Claimed:
    """Lock the partition's position for this transaction; Fenced when it is no longer the stretch's beginning, Paused
    while the partition rests."""
    names = {"topic_id": stretch.topic_id, "partition": stretch.partition}
    row = conn.execute(SQL["claim"], names).fetchone()
    if row is None or row[0] != stretch.first_offset:
        found = "no position" if row is None else str(row[0])
        raise Fenced(f"{stretch.topic}[{stretch.partition}]: expected {stretch.first_offset}, found {found}")
    _, watched, pause, passes_to = row
    if pause is not None or passes_to == TO_THE_END:
        raise Paused(stretch.topic, stretch.partition, stretch.first_offset)
    return Claimed(Watched.read(watched), passes_to or 0)


def lock(conn: Connection[TupleRow], topic_id: UUID, partition: int) -> None:
    """Keep a partition's batches and releases apart for this transaction."""
    conn.execute(SQL["claim"], {"topic_id": topic_id, "partition": partition})


def enter(conn: Connection[TupleRow], stretch: Stretch, tally: Tally, worker: str, noted: Noted = NOTHING) -> None:
    """Write the ledger row of a stretch and move the position, compare-and-set."""
    names = {"topic_id": stretch.topic_id, "partition": stretch.partition}
    entry = _entry("batch", names, stretch.first_offset, stretch.next_offset, worker)
    conn.execute(
        SQL["add_batch"],
        {
            **entry,
            "records": stretch.records,
            "accepted": tally.accepted,
            "known": tally.known,
            "parked": tally.parked,
            "dead": tally.dead,
            "fetched_at": stretch.fetched_at,
            "round": noted.round_number,
            "loads": None if noted.loads is None else Jsonb(noted.loads),
        },
    )
    watched = None if noted.watched is None else noted.watched.written()
    ends = (stretch.first_offset, stretch.next_offset)
    _advance(conn, names, *ends, stretch.records, tally, stretch.appended_at, watched)


def settle_released(
    conn: Connection[TupleRow], topic_id: UUID, partition: int, *, released: int = 0, outdated: int = 0, dead: int = 0
) -> None:
    """Move events that left the parking lot from parked to accepted, known and dead in the partition's totals."""
    names = {"topic_id": topic_id, "partition": partition}
    conn.execute(SQL["settle_released"], {**names, "released": released, "outdated": outdated, "dead": dead})


def _advance(
    conn: Connection[TupleRow],
    names: dict[str, object],
    first_offset: int,
    next_offset: int,
    records: int,
    tally: Tally,
    appended_at: object,
    watched: dict[str, Any] | None,
) -> None:
    moved = conn.execute(
        SQL["advance"],
        {
            **names,
            "first_offset": first_offset,
            "next_offset": next_offset,
            "records": records,
            "accepted": tally.accepted,
            "known": tally.known,
            "parked": tally.parked,
            "dead": tally.dead,
            "released": tally.released,
            "outdated": tally.outdated,
            "appended_at": appended_at,
            "watched": None if watched is None else Jsonb(watched),
        },
    )
    if moved.rowcount != 1:
        raise Fenced(f"partition {names['partition']}: the position moved away from {first_offset}")


def _entry(
    kind: str, names: dict[str, object], first_offset: int | None, next_offset: int, worker: str
) -> dict[str, object]:
    counts = dict.fromkeys(("records", "accepted", "known", "parked", "dead"), 0)
    return {
        **names,
        **counts,
        "kind": kind,
        "first_offset": first_offset,
        "next_offset": next_offset,
        "worker": worker,
        "fetched_at": None,
        "round": None,
        "loads": None,
    }

"""Partitions that rest: the breaker lets them, a person ends it. The caller owns the transaction."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow, kwargs_row

from base import indonesian
from hub_db.breaker import Kind, Trip
from hub_db.errors import Halted, NoSuchMove
from hub_db.events import Stretch
from hub_db.reasons_given import reason_given
from hub_db.statements import load
from schemas.names import TopicName

SQL = load("hub_db", "sql/pauses.sql")
MANY = 500


@dataclass(frozen=True, slots=True)
class Pause:
    """A partition at rest, or one that was."""

    number: int
    topic: TopicName
    partition: int
    offset: int  # the first one that is not settled
    kind: Kind
    cause: str
    counted: int
    of: int
    at: datetime
    ended_at: datetime | None
    by: str | None
    reason: str | None

    @property
    def document(self) -> str:
        return self.topic.partition(".")[2]


def why(pause: Pause) -> str:
    """Why a partition rests, for people."""
    counted, of = indonesian.number(pause.counted), indonesian.number(pause.of)
    if pause.kind is Kind.STORM:
        return f"{counted} dari {of} kejadian berturut-turut dikembalikan dengan sebab {pause.cause}"
    what = "diubah" if pause.kind is Kind.CHANGES else "dihapus"
    whose = f"muatan {pause.cause}" if pause.cause else "kejadian yang tidak diumumkan"
    return f"{counted} dari {of} baris {what} dalam satu jam oleh {whose}"


def begin(conn: Connection[TupleRow], stretch: Stretch, trip: Trip) -> int:
    """Let a partition rest behind a stretch that has just been settled; the pause's number."""
    names = {"topic_id": stretch.topic_id, "partition": stretch.partition}
    told = {"kind": trip.kind.value, "cause": trip.cause, "counted": trip.counted, "of": trip.of}
    row = conn.execute(SQL["begin"], {**names, **told, "offset": stretch.next_offset}).fetchone()
    if row is None:
        raise Halted("the database gave the pause no number")
    conn.execute(SQL["hold"], {**names, "pause": row[0]})
    return int(row[0])


def end(
    conn: Connection[TupleRow], number: int, *, reason: str, by: str, by_kind: str, role: str | None, now: datetime
) -> Pause:
    """Let a partition go on: what is in its log by then passes the breaker. Raises NoSuchMove."""
    why = reason_given(reason)
    found = one(conn, number)
    if found is None:
        raise NoSuchMove(f"Jeda nomor {number} tidak ada. Lihat './simpul pauses list'.")
    named = {"number": number, "by": by, "by_kind": by_kind, "role": role, "reason": why, "now": now}
    row = conn.execute(SQL["end"], named).fetchone()
    if row is None or not row[0]:
        raise NoSuchMove(f"Jeda nomor {number} sudah diakhiri.")
    return found


def going(conn: Connection[TupleRow], partitions: Iterable[tuple[UUID, int]]) -> set[tuple[UUID, int]]:
    """Those of the partitions that do not rest."""
    asked = sorted(partitions)
    lists = {"topic_ids": [topic_id for topic_id, _ in asked], "partitions": [number for _, number in asked]}
    return {(topic_id, number) for topic_id, number in conn.execute(SQL["going"], lists)}


def pauses(
    conn: Connection[TupleRow], *, ended: bool = False, opds: Collection[str] | None = None, limit: int = MANY
) -> list[Pause]:
    """The pauses that last, newest first; with `ended` the others, too. `opds`: those of some agencies."""
    asked = {"ended": ended, "opds": None if opds is None else sorted(opds), "limit": limit}
    with conn.cursor(row_factory=kwargs_row(_pause)) as cursor:
        return cursor.execute(SQL["pauses"], asked).fetchall()


def one(conn: Connection[TupleRow], number: int) -> Pause | None:
    """A pause; None when there is none of that number."""
    with conn.cursor(row_factory=kwargs_row(_pause)) as cursor:
        return cursor.execute(SQL["one"], {"number": number}).fetchone()


def _pause(**values: Any) -> Pause:
    return Pause(**values | {"kind": Kind(values["kind"])})

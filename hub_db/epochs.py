"""Epochs: a source whose numbering restarted begins a new one, in which every version is newer than before.

An event's version is (epoch, sequence), so the hub needs no other change. Adapters ask the registry which epoch it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow, class_row
from psycopg.types.json import Jsonb

from hub_db.errors import NoSuchMove
from hub_db.stale import SQL
from schemas.names import TopicName

SHORTEST_REASON, LONGEST_REASON = 10, 500  # letters


@dataclass(frozen=True, slots=True)
class Epoch:
    """One that was begun."""

    epoch: int
    comparison: Mapping[str, Any]
    by: str
    reason: str
    at: datetime


def epochs(conn: Connection[TupleRow], topic: TopicName) -> list[Epoch]:
    """The epochs of a document that were begun, the oldest first; it is in 0 when there is none."""
    with conn.cursor(row_factory=class_row(Epoch)) as cursor:
        return cursor.execute(SQL["epochs"], {"topic": topic}).fetchall()


def begin(
    conn: Connection[TupleRow],
    topic: TopicName,
    comparison: Mapping[str, int],
    *,
    seen: int,
    by: str,
    by_kind: str,
    role: str | None,
    reason: str,
    now: datetime,
) -> int:
    """Begin the epoch after `seen`, in the caller's transaction; its number. Raises NoSuchMove, also when somebody else
    has begun it meanwhile."""
    told = reason.strip()
    if not SHORTEST_REASON <= len(told) <= LONGEST_REASON:
        raise NoSuchMove(f"Mohon tulis alasan {SHORTEST_REASON} sampai {LONGEST_REASON} huruf.")
    conn.execute(SQL["one_at_a_time"], {"topic": topic})
    before = epochs(conn, topic)
    now_in = before[-1].epoch if before else 0
    if now_in != seen:
        raise NoSuchMove(f"Sumber ini sudah berada pada epoch {now_in}; mohon bandingkan lagi.")
    conn.execute(
        SQL["add_epoch"],
        {
            "topic": topic,
            "epoch": now_in + 1,
            "comparison": Jsonb(dict(comparison)),
            "by": by,
            "by_kind": by_kind,
            "role": role,
            "reason": told,
            "at": now,
        },
    )
    return now_in + 1

"""What the pages ask PostgreSQL. Functions that take a connection; the caller owns the snapshot."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow, class_row, dict_row
from psycopg.sql import SQL, Identifier

from dashboard.exchange import DeadLetter, Document, Position, Round, Tally
from hub_db.statements import load
from schemas.names import EntityName, TopicName

EXCHANGE = load("dashboard", "sql/exchange.sql")
DEAD_LETTERS = load("dashboard", "sql/dead_letters.sql")
NEWEST_ID = 2**63 - 1  # no dead letter has a greater number


@dataclass(frozen=True, slots=True)
class Cause:
    """The waiting dead letters of one document that have one reason."""

    topic: TopicName
    fault: str
    code: str
    field: str | None
    expected: str  # of one of them
    letters: int
    newest_at: datetime


def documents(conn: Connection[TupleRow]) -> tuple[Document, ...]:
    with conn.cursor(row_factory=class_row(Document)) as cursor:
        return tuple(cursor.execute(EXCHANGE["documents"]).fetchall())


def positions(conn: Connection[TupleRow]) -> tuple[Position, ...]:
    with conn.cursor(row_factory=dict_row) as cursor:
        return tuple(map(_position, cursor.execute(EXCHANGE["positions"])))


def unpublished(conn: Connection[TupleRow]) -> dict[TopicName, int]:
    return {TopicName(topic): accepted for topic, accepted in conn.execute(EXCHANGE["unpublished"])}


def newest_round(conn: Connection[TupleRow]) -> Round | None:
    with conn.cursor(row_factory=class_row(Round)) as cursor:
        return cursor.execute(EXCHANGE["newest_round"]).fetchone()


def live_rows(conn: Connection[TupleRow], entities: Iterable[EntityName]) -> dict[EntityName, int]:
    """Exact counts of the rows that are not tombstones. One statement per table: contracts make these tables."""
    count = SQL("SELECT count(*) FROM {} WHERE NOT _deleted")
    counts: dict[EntityName, int] = {}
    for entity in entities:
        row = conn.execute(count.format(Identifier("reference", entity))).fetchone()
        counts[entity] = row[0] if row else 0
    return counts


def newest_dead_letters(conn: Connection[TupleRow], *, limit: int) -> tuple[DeadLetter, ...]:
    return _letters(conn, "newest_dead_letters", {"limit": limit})


def dead_letters_before(
    conn: Connection[TupleRow], before: int, *, topic: TopicName | None, limit: int
) -> tuple[DeadLetter, ...]:
    """One page of the waiting dead letters, newest first."""
    return _letters(conn, "dead_letters_before", {"before": before, "topic": topic, "limit": limit})


def causes(conn: Connection[TupleRow], *, topic: TopicName | None, limit: int) -> tuple[Cause, ...]:
    """The commonest reasons, the commonest first."""
    with conn.cursor(row_factory=class_row(Cause)) as cursor:
        return tuple(cursor.execute(DEAD_LETTERS["causes"], {"topic": topic, "limit": limit}).fetchall())


def _letters(conn: Connection[TupleRow], name: str, values: Mapping[str, Any]) -> tuple[DeadLetter, ...]:
    with conn.cursor(row_factory=class_row(DeadLetter)) as cursor:
        return tuple(cursor.execute(DEAD_LETTERS[name], values).fetchall())


def _position(row: Mapping[str, Any]) -> Position:
    tally = Tally(row["records"], row["accepted"], row["known"], row["parked"], row["dead"])
    return Position(row["topic"], row["partition"], row["current"], row["next_offset"], row["appended_at"], tally)

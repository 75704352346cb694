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
from identity.principals import Scope
from schemas.names import EntityName, TopicName

EXCHANGE = load("dashboard", "sql/exchange.sql")
DEAD_LETTERS = load("dashboard", "sql/dead_letters.sql")
NEWEST_ID = 2**63 - 1  # no dead letter has a greater number
EVERYWHERE = Scope(everywhere=True, opds=frozenset())


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


def documents(conn: Connection[TupleRow], *, scope: Scope = EVERYWHERE) -> tuple[Document, ...]:
    """The documents of the OPDs in `scope`."""
    with conn.cursor(row_factory=class_row(Document)) as cursor:
        return tuple(cursor.execute(EXCHANGE["documents"], _of(scope)).fetchall())


def entities(conn: Connection[TupleRow]) -> frozenset[EntityName]:
    """The entities whose rows are there to be seen: a document of them is open."""
    return frozenset(EntityName(document.entity) for document in documents(conn))


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


def newest_dead_letters(conn: Connection[TupleRow], *, scope: Scope = EVERYWHERE, limit: int) -> tuple[DeadLetter, ...]:
    return _letters(conn, "newest_dead_letters", {"limit": limit, **_of(scope)})


def dead_letters_before(
    conn: Connection[TupleRow], before: int, *, topic: TopicName | None, scope: Scope, limit: int
) -> tuple[DeadLetter, ...]:
    """One page of the waiting dead letters, newest first."""
    return _letters(conn, "dead_letters_before", {"before": before, "topic": topic, "limit": limit, **_of(scope)})


def causes(conn: Connection[TupleRow], *, topic: TopicName | None, scope: Scope, limit: int) -> tuple[Cause, ...]:
    """The commonest reasons, the commonest first."""
    values = {"topic": topic, "limit": limit, **_of(scope)}
    with conn.cursor(row_factory=class_row(Cause)) as cursor:
        return tuple(cursor.execute(DEAD_LETTERS["causes"], values).fetchall())


def _of(scope: Scope) -> dict[str, Any]:
    return {"everywhere": scope.everywhere, "opds": sorted(scope.opds)}


def _letters(conn: Connection[TupleRow], name: str, values: Mapping[str, Any]) -> tuple[DeadLetter, ...]:
    with conn.cursor(row_factory=class_row(DeadLetter)) as cursor:
        return tuple(cursor.execute(DEAD_LETTERS[name], values).fetchall())


def _position(row: Mapping[str, Any]) -> Position:
    tally = Tally(row["records"], row["accepted"], row["known"], row["parked"], row["dead"])
    place = (row["topic"], row["partition"], row["current"], row["next_offset"], row["appended_at"])
    return Position(*place, tally, row["rests"])

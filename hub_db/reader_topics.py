"""The topics of grants (`reference.<entity>.<grant>`): which are fed, how their records are written, and since when."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow, class_row
from psycopg.types.json import Jsonb

from hub_db.statements import load
from schemas.names import EntityName, SchemaId, TopicName

SQL = load("hub_db", "sql/reader_topics.sql")


@dataclass(frozen=True, slots=True)
class ReaderTopic:
    """Of one grant. The schema has the key and the granted fields, and nothing else is ever written there."""

    grant_id: int
    entity: EntityName
    topic: TopicName
    schema_id: SchemaId
    schema: Mapping[str, Any]
    open: bool
    round: int | None  # of the newest whole copy; None: one is due


def reader_topics(conn: Connection[TupleRow]) -> list[ReaderTopic]:
    """All of them, by grant."""
    with conn.cursor(row_factory=class_row(ReaderTopic)) as cursor:
        return cursor.execute(SQL["all"]).fetchall()


def enter(
    conn: Connection[TupleRow],
    grant: int,
    entity: EntityName,
    topic: TopicName,
    schema_id: SchemaId,
    schema: Mapping[str, Any],
) -> None:
    """Have a grant's topic fed from now on, beginning with a whole copy; as the owner."""
    marks = {"grant_id": grant, "entity": entity, "topic": topic, "schema_id": schema_id}
    conn.execute(SQL["enter"], marks | {"schema": Jsonb(dict(schema))})


def close(conn: Connection[TupleRow], grants: Sequence[int]) -> None:
    """Feed these topics no longer; as the owner."""
    conn.execute(SQL["close"], {"grants": list(grants)})


def waiting(conn: Connection[TupleRow]) -> list[TopicName]:
    """The open topics that wait for a whole copy."""
    return [TopicName(row[0]) for row in conn.execute(SQL["waiting"])]


def copied(conn: Connection[TupleRow], grants: Sequence[int], number: int) -> None:
    """Note the round in which topics get their whole copy."""
    conn.execute(SQL["copied"], {"grants": list(grants), "round": number})


def copy_again(conn: Connection[TupleRow], grant: int) -> TopicName | None:
    """Have a grant's topic get a whole copy once more, while it goes on; None where it is not fed."""
    row = conn.execute(SQL["copy_again"], {"grant": grant}).fetchone()
    return TopicName(row[0]) if row and row[0] is not None else None

"""Rounds of publication (promise 6): one snapshot, all changes committed since the last round, their keys' rows in it.

A round is committed in the database before Kafka has it and confirmed after. What is not confirmed when a
publisher starts goes into a new round: numbers only grow, and nothing is left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NewType

from psycopg import Connection, IsolationLevel, sql
from psycopg.rows import TupleRow
from psycopg.sql import Composed, Identifier, Literal

from hub_db import reference_tables
from hub_db.connection import transaction
from hub_db.errors import Halted
from hub_db.statements import load
from schemas.contract import Contract, Value
from schemas.names import EventKey, TopicName

SQL = load("hub_db", "sql/rounds.sql")
RoundNumber = NewType("RoundNumber", int)
PUBLISHER_LOCK = 0x51_4D_50_55  # any number that only we use
ROWS_AT_ONCE = 5_000  # fetched from the server-side cursor


@dataclass(frozen=True, slots=True)
class Letter:
    """A dead letter on its way to its topic; `headers` as [base64 name, base64 value] pairs."""

    id: int
    topic: TopicName
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[Sequence[str]]
    fault: str
    code: str
    field: str | None
    found: str
    expected: str
    remedy: str
    sha256: bytes


def try_lead(conn: Connection[TupleRow]) -> bool:
    """Whether this session is the one publisher now."""
    with transaction(conn):
        row = conn.execute(SQL["try_lead"], {"lock": PUBLISHER_LOCK}).fetchone()
    return row is not None and bool(row[0])


def give_back(conn: Connection[TupleRow]) -> list[RoundNumber]:
    """Put the changes of unconfirmed rounds back in line; returns those rounds."""
    with transaction(conn):
        row = conn.execute(SQL["unconfirmed"]).fetchone()
        rounds = {"rounds": row[0] if row else []}
        if rounds["rounds"]:
            for name in ("give_back_batches", "give_back_releases", "give_back_letters", "close_given_back"):
                conn.execute(SQL[name], rounds)
    return [RoundNumber(number) for number in rounds["rounds"]]


def anything_new(conn: Connection[TupleRow]) -> bool:
    """Whether something waits for a round."""
    with transaction(conn):
        row = conn.execute(SQL["anything_new"]).fetchone()
    return row is not None and bool(row[0])


def snapshot(conn: Connection[TupleRow]) -> None:
    """Make the transactions of this connection see one snapshot each; rounds need it."""
    conn.isolation_level = IsolationLevel.REPEATABLE_READ


def open_round(conn: Connection[TupleRow]) -> RoundNumber:
    """The next round, with every change that the transaction's snapshot sees and no round has yet."""
    row = conn.execute(SQL["open_round"]).fetchone()
    if row is None:
        raise Halted("the database gave no round number")
    number = RoundNumber(row[0])
    for name in ("take_batches", "take_releases", "take_letters"):
        conn.execute(SQL[name], {"round": number})
    return number


def topics(conn: Connection[TupleRow], number: RoundNumber) -> list[TopicName]:
    """Topics whose documents the round changes."""
    return [TopicName(row[0]) for row in conn.execute(SQL["topics_of_round"], {"round": number})]


def rows(
    conn: Connection[TupleRow], contract: Contract, number: RoundNumber
) -> Iterator[tuple[EventKey, tuple[Value, ...] | None]]:
    """The changed keys of one document with their rows in the snapshot, in contract order; None is a tombstone."""
    with conn.cursor(name="round_rows") as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(_rows_statement(contract, number), binary=True)
        for key, deleted, *values in cursor:
            yield EventKey(key), None if deleted else tuple(values)


def letters(conn: Connection[TupleRow], number: RoundNumber) -> Iterator[Letter]:
    """The round's dead letters, oldest first."""
    with conn.cursor(name="round_letters") as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(SQL["letters_of_round"], {"round": number})
        row: Sequence[Any]
        for row in cursor:
            yield Letter(*row)


def close_round(conn: Connection[TupleRow], number: RoundNumber, *, records: int, letters: int) -> None:
    """Note that Kafka has the round."""
    with transaction(conn):
        conn.execute(SQL["close_round"], {"round": number, "records": records, "letters": letters})


def _rows_statement(contract: Contract, number: RoundNumber) -> Composed:
    columns = [*(field.name for field in contract.fields)]
    match_key = (
        sql.SQL("t.{} = k.key").format(Identifier(contract.key[0]))
        if len(contract.key) == 1
        else sql.SQL(" and ").join(
            sql.SQL("t.{} = split_part(k.key, '|', {})").format(Identifier(name), Literal(position))
            for position, name in enumerate(contract.key, start=1)
        )
    )
    return sql.SQL(
        "select k.key, t._deleted, {columns} from ("
        " select h.key from hub.batch b join hub.topic n using (topic_id)"
        " join hub.history h on h.topic_no = n.topic_no and h.partition = b.partition"
        ' and h."offset" >= b.first_offset and h."offset" < b.next_offset'
        " where b.round = {number} and n.name = {topic}"
        " union"
        " select r.key from hub.release l join hub.topic n using (topic_id)"
        " join hub.release_key r on r.release_id = l.id"
        " where l.round = {number} and n.name = {topic}"
        ") k join {table} t on {match_key} order by k.key"
    ).format(
        columns=sql.SQL(", ").join(sql.SQL("t.{}").format(Identifier(name)) for name in columns),
        number=Literal(number),
        topic=Literal(contract.topic),
        table=reference_tables.table_name(contract.entity),
        match_key=match_key,
    )

"""Rounds of publication (promise 6): one snapshot, all changes committed since the last round, their keys' rows in it.

A round is committed in the database before Kafka has it and confirmed after. What is not confirmed when a
publisher starts goes into a new round: numbers only grow, and nothing is left out.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NewType

from psycopg import Connection, IsolationLevel
from psycopg.rows import TupleRow

from hub_db import layouts, reader_topics
from hub_db.connection import transaction
from hub_db.errors import Halted
from hub_db.statements import load
from schemas.names import EntityName, EventKey, TopicName

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
            for part in ("batches", "releases", "changes", "letters"):
                conn.execute(SQL[f"give_back_{part}"], rounds)
            conn.execute(reader_topics.SQL["give_back"], rounds)
            conn.execute(SQL["close_given_back"], rounds)
    return [RoundNumber(number) for number in rounds["rounds"]]


def highest(conn: Connection[TupleRow]) -> RoundNumber:
    """The highest round that was ever begun, as far as this database knows."""
    with transaction(conn):
        row = conn.execute(SQL["highest_round"]).fetchone()
    return RoundNumber(row[0] if row else 0)


def published(conn: Connection[TupleRow]) -> dict[str, EntityName]:
    """The documents of which records are published, by name, with their entities."""
    with transaction(conn):
        return {name: EntityName(entity) for name, entity in conn.execute(SQL["published_documents"])}


def go_on_behind(
    conn: Connection[TupleRow], number: RoundNumber, keys: Mapping[EntityName, Collection[EventKey]]
) -> None:
    """Readers have rounds up to this one, which the database has lost: the next one is higher, and has their keys."""
    with transaction(conn):
        conn.execute(SQL["go_on_behind"], {"round": number})
        for entity, lost in keys.items():
            conn.execute(layouts.SQL["list_change"], {"entity": entity, "cause": "lost-rounds", "keys": sorted(lost)})


def anything_new(conn: Connection[TupleRow], shut: Collection[TopicName] = ()) -> bool:
    """Whether something waits for a round. `shut`: documents whose returned events cannot be sent now."""
    with transaction(conn):
        row = conn.execute(SQL["anything_new"], {"shut": list(shut)}).fetchone()
    return row is not None and bool(row[0])


def snapshot(conn: Connection[TupleRow]) -> None:
    """Make the transactions of this connection see one snapshot each; rounds need it."""
    conn.isolation_level = IsolationLevel.REPEATABLE_READ


def open_round(conn: Connection[TupleRow], shut: Collection[TopicName] = ()) -> RoundNumber:
    """The next round, with every change that the transaction's snapshot sees and no round has yet; without the returned
    events of the documents that are `shut`."""
    row = conn.execute(SQL["open_round"]).fetchone()
    if row is None:
        raise Halted("the database gave no round number")
    number = RoundNumber(row[0])
    for name in ("take_batches", "take_releases", "take_changes", "take_letters"):
        conn.execute(SQL[name], {"round": number, "shut": list(shut)})
    return number


def changed_entities(conn: Connection[TupleRow], number: RoundNumber) -> list[EntityName]:
    """Entities of which the round changes records."""
    return [EntityName(row[0]) for row in conn.execute(SQL["entities_of_round"], {"round": number})]


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

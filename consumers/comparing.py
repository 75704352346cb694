"""What a source sends now against what the hub has of it: the comparison that goes before a new epoch.

Reads the topic's log from where the source went stale, not the history: what is older than a row is in no table.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import partial
from typing import Final, NamedTuple

from kafka import KafkaConsumer, TopicPartition
from kafka.errors import KafkaError
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Identifier

from consumers.documents import Document
from hub_db import layouts, reference_tables
from hub_db.errors import Unreachable
from schemas import event_key
from schemas.contract import Contract, Value
from schemas.names import EventKey, TopicName
from schemas.rejection import Rejection
from schemas.wire.framing import unframe
from schemas.wire.kafka import KafkaSettings
from schemas.wire.registry_client import RegistryClient

AT_ONCE: Final = 2_000  # records that are judged, keys that are looked up
ANSWER_WITHIN_S: Final = 15.0
WHEN_CHANGED: Final = "sumber_diubah"  # a restored row may have another moment of change, and be the same
_DELETED: Final = b""


class Sent(NamedTuple):
    """A record of the log."""

    key: bytes | None
    value: bytes | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Of a source's keys, as it sends them now. `unsent`: live rows of the hub of which nothing came."""

    events: int
    keys: int
    equal: int
    different: int
    new: int  # the hub has no live row
    deleted: int  # the source deletes a live row
    unsent: int
    unread: int  # events that the contract does not take

    def numbers(self) -> dict[str, int]:
        """By name, to be stored."""
        return {name: getattr(self, name) for name in self.__slots__}


def records_from(kafka: KafkaSettings, topic: TopicName, first: Mapping[int, int]) -> Iterator[Sent]:
    """The records of some partitions from these offsets to the ends that the log has now. Raises Unreachable."""
    consumer = KafkaConsumer(**kafka.kafka_python(), group_id=None, enable_auto_commit=False)
    try:
        places = {TopicPartition(topic, number): offset for number, offset in first.items()}
        starts, ends = consumer.beginning_offsets(list(places)), consumer.end_offsets(list(places))
        consumer.assign(list(places))
        for place, offset in places.items():
            consumer.seek(place, max(offset, starts[place]))
        while any(consumer.position(place) < ends[place] for place in places):
            found = consumer.poll(timeout_ms=int(ANSWER_WITHIN_S * 1000), max_records=AT_ONCE)
            if not found:
                raise Unreachable(f"Kafka has not given the records of {topic}")
            for place, records in found.items():
                yield from (Sent(each.key, each.value) for each in records if each.offset < ends[place])
    except KafkaError as error:
        raise Unreachable(f"Kafka has not given the records of {topic}: {type(error).__name__}") from error
    finally:
        consumer.close()


def compare(
    conn: Connection[TupleRow], document: Document, registry: RegistryClient, sent: Iterable[Sent], today: date
) -> Comparison:
    """Hold the newest event of each key against the document's row, as the owner of the database."""
    newest: dict[EventKey, bytes] = {}
    events = unread = 0
    for records in _sets(sent):
        events += len(records)
        unread += _take(document, registry, records, today, newest)
    found: Counter[str] = Counter()
    live = 0
    keys = list(newest)
    for place in range(0, len(keys), AT_ONCE):
        some = keys[place : place + AT_ONCE]
        held = _held(conn, document.contract, some)
        live += len(held)
        found.update(_word(newest[key], held.get(key)) for key in some)
    return Comparison(
        events,
        len(newest),
        found["equal"],
        found["different"],
        found["new"],
        found["deleted"],
        _rows(conn, document.contract) - live,
        unread,
    )


def _word(sent: bytes, held: bytes | None) -> str:
    if sent == _DELETED:
        return "equal" if held is None else "deleted"
    if held is None:
        return "new"
    return "equal" if sent == held else "different"


def _sets(sent: Iterable[Sent]) -> Iterator[list[Sent]]:
    gathered: list[Sent] = []
    for each in sent:
        gathered.append(each)
        if len(gathered) == AT_ONCE:
            yield gathered
            gathered = []
    if gathered:
        yield gathered


def _take(
    document: Document,
    registry: RegistryClient,
    records: Sequence[Sent],
    today: date,
    newest: dict[EventKey, bytes],
) -> int:
    """Note what the records say; how many of them say nothing that the contract takes."""
    rows: list[Mapping[str, object]] = []
    keys: list[EventKey] = []
    unread = 0
    for record in records:
        key = event_key.read(record.key)
        if isinstance(key, Rejection):
            unread += 1
        elif record.value is None:
            newest[key] = _DELETED
        elif (values := _values(document, registry, record.value)) is None:
            unread += 1
        else:
            keys.append(key)
            rows.append(values)
    for key, verdict in zip(keys, document.validator.check_all(rows, accepted_on=today), strict=True):
        if isinstance(verdict, dict):
            newest[key] = _digest(document.contract, verdict)
        else:
            unread += 1
    return unread


def _values(document: Document, registry: RegistryClient, value: bytes) -> Mapping[str, object] | None:
    framed = unframe(value)
    readers = None if isinstance(framed, Rejection) else document.readers_of(framed[0], registry)
    if readers is None or isinstance(framed, Rejection):
        return None
    body = readers.one.read(framed[1])
    return None if isinstance(body, Rejection) else body


def _digest(contract: Contract, row: Mapping[str, Value]) -> bytes:
    """Of all that a row says, but when it was changed."""
    texts = [_text(row[field.name]) for field in contract.fields if field.name != WHEN_CHANGED]
    return hashlib.blake2b("\x1f".join(texts).encode(), digest_size=16).digest()


def _text(value: Value) -> str:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds")
    return "\x00" if value is None else str(value)


def _held(conn: Connection[TupleRow], contract: Contract, keys: Sequence[EventKey]) -> dict[EventKey, bytes]:
    """The live rows of the document's table by key."""
    names = [str(field.name) for field in contract.fields]
    statement = SQL("select k.key, {} from unnest(%s::text[]) as k (key) join {} t on {} where not t._deleted").format(
        SQL(", ").join(SQL("t.{}").format(Identifier(name)) for name in names),
        _table(conn, contract),
        reference_tables.is_key(contract.key, SQL("k.key")),
    )
    digest = partial(_digest, contract)
    rows = conn.execute(statement, (list(keys),))
    return {EventKey(key): digest(dict(zip(names, values, strict=True))) for key, *values in rows}


def _rows(conn: Connection[TupleRow], contract: Contract) -> int:
    statement = SQL("select count(*) from {} where not _deleted").format(_table(conn, contract))
    row = conn.execute(statement).fetchone()
    return int(row[0]) if row else 0


def _table(conn: Connection[TupleRow], contract: Contract) -> Identifier:
    table = layouts.table_of(conn, contract)
    if table is None:
        raise LookupError(f"{contract.name} has no table")
    return Identifier(*table)

"""What waits in the parking lot, by what it misses, and what refers to records that have ended: for its owners."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from psycopg import Connection, sql
from psycopg.rows import TupleRow, class_row
from psycopg.sql import Composed, Identifier, Literal

from hub_db import layouts, reference_tables
from hub_db.statements import load
from schemas.contract import Contract, Field, Reference
from schemas.names import EntityName, FieldName, TopicName

SQL = load("hub_db", "sql/waiting.sql")
UNTIL: Final = FieldName("berlaku_sampai")  # the last day of a record, where its contract has such a field
KEYS_SHOWN: Final = 20


@dataclass(frozen=True, slots=True)
class Waits:
    """Events of a document that wait for one record, or for records whose keys not everybody may see (`key` None)."""

    topic: TopicName
    field: FieldName
    entity: EntityName
    key: str | None
    events: int
    records: int  # different ones that are missed
    since: datetime


@dataclass(frozen=True, slots=True)
class Ended:
    """Live rows of a document whose field names records that have ended."""

    topic: TopicName
    field: FieldName
    cause: str  # dihapus, diganti, berakhir
    entity: EntityName
    rows: int
    records: int
    keys: Sequence[str]  # some of the records, where everybody may see their keys
    seen_at: datetime


def topics(conn: Connection[TupleRow], opds: Sequence[str] | None = None) -> list[TopicName]:
    """The documents of some agencies (None: of all) in production."""
    return [
        TopicName(topic) for (topic,) in conn.execute(SQL["topics"], {"opds": None if opds is None else list(opds)})
    ]


def waits(conn: Connection[TupleRow], wanted: Sequence[TopicName]) -> list[Waits]:
    """What waits, the largest group first."""
    with conn.cursor(row_factory=class_row(Waits)) as cursor:
        return cursor.execute(SQL["waits"], {"topics": list(wanted)}).fetchall()


def ended(conn: Connection[TupleRow], wanted: Sequence[TopicName]) -> list[Ended]:
    """References to records that have ended, as the daily look has found them."""
    with conn.cursor(row_factory=class_row(Ended)) as cursor:
        return cursor.execute(SQL["ended"], {"topics": list(wanted)}).fetchall()


def references(conn: Connection[TupleRow]) -> list[tuple[TopicName, FieldName]]:
    """Every field of a document in production that refers to a record, in order."""
    return [(each.topic, field.name) for each in layouts.contracts(conn) for field in _referring(each)]


def look(conn: Connection[TupleRow], topic: TopicName, name: FieldName, today: date) -> int:
    """Count anew which rows of a field name records that have ended; how many rows. As the owner, in the caller's
    transaction; reads the document's rows once."""
    conn.execute(SQL["forget"], {"topic": topic, "field": name})
    contracts = layouts.contracts(conn)
    contract = next((each for each in contracts if each.topic == topic), None)
    field = contract.by_name.get(name) if contract is not None else None
    if contract is None or field is None or field.reference is None:
        return 0
    rows = layouts.table_of(conn, contract)
    target = ("reference", str(field.reference.entity))
    ends = _ends(conn, contracts, field.reference)
    if rows is None or not reference_tables.exists(conn, target):
        return 0
    found = conn.execute(
        _counts(Identifier(*rows), Identifier(*target), field, field.reference, ends), {"today": today}
    ).fetchall()
    for cause, count, records, keys in found:
        values = {"topic": topic, "field": name, "cause": cause, "entity": field.reference.entity, "keys": keys}
        conn.execute(SQL["enter"], {**values, "rows": count, "records": records})
    return sum(int(count) for _, count, _, _ in found)


def forget_others(conn: Connection[TupleRow]) -> None:
    """Forget what was found of fields that refer to nothing any more."""
    known = references(conn)
    conn.execute(SQL["forget_others"], {"topics": [topic for topic, _ in known], "fields": [name for _, name in known]})


def _referring(contract: Contract) -> list[Field]:
    """Fields that refer to a record; what names a successor refers to none that should live."""
    return [field for field in contract.fields if field.reference is not None and not field.is_replaced_by]


def _ends(
    conn: Connection[TupleRow], contracts: Sequence[Contract], reference: Reference
) -> list[tuple[str, Composed]]:
    """How a record of the entity ends: cause and condition over `r`, the first that holds is told."""
    entity = layouts.entity_now(conn, reference.entity)
    columns = {field.name for field in entity.columns} if entity is not None else set()
    successors = {
        field.name
        for each in contracts
        if each.entity == reference.entity
        for field in each.fields
        if field.is_replaced_by and field.name in columns
    }
    found = [("dihapus", sql.SQL("r._deleted").format())]
    found += [("diganti", sql.SQL("r.{} is not null").format(Identifier(name))) for name in sorted(successors)]
    if UNTIL in columns:
        found.append(("berakhir", sql.SQL("r.{} < %(today)s").format(Identifier(UNTIL))))
    return found


def _counts(
    rows: Identifier, target: Identifier, field: Field, reference: Reference, ends: Sequence[tuple[str, Composed]]
) -> Composed:
    """By cause: rows, different records, and some of their keys where everybody may see them."""
    cases = sql.SQL(" ").join(sql.SQL("when {} then {}").format(condition, Literal(cause)) for cause, condition in ends)
    key = Identifier(reference.field)
    return sql.SQL(
        "select e.cause, count(*), count(distinct e.key),"
        " case when hub.has_open_keys({entity})"
        " then (array_agg(distinct e.key order by e.key))[1:{shown}] else array[]::text[] end"
        " from (select case {cases} end as cause, r.{key}::text as key from {target} r"
        " join {rows} t on t.{field} = r.{key} where not t._deleted and ({any})) e"
        " group by e.cause order by e.cause"
    ).format(
        entity=Literal(reference.entity),
        shown=Literal(KEYS_SHOWN),
        cases=cases,
        key=key,
        target=target,
        rows=rows,
        field=Identifier(field.name),
        any=sql.SQL(" or ").join(condition for _, condition in ends),
    )

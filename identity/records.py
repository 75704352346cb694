"""Reading reference rows for people and programs: no caller ever gets a value that he may not see.

What is masked is masked in the database already (`identity/masked_views.py`). A row is addressed by its key or, where
the key is a person's number, by a handle (`masked.handle_of`). Values in the clear come from `identity/looks.py` alone.
"""

from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final

from psycopg import Connection, sql
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from hub_db.connection import translated
from hub_db.statements import load
from identity.errors import NotAllowed
from identity.masked_views import has_personal_key
from identity.masking import Shown, Viewer, shown
from schemas.contract import Contract, Field, Kind, Value
from schemas.names import EntityName, FieldName

SQL = load("identity", "sql/records.sql")
LONGEST_PAGE: Final = 500


@dataclass(frozen=True, slots=True)
class Record:
    """One row as its viewer may see it; hidden fields are not in it. A masked value is a text."""

    address: str  # of the row, for links: its key, or a handle
    values: Mapping[FieldName, Value]
    shown: Mapping[FieldName, Shown]


def records(
    conn: Connection[TupleRow],
    contract: Contract,
    viewer: Viewer,
    *,
    filters: Mapping[FieldName, str] | None = None,
    order: FieldName | None = None,
    after: Record | None = None,
    limit: int = 50,
    only: Collection[FieldName] | None = None,
) -> list[Record]:
    """One page of live rows, those after `after`. Filters and order only by fields that are open to the viewer; of what
    may be seen, `only` leaves the rest out.

    Rows whose key is a person's number come in the order of their handles, which says nothing of them, and only by a
    filter: nobody browses the population. Raises NotAllowed.
    """
    found = _seen(contract, viewer)
    filters = filters or {}
    _check_open(contract, [*filters, *([order] if order else [])], found)
    columns = _columns(found, only)
    if not columns or not _may_address(contract, found):
        raise NotAllowed("Data ini tidak dapat Anda lihat.")
    limit = max(1, min(limit, LONGEST_PAGE))
    if not has_personal_key(contract):
        return _plain_page(conn, contract, found, columns, filters, order, after, limit)
    if order:
        raise NotAllowed("Data perorangan tidak dapat diurutkan. Mohon pakai penyaring.")
    if not filters:
        raise NotAllowed("Data perorangan hanya ditampilkan dengan penyaring. Mohon pilih paling sedikit satu.")
    values = {
        "entity": contract.entity,
        "columns": columns,
        "filters": Jsonb(dict(filters)),
        "after": after.address if after else None,
        "limit": limit,
    }
    with translated():
        rows = conn.execute(SQL["page"], values).fetchall()
    return [Record(address, read_values(contract, row, found), found) for address, row in rows]


def records_at(
    conn: Connection[TupleRow],
    contract: Contract,
    viewer: Viewer,
    keys: Sequence[str],
    *,
    only: Collection[FieldName] | None = None,
) -> list[Record]:
    """The live rows with these keys, in the order of their keys. Raises NotAllowed, also where the key is a person's
    number: asking for that is a look."""
    found = _seen(contract, viewer)
    columns = _columns(found, only)
    if not columns or has_personal_key(contract) or not _may_address(contract, found):
        raise NotAllowed("Data ini tidak dapat Anda lihat.")
    parts = [key.split("|") for key in keys]
    asked = [sql.SQL(", ").join(map(sql.Literal, each)) for each in parts if len(each) == len(contract.key)]
    if not asked:
        return []
    places = _key_order(contract)
    condition = sql.SQL("({}) in ({})").format(
        places, sql.SQL(", ").join(sql.SQL("({})").format(each) for each in asked)
    )
    return _plain_rows(conn, contract, found, columns, condition, places, len(asked))


def open_fields(contract: Contract, viewer: Viewer, only: Collection[FieldName] | None = None) -> list[FieldName]:
    """The fields that an export has for the viewer, in the contract's order. Raises NotAllowed where the key is a
    person's number, as nobody browses the population, or where nothing may be seen."""
    found = _seen(contract, viewer)
    columns = _columns(found, only)
    if not columns or has_personal_key(contract) or not _may_address(contract, found):
        raise NotAllowed("Data ini tidak dapat diambil seluruhnya.")
    return columns


def all_records(
    conn: Connection[TupleRow], contract: Contract, viewer: Viewer, columns: Sequence[FieldName], at_once: int
) -> Generator[list[Record]]:
    """Every live row, some at a time and in the order of their keys, from a cursor of the caller's transaction.

    `columns` come from `open_fields`.
    """
    found = _seen(contract, viewer)
    statement = _plain_statement(contract, columns, sql.SQL("true"), _key_order(contract))
    with translated(), conn.cursor(name="all_records") as cursor:
        cursor.itersize = at_once
        cursor.execute(statement)
        while some := cursor.fetchmany(at_once):
            yield [Record(row[0], dict(zip(columns, row[1:], strict=True)), found) for row in some]


def record(
    conn: Connection[TupleRow],
    contract: Contract,
    viewer: Viewer,
    address: str,
    *,
    only: Collection[FieldName] | None = None,
) -> Record | None:
    """One live row by its address; None when there is none, or nothing of it may be seen."""
    found = _seen(contract, viewer)
    columns = _columns(found, only)
    if not columns or not _may_address(contract, found) or "\0" in address:
        return None
    if not has_personal_key(contract):
        return _plain_one(conn, contract, found, columns, address)
    with translated():
        row = conn.execute(SQL["one"], {"entity": contract.entity, "columns": columns, "address": address}).fetchone()
    return Record(address, read_values(contract, row[0], found), found) if row and row[0] is not None else None


def records_of_persons(
    conn: Connection[TupleRow],
    contract: Contract,
    viewer: Viewer,
    addresses: Sequence[str],
    *,
    only: Collection[FieldName] | None = None,
) -> dict[str, Record]:
    """Live rows whose key is a person's number by their addresses, in one statement."""
    found = _seen(contract, viewer)
    columns = _columns(found, only)
    values = {"entity": contract.entity, "columns": columns, "addresses": list(addresses)}
    with translated():
        rows = conn.execute(SQL["those"], values).fetchall() if columns and addresses else []
    return {at: Record(at, read_values(contract, raw, found), found) for at, raw in rows if raw is not None}


def read_values(contract: Contract, raw: Mapping[str, Any], how: Mapping[FieldName, Shown]) -> dict[FieldName, Value]:
    """Values out of PostgreSQL's JSON, in the contract's order; open ones in the type of their field."""
    return {
        field.name: _read(field, raw[field.name]) if how[field.name] is Shown.OPEN else raw[field.name]
        for field in contract.fields
        if field.name in raw
    }


def _seen(contract: Contract, viewer: Viewer) -> dict[FieldName, Shown]:
    """As without a look: what a look opens is told by the look."""
    return shown(contract, viewer.looking(()))


def _columns(how: Mapping[FieldName, Shown], only: Collection[FieldName] | None) -> list[FieldName]:
    return [name for name, each in how.items() if each is not Shown.HIDDEN and (only is None or name in only)]


def _may_address(contract: Contract, how: Mapping[FieldName, Shown]) -> bool:
    """An address that is the row's key tells it; one that is a handle tells nothing."""
    if has_personal_key(contract):
        return any(each is not Shown.HIDDEN for each in how.values())
    return all(how[name] is Shown.OPEN for name in contract.key)


def _check_open(contract: Contract, names: Sequence[FieldName], how: Mapping[FieldName, Shown]) -> None:
    """Whoever could filter or sort by a masked value would find it out by asking often enough."""
    closed = [name for name in names if how.get(name) is not Shown.OPEN]
    if closed:
        raise NotAllowed(f"Kolom {closed[0]} tidak dapat dipakai untuk menyaring atau mengurutkan.")


def _plain_page(
    conn: Connection[TupleRow],
    contract: Contract,
    found: Mapping[FieldName, Shown],
    columns: Sequence[FieldName],
    filters: Mapping[FieldName, str],
    order: FieldName | None,
    after: Record | None,
    limit: int,
) -> list[Record]:
    """Rows with an open key, by a field that is always there, then by their key. Index: the table's primary key."""
    if order and contract.by_name[order].nullable:
        raise NotAllowed(f"Kolom {order} tidak dapat dipakai untuk mengurutkan.")
    sorting = [*([order] if order else []), *(name for name in contract.key if name != order)]
    places = sql.SQL(", ").join(map(sql.Identifier, sorting))
    conditions = [
        sql.SQL("{} = {}").format(sql.Identifier(name), sql.Literal(value)) for name, value in filters.items()
    ]
    if after is not None:
        last = sql.SQL(", ").join(sql.Literal(after.values[name]) for name in sorting)
        conditions.append(sql.SQL("({}) > ({})").format(places, last))
    condition = sql.SQL(" and ").join([*conditions, sql.SQL("true").format()])
    return _plain_rows(conn, contract, found, columns, condition, places, limit)


def _plain_rows(
    conn: Connection[TupleRow],
    contract: Contract,
    found: Mapping[FieldName, Shown],
    columns: Sequence[FieldName],
    condition: sql.Composable,
    order: sql.Composable,
    limit: int,
) -> list[Record]:
    statement = _plain_statement(contract, columns, condition, order) + sql.SQL(" limit {}").format(sql.Literal(limit))
    with translated():
        rows = conn.execute(statement).fetchall()
    return [Record(row[0], dict(zip(columns, row[1:], strict=True)), found) for row in rows]


def _plain_one(
    conn: Connection[TupleRow],
    contract: Contract,
    found: Mapping[FieldName, Shown],
    columns: Sequence[FieldName],
    key: str,
) -> Record | None:
    parts = key.split("|")
    if len(parts) != len(contract.key):
        return None
    with translated():
        row = conn.execute(_by_key(contract.entity, contract.key, tuple(columns)), parts).fetchone()
    return Record(row[0], dict(zip(columns, row[1:], strict=True)), found) if row else None


@lru_cache(maxsize=512)
def _by_key(entity: EntityName, key: tuple[FieldName, ...], columns: tuple[FieldName, ...]) -> bytes:
    """One statement per shape, so that each session prepares it once. Index: the table's primary key."""
    return (
        sql.SQL("select _key, {} from {} where {}")
        .format(
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.Identifier("masked", entity),
            sql.SQL(" and ").join(sql.SQL("{} = %s").format(sql.Identifier(name)) for name in key),
        )
        .as_bytes(None)
    )


def _plain_statement(
    contract: Contract, columns: Sequence[FieldName], condition: sql.Composable, order: sql.Composable
) -> sql.Composed:
    """Rows of an entity with an open key. Index: the table's primary key."""
    return sql.SQL("select _key, {} from {} where {} order by {}").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.Identifier("masked", contract.entity),
        condition,
        order,
    )


def _key_order(contract: Contract) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, contract.key))


def _read(field: Field, value: Any) -> Value:
    if value is None:
        return None
    match field.kind:
        case Kind.DATE:
            return date.fromisoformat(value)
        case Kind.TIMESTAMP:
            return datetime.fromisoformat(value)
        case Kind.DECIMAL:
            return Decimal(str(value)).quantize(Decimal(1).scaleb(-(field.scale or 0)))
        case Kind.DOUBLE:
            return float(value)
        case Kind.STRING | Kind.INT | Kind.LONG | Kind.BOOLEAN:
            found: Value = value
            return found

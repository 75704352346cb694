"""Probable duplicates among the records of persons, as conflicts: all of them at once, for a steward who asks."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import polars as pl
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composed, Identifier

from hub_db.conflicts.causes import Found, Kind, Side
from hub_db.golden import Entity
from hub_db.matching.pairs import COLUMNS, duplicates
from hub_db.reference_tables import table_name
from schemas.contract import Value
from schemas.names import EventKey, FieldName

# What the matcher calls it → the field of a person's record.
FIELDS: Final = {
    "name": "nama",
    "born_on": "tanggal_lahir",
    "sex": "jenis_kelamin",
    "place": "tempat_lahir",
    "mother": "nama_ibu",
    "village": "kode_wilayah",
    "card": "no_kk",
}
NEEDED: Final = ("nama", "tanggal_lahir")
ROWS_AT_ONCE: Final = 20_000  # fetched from the server-side cursor


def is_of_persons(entity: Entity) -> bool:
    """Whether its records have what persons are told apart by."""
    names = {field.name for field in entity.columns}
    return len(entity.key) == 1 and all(FieldName(name) in names for name in NEEDED)


def find(conn: Connection[TupleRow], entity: Entity) -> list[Found]:
    """Pairs of records that are probably one person, the surest first, within the caller's transaction.

    A record that another one has replaced already is left out, as is one without a name.
    """
    everybody = pl.concat([pl.DataFrame(schema=COLUMNS), *_chunks(conn, entity)])
    return told(entity, everybody, duplicates(everybody))


def people(conn: Connection[TupleRow], entity: Entity, keys: Sequence[str]) -> pl.DataFrame:
    """The records with some keys, as `find` reads them."""
    statement = _statement(entity) + SQL(" and t.{} = any(%s)").format(Identifier(entity.key[0]))
    return pl.DataFrame(conn.execute(statement, (list(keys),)).fetchall(), schema=COLUMNS, orient="row")


def told(entity: Entity, people: pl.DataFrame, pairs: pl.DataFrame) -> list[Found]:
    """The pairs with what both sides say."""
    wanted = pl.concat([pairs["key"], pairs["key_b"]]).unique()
    rows = {row["key"]: row for row in people.filter(pl.col("key").is_in(wanted.implode())).iter_rows(named=True)}
    owner = entity.contracts[0].name
    return [_found(entity, owner, rows[a], rows[b], reasons) for a, b, _, reasons in pairs.iter_rows()]


def _found(entity: Entity, owner: str, a: dict[str, Any], b: dict[str, Any], reasons: list[str]) -> Found:
    said: tuple[Value, ...] = tuple(row[name] for row in (a, b) for name in FIELDS)
    return Found(
        Kind.DUPLICATE,
        entity.name,
        EventKey(a["key"]),
        "",
        _side(owner, entity, a),
        _side(owner, entity, b),
        said,
        tuple(reasons),
        b["key"],
    )


def _side(owner: str, entity: Entity, row: dict[str, Any]) -> Side:
    known = {entity.key[0]: row["key"]} | {FieldName(field): row[name] for name, field in FIELDS.items()}
    return Side(owner, {name: value for name, value in known.items() if value is not None})


def _chunks(conn: Connection[TupleRow], entity: Entity) -> Iterator[pl.DataFrame]:
    with conn.cursor(name="persons") as cursor:
        cursor.itersize = ROWS_AT_ONCE
        cursor.execute(_statement(entity))
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield pl.DataFrame(rows, schema=COLUMNS, orient="row")


def _statement(entity: Entity) -> Composed:
    """All live records; reads the whole table."""
    there = {field.name for field in entity.columns}
    columns = [
        SQL("t.{}").format(Identifier(field)) if FieldName(field) in there else SQL("null") for field in FIELDS.values()
    ]
    replaced = [
        SQL(" and t.{} is null").format(Identifier(field.name)) for field in entity.columns if field.is_replaced_by
    ]
    return SQL("select t.{key}, {columns} from {table} t where not t._deleted and t.{name} is not null{rest}").format(
        key=Identifier(entity.key[0]),
        columns=SQL(", ").join(columns),
        table=table_name(entity.name),
        name=Identifier(FIELDS["name"]),
        rest=SQL("").join(replaced),
    )

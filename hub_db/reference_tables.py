"""Tables of rows that contracts make (`reference.<entity>`, `source.<document>`), and the statements for them.

Column order everywhere: the contract's fields, then MARKS, then WARNINGS; an entity's table that is a fold of several
sources has no WARNINGS, as each source's row has its own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Final, LiteralString
from zlib import crc32

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal

from schemas.contract import Contract, Field, Kind
from schemas.names import EntityName

# What the hub notes on each row: version and place of the event that made it, and whether it is a tombstone.
MARKS: dict[str, str] = {
    "_epoch": "integer",
    "_sequence": "bigint",
    "_deleted": "boolean",
    "_topic_no": "integer",
    "_partition": "integer",
    "_offset": "bigint",
    "_event_time": "timestamptz",
}

# What is told of a row: codes, as `schemas.row_warnings.joined` has them; null where nothing is.
WARNINGS = "_warnings"

PLAIN_TYPES = {
    Kind.STRING: "text",
    Kind.INT: "integer",
    Kind.LONG: "bigint",
    Kind.DOUBLE: "double precision",
    Kind.BOOLEAN: "boolean",
    Kind.DATE: "date",
    Kind.TIMESTAMP: "timestamptz",
}

Table = tuple[str, str]  # its schema and its name
# As it goes to the server: a composed one would be put together again for every batch.
Statement = bytes

# Readers of the hub that work on rows; the page counts rows but reads no values.
INTAKE, PUBLISHER, WEB = Identifier("simpul_intake"), Identifier("simpul_publisher"), Identifier("simpul_web")


def table_name(entity: EntityName) -> Identifier:
    return Identifier("reference", entity)


def source_table(contract: Contract) -> tuple[str, str]:
    """Schema and name of the document's own table, where several speak about its entity."""
    return "source", f"{contract.opd}_{contract.document.replace('-', '_')}"


def sandbox_table(contract: Contract) -> tuple[str, str]:
    """Schema and name of the document's table in the sandbox."""
    return "uji", source_table(contract)[1]


def column_types(contract: Contract) -> list[str]:
    """PostgreSQL type names of a reference row, in column order; for binary COPY."""
    return [*(_type_name(field) for field in contract.fields), *MARKS.values(), "text"]


def create_table(contract: Contract, table: Identifier | None = None) -> Composed:
    """`create table if not exists` with every check that PostgreSQL can hold by itself; the entity's, unless told.

    A tombstone keeps its key and marks; its other columns are null, so NOT NULL is asked of live rows only.
    """
    key = set(contract.key)
    columns = [column(field, is_key=field.name in key) for field in contract.fields]
    marks = [SQL("{} {}").format(Identifier(name), SQL(kind)) for name, kind in (MARKS | {WARNINGS: "text"}).items()]
    required = [field.name for field in contract.fields if not field.nullable and field.name not in key]
    whole = [SQL("{} is not null").format(Identifier(name)) for name in required]
    return SQL(
        "create table if not exists {table} ({columns}, primary key ({key}),"
        " constraint live_rows_are_whole check (_deleted or ({live})),"
        " constraint marks_are_whole check (num_nulls(_epoch, _sequence, _deleted, _topic_no, _partition, _offset) = 0)"
        ") with (fillfactor = 70)"
    ).format(
        table=table or table_name(contract.entity),
        columns=SQL(", ").join(columns + marks),
        key=SQL(", ").join(map(Identifier, contract.key)),
        live=SQL(" and ").join([*whole, SQL("true").format()]),
    )


@dataclass(frozen=True, slots=True)
class TableStatements:
    """The statements of one table of rows; those of keys take one array of texts per key column."""

    table: Table
    make_stage: Statement
    copy_table: Statement
    copy_stage: Statement
    merge_stage: Statement
    merge_row: Statement  # the same of one row that is given: for a few of them a stage costs more than it saves
    marks_of_keys: Statement
    marks_of_lines: Statement
    live_rows: Statement  # how many came by a partition


MERGE: Final = (
    "insert into {table} as t ({columns}) {rows} on conflict ({key}) do update set {changes}"
    " where (t._epoch, t._sequence) < (excluded._epoch, excluded._sequence)"
)


def ready(text: LiteralString, **parts: Composable) -> Statement:
    """A statement with its names in it; parts that it does not name are left out."""
    return SQL(text).format(**parts).as_bytes()


@lru_cache(maxsize=256)
def _statements(schema: str, table_of: str, columns: tuple[str, ...], key: tuple[str, ...]) -> TableStatements:
    names = [*columns, *MARKS, WARNINGS]
    # A session's stage is made once, so that one from before a new column must not be met again.
    mark = crc32(",".join(names).encode())
    table, stage = Identifier(schema, table_of), Identifier(f"stage_{schema}_{table_of}_{mark:08x}")
    all_columns, key_columns = SQL(", ").join(map(Identifier, names)), SQL(", ").join(map(Identifier, key))
    changes = SQL(", ").join(SQL("{0} = excluded.{0}").format(Identifier(name)) for name in names if name not in key)
    arrays = SQL(", ").join(SQL("%s::text[]") * len(key))
    key_text = SQL(" || '|' || ").join(SQL("t.{}").format(Identifier(name)) for name in key)
    row = _row_by_key(table, key, _joined(key))
    made = partial(ready, table=table, stage=stage, columns=all_columns, key=key_columns, changes=changes)
    return TableStatements(
        table=(schema, table_of),
        make_stage=made("create temporary table if not exists {stage} (like {table}) on commit delete rows"),
        copy_table=made("copy {table} ({columns}) from stdin (format binary)"),
        copy_stage=made("copy {stage} ({columns}) from stdin (format binary)"),
        # Sorted keys: two transactions that touch the same rows meet in the same order and cannot deadlock.
        merge_stage=made(MERGE, rows=SQL("select {} from {} order by {}").format(all_columns, stage, key_columns)),
        merge_row=made(MERGE, rows=SQL("values ({})").format(SQL(", ").join(SQL("%s") * len(names)))),
        marks_of_keys=made(
            "select {key_text}, t._epoch, t._sequence, t._topic_no, t._partition, t._offset"
            " from unnest({arrays}) as k ({key}) {row}",
            key_text=key_text,
            arrays=arrays,
            row=row,
        ),
        marks_of_lines=_marks_of_lines(table, key).as_bytes(),
        live_rows=made("select count(*) from {table} where not _deleted and _partition = %s"),
    )


def _marks_of_lines(table: Identifier, key: tuple[str, ...]) -> Composed:
    """One row of arrays: which of the keys (from 1), then their marks. A text per key column, a line per key."""
    return SQL(
        "select array_agg(k.n), array_agg(t._epoch), array_agg(t._sequence), array_agg(t._topic_no),"
        " array_agg(t._partition), array_agg(t._offset)"
        " from rows from ({lines}) with ordinality as k ({key}, n) {row}"
    ).format(
        lines=SQL(", ").join(SQL("string_to_table(%s, E'\\n')") * len(key)),
        key=SQL(", ").join(map(Identifier, key)),
        row=_row_by_key(table, key, _joined(key)),
    )


def _row_by_key(table: Composed | Identifier, key: Sequence[str], is_key: Composed) -> Composed:
    """A join to key and marks of each key's one row `t`: looked up by the index, however large the table has grown.

    PostgreSQL keeps the plan of a prepared statement for a while. One that was made when the table was small would read
    the whole of it for each batch; with a limit inside there is no other plan than the look-up.
    """
    columns = SQL(", ").join(SQL("t.{}").format(Identifier(name)) for name in (*key, *MARKS))
    return SQL("cross join lateral (select {columns} from {table} t where {is_key} limit 1) t").format(
        columns=columns, table=table, is_key=is_key
    )


def _joined(key: tuple[str, ...]) -> Composed:
    """The table's row `t` is the one of the key `k`."""
    return SQL(" and ").join(SQL("t.{0} = k.{0}").format(Identifier(name)) for name in key)


def statements(contract: Contract, table: tuple[str, str] | None = None) -> TableStatements:
    """The statements of a table (its schema and name) with the document's rows; the entity's, unless told."""
    schema, name = table or ("reference", contract.entity)
    return _statements(schema, name, tuple(field.name for field in contract.fields), contract.key)


def exists(conn: Connection[TupleRow], table: Table) -> bool:
    """Whether there is such a table yet."""
    row = conn.execute("select to_regclass(format('%%I.%%I', %s::text, %s::text)) is not null", table).fetchone()
    return row is not None and bool(row[0])


def is_key(columns: Sequence[str], text: SQL) -> Composed:
    """Whether the key columns of `t` are those of a key as one text."""
    if len(columns) == 1:
        return SQL("t.{} = {}").format(Identifier(columns[0]), text)
    parts = [
        SQL("t.{} = split_part({}, '|', {})").format(Identifier(name), text, Literal(place))
        for place, name in enumerate(columns, start=1)
    ]
    return SQL(" and ").join(parts)


@lru_cache(maxsize=256)
def present_keys(table: Table, columns: tuple[str, ...]) -> Statement:
    """Those of an array of keys that are live rows of a table. Index: the table's primary key."""
    rows = _row_by_key(Identifier(*table), columns, is_key(columns, SQL("k.key")))
    return (
        SQL("select k.key from unnest(%s::text[]) as k (key) {rows} where not t._deleted").format(rows=rows).as_bytes()
    )


@lru_cache(maxsize=256)
def absent_lines(table: Table, columns: tuple[str, ...]) -> Statement:
    """Which of the keys in a text, a line each and counted from 1, are no live rows of a table, as one array.

    Index: the table's primary key.
    """
    statement = SQL(
        "select array_agg(k.n) from string_to_table(%s, E'\\n') with ordinality as k (key, n)"
        " where (select true from {table} t where {is_key} and not t._deleted limit 1) is null"
    ).format(table=Identifier(*table), is_key=is_key(columns, SQL("k.key")))
    return statement.as_bytes()


def waiting_keys(table: Table, entity: EntityName, columns: tuple[str, ...]) -> Composed:
    """Keys of one partition's parked events whose missing record of `entity` is in a table now, at most %(limit)s."""
    return SQL(
        "select distinct p.key from hub.parked p join {table} t on {is_key} and not t._deleted"
        " where p.topic_no = %(topic_no)s and p.partition = %(partition)s and p.missing_entity = {entity}"
        " limit %(limit)s"
    ).format(table=Identifier(*table), is_key=is_key(columns, SQL("p.missing_key")), entity=Literal(entity))


def key_arrays(contract: Contract, keys: Sequence[str]) -> list[list[str]]:
    """Event keys as one array per key column, for the statements above."""
    if len(contract.key) == 1:
        return [list(keys)]
    parts = [key.split("|") for key in keys]
    return [[part[index] for part in parts] for index in range(len(contract.key))]


def _type_name(field: Field) -> str:
    return "numeric" if field.kind is Kind.DECIMAL else PLAIN_TYPES[field.kind]


def column_type(field: Field) -> str:
    """A column's type, as PostgreSQL itself writes it."""
    return f"numeric({field.precision},{field.scale})" if field.kind is Kind.DECIMAL else PLAIN_TYPES[field.kind]


def collation_of(field: Field, *, is_key: bool) -> str:
    """What follows the type of a column by which rows are found."""
    return ' collate "C"' if field.kind is Kind.STRING and (is_key or field.reference is not None) else ""


def collated(field: Field, value: Composed) -> Composed:
    """A value out of columns of any documents: their collations may differ."""
    return SQL('({}) collate "C"').format(value) if field.kind is Kind.STRING else value


def column(field: Field, *, is_key: bool, checked: bool = True) -> Composed:
    """The definition of a field's column, with or without its checks."""
    kind = column_type(field) + collation_of(field, is_key=is_key)
    checks = SQL("").join(SQL(" check ({})").format(check) for check in (checks_of(field) if checked else ()))
    return SQL("{} {}{}").format(Identifier(field.name), SQL(kind), checks)


def checks_of(field: Field) -> list[Composed]:
    """What PostgreSQL itself refuses in a column. Patterns with logic stay with the validators."""
    column = Identifier(field.name)
    checks: list[Composed] = []
    match field.kind:
        case Kind.STRING:
            if field.max_length is not None or field.min_length is not None:
                low, high = field.min_length or 0, field.max_length or 10_485_760
                checks.append(SQL("char_length({}) between {} and {}").format(column, Literal(low), Literal(high)))
            if field.enum is not None:
                checks.append(SQL("{} in ({})").format(column, SQL(", ").join(map(Literal, field.enum))))
        case Kind.DATE | Kind.TIMESTAMP:
            # `infinity` and years that the drivers cannot read must not get in by any road.
            checks.append(SQL("isfinite({0}) and {0} >= '1850-01-01' and {0} < '2201-01-01'").format(column))
        case Kind.DOUBLE:
            checks.append(SQL("{0} not in ('NaN', 'Infinity', '-Infinity')").format(column))
        case Kind.DECIMAL:
            checks.append(SQL("{0} <> 'NaN'").format(column))
        case Kind.INT | Kind.LONG | Kind.BOOLEAN:
            pass
    if field.kind in (Kind.INT, Kind.LONG, Kind.DOUBLE, Kind.DECIMAL):
        checks += [
            SQL("{} {} {}").format(column, SQL(sign), Literal(limit))
            for sign, limit in ((">=", field.minimum), ("<=", field.maximum))
            if limit is not None
        ]
    return checks

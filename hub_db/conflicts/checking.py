"""Checks of contracts over rows and the rows that they refer to: which rows break which check."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import polars as pl
from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composed, Identifier

from hub_db.conflicts.causes import Found, Kind, Side
from hub_db.reference_tables import is_key
from schemas import expressions
from schemas.checks import CheckSet
from schemas.contract import Contract, Rule, Value
from schemas.entities import Columns
from schemas.expressions import ACCEPTED_ON, JOINT
from schemas.names import EntityName, EventKey, FieldName


@dataclass(frozen=True, slots=True)
class Checked:
    """A document with checks, where its rows are, and the first documents of the entities that it refers to."""

    contract: Contract
    table: tuple[str, str]
    checks: CheckSet
    owners: Mapping[EntityName, str]  # entity → <opd>.<document>

    @classmethod
    def of(
        cls,
        contract: Contract,
        table: tuple[str, str],
        columns: Mapping[EntityName, Columns],
        owners: Mapping[EntityName, str],
    ) -> "Checked":
        return cls(contract, table, CheckSet(contract, columns), owners)

    def references(self) -> dict[FieldName, EntityName]:
        """The fields whose referenced rows the checks look at, and the entities of those."""
        names = {FieldName(name.partition(JOINT)[0]) for name in self.checks.columns if JOINT in name}
        return {
            field.name: field.reference.entity
            for field in self.contract.fields
            if field.name in names and field.reference is not None
        }


def find(conn: Connection[TupleRow], checked: Checked, keys: Sequence[EventKey], today: date) -> list[Found]:
    """What breaks a check among the document's rows with these keys."""
    names = list(checked.checks.columns)
    rows = conn.execute(_rows_statement(checked, names), {"keys": list(keys)}).fetchall()
    if not rows:
        return []
    columns = [[row[place] for row in rows] for place in range(1, len(names) + 1)]
    frame = pl.DataFrame(
        [
            pl.Series(name, values, dtype=kind, strict=False)
            for (name, kind), values in zip(checked.checks.columns.items(), columns, strict=True)
        ]
    )
    breaches = checked.checks.breaches(frame, today)
    rules = {rule.name: rule for rule in checked.checks.rules}
    return [
        _found(checked, EventKey(rows[place][0]), dict(zip(names, rows[place][1:], strict=True)), rules[name])
        for place, broken in breaches.items()
        for name in broken
    ]


def keys_referring(
    conn: Connection[TupleRow], checked: Checked, field: FieldName, keys: Sequence[EventKey]
) -> list[EventKey]:
    """The keys of the document's live rows that refer to some records by a field. Reads the whole table, once for all
    the records."""
    statement = SQL("select {text} from {table} t where t.{field} = any(%(keys)s) and not t._deleted").format(
        text=_key_text(checked.contract), table=Identifier(*checked.table), field=Identifier(field)
    )
    return [EventKey(key) for (key,) in conn.execute(statement, {"keys": list(keys)})]


def _found(checked: Checked, key: EventKey, row: Mapping[str, Value], rule: Rule) -> Found:
    """Side A is the referenced record that the check names first, side B the row itself."""
    used = sorted(expressions.names(rule.expression) - {ACCEPTED_ON})
    joined = [name for name in used if JOINT in name]
    field = FieldName(joined[0].partition(JOINT)[0])
    entity = checked.references()[field]
    a = {FieldName(name.partition(JOINT)[2]): row[name] for name in joined if name.startswith(f"{field}{JOINT}")}
    b = {FieldName(name): row[name] for name in used if JOINT not in name}
    return Found(
        Kind.CHECK,
        checked.contract.entity,
        key,
        rule.name,
        Side(checked.owners[entity], a),
        Side(checked.contract.name, b),
        tuple(row[name] for name in used),
    )


def _rows_statement(checked: Checked, names: Sequence[str]) -> Composed:
    """The document's live rows with what the checks name. Indexes: the primary keys of all tables."""
    contract, joins, columns = checked.contract, [], []
    for place, (field, entity) in enumerate(checked.references().items()):
        reference = contract.by_name[field].reference
        assert reference is not None  # noqa: S101 - `references` has such fields alone
        alias = Identifier(f"r{place}")
        joins.append(
            SQL("left join {table} {alias} on {alias}.{key} = t.{field} and not {alias}._deleted").format(
                table=Identifier("reference", entity),
                alias=alias,
                key=Identifier(reference.field),
                field=Identifier(field),
            )
        )
    aliases = {field: f"r{place}" for place, field in enumerate(checked.references())}
    for name in names:
        own, joint, column = name.partition(JOINT)
        columns.append(Identifier(aliases[FieldName(own)], column) if joint else Identifier("t", own))
    return SQL(
        "select {text}, {columns} from unnest(%(keys)s::text[]) as k (key) join {table} t on {same} {joins}"
        " where not t._deleted"
    ).format(
        text=_key_text(contract),
        columns=SQL(", ").join(columns),
        table=Identifier(*checked.table),
        same=is_key(contract.key, SQL("k.key")),
        joins=SQL(" ").join(joins),
    )


def _key_text(contract: Contract) -> Composed:
    return SQL(" || '|' || ").join(SQL("t.{}").format(Identifier(name)) for name in contract.key)

"""How a table of a contract's rows follows a new version: from its live columns to the ALTERs that are missing.

Every new column is nullable and has no default of its own: a row from before reads null, which is the default that a
contract's optional field has. No statement here rewrites or scans the table, but for a type that is widened. A column
whose field is gone stays, with its values.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composed, Identifier

from hub_db.connection import translated
from hub_db.errors import Halted
from hub_db.reference_tables import checks_of, collation_of, column_type, sandbox_table, source_table
from hub_db.statements import load
from schemas.contract import Contract, Field
from schemas.loader import read
from schemas.names import FieldName

STATEMENTS = load("hub_db", "sql/tables.sql")
WHOLE = "live_rows_are_whole"
# From → to without loss of a value; `numeric` grows within its scale.
_PROMOTIONS = frozenset({("integer", "bigint"), ("integer", "double precision"), ("bigint", "double precision")})


@dataclass(frozen=True, slots=True)
class LiveTable:
    """A table as the database has it."""

    schema: str
    name: str
    types: Mapping[str, str]  # column → type as PostgreSQL writes it: "numeric(15,2)"
    checks: Mapping[str, list[str]] = field(default_factory=dict)  # column → names of the CHECKs on it alone

    @property
    def identifier(self) -> Identifier:
        return Identifier(self.schema, self.name)


def changes(live: LiveTable, contract: Contract, before: Contract | None) -> list[Composed]:
    """The statements that make `live` hold rows of `contract`, in order; none when it does already. Pure.

    `before`: the version that the table was made for, None when nobody knows; then CHECKs stay as they are. Raises
    Halted for a type that rows cannot follow.
    """
    known = {} if before is None else dict(before.by_name)
    found: list[Composed] = []
    for each in contract.fields:
        if each.name not in live.types:
            found += _new_column(live, each)
        else:
            found += _changed_column(live, contract, each, known.get(each.name))
    if before is not None:
        found += _less_wholeness(live, contract, before)
    return found


def fit(conn: Connection[TupleRow], contract: Contract, *tables: tuple[str, str]) -> int:
    """Make tables (schema and name; unless told, the entity's, the document's own, and that of its sandbox) hold the
    contract's rows; how many statements it took.

    Where there is no table yet, nothing is done. As the owner; the caller owns the transaction, and says how long a
    lock may be waited for. Raises Unreachable when a lock was not to be had.
    """
    with translated():
        row = conn.execute(STATEMENTS["contract_of_topic"], {"topic": contract.topic}).fetchone()
        before = None if row is None else read(row[0], file=f"hub.document {contract.topic}")
        count = 0
        for schema, name in tables or (("reference", contract.entity), source_table(contract), sandbox_table(contract)):
            live = _live(conn, schema, name)
            for statement in changes(live, contract, before) if live.types else ():
                conn.execute(statement)
                count += 1
    return count


def _new_column(live: LiveTable, new: Field) -> Iterator[Composed]:
    kind = SQL(column_type(new) + collation_of(new, is_key=False))
    yield SQL("alter table {} add column {} {}").format(live.identifier, Identifier(new.name), kind)
    yield from _add_checks(live, new)


def _changed_column(live: LiveTable, contract: Contract, new: Field, old: Field | None) -> Iterator[Composed]:
    stored, wanted = live.types[new.name], column_type(new)
    is_wider = stored != wanted
    if is_wider and not _may_become(stored, wanted):
        raise Halted(f"{contract.name}.{new.name}: stored as {stored}, which cannot become {wanted}")
    if is_wider or (old is not None and _texts(old) != _texts(new)):
        for name in live.checks.get(new.name, ()):
            yield SQL("alter table {} drop constraint {}").format(live.identifier, Identifier(name))
        if is_wider:
            yield SQL("alter table {} alter column {} type {}").format(
                live.identifier, Identifier(new.name), SQL(wanted)
            )
        yield from _add_checks(live, new)


def _add_checks(live: LiveTable, new: Field) -> Iterator[Composed]:
    """Not held against rows from before: they have no value, or one that an earlier version took."""
    for check in checks_of(new):
        yield SQL("alter table {} add check ({}) not valid").format(live.identifier, check)


def _less_wholeness(live: LiveTable, contract: Contract, before: Contract) -> Iterator[Composed]:
    """A field that became optional, or went, is no longer asked of live rows; a new required one never is, as rows
    from before do not have it (the validators ask for it)."""
    asked, wanted = _required(before), _required(contract)
    kept = [name for name in asked if name in wanted]
    if kept != asked:
        yield SQL("alter table {} drop constraint if exists {}").format(live.identifier, Identifier(WHOLE))
        conditions = [SQL("{} is not null").format(Identifier(name)) for name in kept]
        yield SQL("alter table {} add constraint {} check (_deleted or ({})) not valid").format(
            live.identifier, Identifier(WHOLE), SQL(" and ").join([*conditions, SQL("true").format()])
        )


def _required(contract: Contract) -> list[FieldName]:
    """The fields that every live row has, besides the key."""
    return [each.name for each in contract.fields if not each.nullable and each.name not in contract.key]


def _may_become(stored: str, wanted: str) -> bool:
    if (stored, wanted) in _PROMOTIONS:
        return True
    digits = [[int(part) for part in kind[8:-1].split(",")] for kind in (stored, wanted) if kind.startswith("numeric(")]
    return len(digits) == 2 and digits[0][1] == digits[1][1] and digits[0][0] <= digits[1][0]


def _texts(each: Field) -> list[str]:
    return [check.as_string() for check in checks_of(each)]


def _live(conn: Connection[TupleRow], schema: str, name: str) -> LiveTable:
    marks = {"schema": schema, "name": name}
    found = conn.execute(STATEMENTS["column_types"], marks).fetchall()
    types = {column: kind.replace("timestamp with time zone", "timestamptz") for column, kind in found}
    checks: dict[str, list[str]] = {}
    for column, constraint in conn.execute(STATEMENTS["column_checks"], marks):
        checks.setdefault(column, []).append(constraint)
    return LiveTable(schema, name, types, checks)

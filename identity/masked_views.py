"""Views that mask, one per entity, made from the contracts: all that the page's role can read of reference rows.

A view has the entity's public and restricted fields as they are, personal ones behind their mask, and no column for
what no mask can show. Its columns `_key`, `_key_1` …, `_clear` are for the owner's functions (migration 0003) alone.
"""

from collections.abc import Sequence

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composable, Composed, Identifier

from hub_db.connection import translated
from hub_db.reference_tables import table_name
from hub_db.statements import load
from identity.masking import mask_of
from schemas.contract import Contract, Field, Sensitivity
from schemas.names import EntityName, FieldName

STATEMENTS = load("identity", "sql/records.sql")
READER = Identifier("simpul_web")
_RANK = {Sensitivity.UMUM: 0, Sensitivity.TERBATAS: 1, Sensitivity.PRIBADI: 2}


def is_personal(field: Field) -> bool:
    """Whether a value of it is masked or hidden from whoever does not look under a grant."""
    return field.sensitivity is Sensitivity.PRIBADI or field.specific


def has_personal_key(contract: Contract) -> bool:
    """Whether rows are addressed by a handle, as their key is a person's number."""
    return any(is_personal(contract.by_name[name]) for name in contract.key)


def make_view(conn: Connection[TupleRow], contracts: Sequence[Contract]) -> None:
    """Make the view of an entity from the contracts of its documents, as the owner, after the entity's table.

    Of documents that describe a field differently, the strictest holds; what the table does not have is left out.
    Doing it twice changes nothing.
    """
    first = min(contracts, key=lambda contract: contract.priority)
    there = {name for (name,) in conn.execute(STATEMENTS["columns"], {"entity": first.entity})}
    fields = {name: field for name, field in strictest(contracts).items() if name in there}
    view = Identifier("masked", first.entity)
    open_columns = [Identifier(name) for name, field in fields.items() if _column(field) is not None]
    personal = any(is_personal(fields[name]) for name in first.key)
    columns = [*open_columns, *([] if personal else [Identifier("_key")])]
    with translated(), conn.transaction():
        conn.execute(SQL("drop view if exists {}").format(view))
        conn.execute(_create_view(view, first.entity, first.key, list(fields.values())))
        conn.execute(SQL("grant select ({}) on {} to {}").format(SQL(", ").join(columns), view, READER))
        conn.execute(
            STATEMENTS["enter_entity"],
            {
                "entity": first.entity,
                "owner": first.opd,
                "personal": personal,
                "key": list(first.key),
                "open": not any(map(is_personal, fields.values())),
            },
        )


def strictest(contracts: Sequence[Contract]) -> dict[FieldName, Field]:
    """The fields of an entity's documents, each as the strictest of them has it."""
    found: dict[FieldName, Field] = {}
    for contract in sorted(contracts, key=lambda contract: contract.priority):
        for field in contract.fields:
            known = found.get(field.name)
            if known is None or _strictness(field) > _strictness(known):
                found[field.name] = field
    return found


def drop_view(conn: Connection[TupleRow], entity: EntityName) -> None:
    """Take the view away, so that its table can be changed; `make_view` makes it again."""
    with translated():
        conn.execute(SQL("drop view if exists {}").format(Identifier("masked", entity)))


def _strictness(field: Field) -> tuple[bool, int, bool]:
    """Hidden above masked above restricted above public."""
    return field.specific, _RANK[field.sensitivity], is_personal(field) and mask_of(field) is None


def _create_view(view: Identifier, entity: EntityName, key: Sequence[FieldName], fields: Sequence[Field]) -> Composed:
    raw = [SQL("t.{}").format(Identifier(name)) for name in key]
    columns: list[Composable] = [
        SQL("{} as {}").format(column, Identifier(field.name)) for field in fields if (column := _column(field))
    ]
    columns += [SQL("{} as {}").format(each, Identifier(f"_key_{place}")) for place, each in enumerate(raw, 1)]
    columns.append(SQL("{} as _key").format(SQL(" || '|' || ").join(raw)))
    every = SQL(", ").join(SQL("t.{}").format(Identifier(field.name)) for field in fields)
    columns.append(SQL("(select to_jsonb(x) from (select {}) x) as _clear").format(every))
    return SQL("create view {} as select {} from {} t where not t._deleted").format(
        view, SQL(", ").join(columns), table_name(entity)
    )


def _column(field: Field) -> Composable | None:
    """What the view shows of a field; None = it has no column."""
    column = SQL("t.{}").format(Identifier(field.name))
    if not is_personal(field):
        return column
    found = mask_of(field)
    return SQL(found.expression).format(column) if found else None

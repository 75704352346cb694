"""Single rows by their open key, for whoever sends the statements himself: what is asked, and the row out of the texts
that PostgreSQL answers. What may be seen of it is the same as `identity.records` says.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from psycopg import sql

from hub_db.statements import load
from identity.masked_views import has_personal_key
from identity.masking import Shown, Viewer, shown
from identity.records import Record
from schemas.contract import Contract, Kind, Value
from schemas.names import EntityName, FieldName

SQL = load("identity", "sql/single_rows.sql")
GRANTED: Final = SQL["granted_now"].encode()
_ANYBODY: Final = Viewer(everywhere=True)  # nobody sees more fields than this one, without a look
_READ: Final[Mapping[Kind, Callable[[str], Value]]] = {
    Kind.STRING: str,
    Kind.INT: int,
    Kind.LONG: int,
    Kind.DOUBLE: float,
    Kind.DECIMAL: Decimal,
    Kind.BOOLEAN: "t".__eq__,
    Kind.DATE: date.fromisoformat,
    Kind.TIMESTAMP: datetime.fromisoformat,
}
Texts = Sequence[bytes | None]


@dataclass(frozen=True, slots=True)
class SingleRow:
    """How a row of an entity is asked for. Its statement has every field that anybody may see: `read` leaves out what
    this viewer may not."""

    contract: Contract
    statement: bytes  # with `$1`, `$2` … for the parts of the key; its first column is the key. Index: primary key
    columns: tuple[FieldName, ...]

    def parts(self, key: str) -> list[bytes] | None:
        """The values of the statement; None for what can be no key."""
        parts = key.split("|")
        return [each.encode() for each in parts] if len(parts) == len(self.contract.key) and "\0" not in key else None

    def read(self, texts: Texts, how: Mapping[FieldName, Shown], only: Collection[FieldName] | None) -> Record | None:
        """The row as `how` shows it; None where nothing of it may be seen."""
        if not all(how[name] is Shown.OPEN for name in self.contract.key):
            return None
        by_name, values = self.contract.by_name, dict[FieldName, Value]()
        for name, text in zip(self.columns, texts[1:], strict=True):
            seen = how[name]
            if seen is Shown.HIDDEN or (only is not None and name not in only):
                continue
            if text is None:
                values[name] = None
            else:
                values[name] = _READ[by_name[name].kind](text.decode()) if seen is Shown.OPEN else text.decode()
        return Record((texts[0] or b"").decode(), values, how) if values else None


def single_row(contract: Contract) -> SingleRow | None:
    """How rows of the entity are asked for; None where the key is a person's number, as asking for that is a look."""
    if has_personal_key(contract):
        return None
    columns = tuple(name for name, how in shown(contract, _ANYBODY).items() if how is not Shown.HIDDEN)
    statement = sql.SQL("select _key, {} from {} where {}").format(
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.Identifier("masked", contract.entity),
        sql.SQL(" and ").join(
            sql.SQL("{} = {}").format(sql.Identifier(name), sql.SQL(f"${place}"))
            for place, name in enumerate(contract.key, 1)
        ),
    )
    return SingleRow(contract, statement.as_bytes(None), columns)


def granted(rows: Sequence[Texts]) -> dict[EntityName, frozenset[FieldName]]:
    """What GRANTED found, as `identity.grants.granted_fields` gives it."""
    found: dict[EntityName, frozenset[FieldName]] = {}
    for entity, field in rows:
        name = EntityName((entity or b"").decode())
        found[name] = found.get(name, frozenset()) | {FieldName((field or b"").decode())}
    return found

"""Reference rows for the pages: who sees what of them, and how values and filters are written. No value in the clear
comes from here; those are told by `identity.looks`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from decimal import Decimal

from psycopg import Connection
from psycopg.rows import TupleRow

from base import indonesian
from dashboard.forms import read_date
from identity.grants import Grant, granted_fields, grants_of
from identity.masked_views import has_personal_key
from identity.masking import Shown, Viewer, shown, viewer_of
from identity.permissions import TABLE, Permission, Reach
from identity.principals import Caller, Principal
from identity.records import Record
from schemas import code_lists
from schemas.contract import Contract, Field, Kind, Value
from schemas.names import EntityName, FieldName

LONGEST_FILTER = 200
_WHOLE = re.compile(r"-?[0-9]{1,9}")
_DECIMAL = re.compile(r"-?[0-9]{1,15}([.,][0-9]{1,9})?")
_YES_NO = {"ya": "true", "tidak": "false"}


@dataclass(frozen=True, slots=True)
class Seen:
    """An entity as somebody sees it."""

    contract: Contract
    how: Mapping[FieldName, Shown]

    @property
    def columns(self) -> list[Field]:
        """Fields of which anything is shown, the key first."""
        key = [self.contract.by_name[name] for name in self.contract.key]
        rest = [field for field in self.contract.fields if field not in key]
        return [field for field in (*key, *rest) if self.how[field.name] is not Shown.HIDDEN]

    @property
    def filters(self) -> list[Field]:
        """Fields by which rows may be asked for: those whose values are shown as they are."""
        return [
            field
            for field in self.contract.fields
            if self.how[field.name] is Shown.OPEN and field.kind is not Kind.TIMESTAMP
        ]

    @property
    def personal(self) -> bool:
        """Whether the key is a person's number: then rows are shown by a filter only."""
        return has_personal_key(self.contract)

    def count(self, how: str) -> int:
        return sum(1 for each in self.how.values() if each is Shown(how))


def seen(contract: Contract, viewer: Viewer) -> Seen:
    return Seen(contract, shown(contract, viewer))


def viewer(conn: Connection[TupleRow], principal: Caller, now: datetime) -> Viewer:
    """What the caller may see, with what is granted to the OPDs for which the caller reads."""
    opds = principal.scope(Permission.VIEW_RECORDS).opds
    return viewer_of(principal, granted_fields(conn, opds, on=now))


def usable_grants(conn: Connection[TupleRow], principal: Principal, entity: EntityName, now: datetime) -> list[Grant]:
    """The grants under which the person may look: those of the OPDs in which a role is held that may."""
    opds = {each.opd for each in principal.roles if TABLE[each.role][Permission.UNMASK] is not Reach.NONE}
    return [grant for opd in sorted(opds) for grant in grants_of(conn, opd, on=now) if grant.entity == entity]


def title(field: Field) -> str:
    """What a field is, in few words: "Jenis kelamin"."""
    return field.doc.partition(":")[0]


def plain(field: Field, value: Value, zone: tzinfo) -> str:
    """A value as it is written here; a masked one is a text already."""
    match value:
        case None:
            return "–"
        case bool():
            return "ya" if value else "tidak"
        case datetime():
            return indonesian.moment(value, zone)
        case date():
            return indonesian.day(value)
        case Decimal() | float():
            return indonesian.decimal(value)
        case int():
            return indonesian.number(value)
        case _:
            name = code_lists.load(field.codes).codes.get(value) if field.codes else None
            return f"{value} ({name})" if name else value


def filter_value(field: Field, text: str) -> str | None:
    """What somebody typed as PostgreSQL compares it with the field; None for what no value of the field can be."""
    text = text.strip()
    if not 1 <= len(text) <= LONGEST_FILTER or not text.isprintable():
        return None
    match field.kind:
        case Kind.DATE:
            day = read_date(text)
            return day.isoformat() if day else None
        case Kind.INT | Kind.LONG:
            return text if _WHOLE.fullmatch(text) else None
        case Kind.DECIMAL | Kind.DOUBLE:
            return text.replace(",", ".") if _DECIMAL.fullmatch(text) else None
        case Kind.BOOLEAN:
            return _YES_NO.get(text.lower())
        case Kind.TIMESTAMP:
            return None
        case Kind.STRING:
            return text


def place_after(contract: Contract, address: str) -> Record | None:
    """The row after which a page begins, as its address tells; None when the address cannot be one."""
    if has_personal_key(contract):
        return Record(address, {}, {})
    parts: Sequence[str] = address.split("|")
    if len(parts) != len(contract.key):
        return None
    return Record(address, dict(zip(contract.key, parts, strict=True)), {})

"""What of a value is shown, and to whom: a pure function of contract × role × grant (DOMAIN §5).

MASKS is the one place that says what a mask does; `mask_of` the one that says which field has which. The same masks are
put into the database's views as expressions (`identity/masked_views.py`), and a test holds the two against each other.
"""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Final

from base.indonesian import number
from identity.permissions import Permission
from identity.principals import Caller
from schemas.contract import Contract, Field, Kind, Sensitivity, Value
from schemas.names import EntityName, FieldName

SMALLEST_CELL: Final = 5  # fewer could be recognised one by one
_INSIDE_A_WORD: Final = re.compile(r"(?<=\S)\S")


class Shown(Enum):
    """How a field is shown."""

    OPEN = "open"
    MASKED = "masked"
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True)
class Mask:
    """One way to cover a value: in Python, and as an SQL expression over `{}`."""

    name: str
    cover: Callable[[Value], str]
    expression: str


def _last(count: int) -> Callable[[Value], str]:
    def cover(value: Value) -> str:
        text = str(value)
        return "*" * (len(text) - count) + text[-count:] if len(text) > 2 * count else "*" * len(text)

    return cover


def _last_expression(count: int) -> str:
    return (
        f"case when char_length({{0}}) > {2 * count}"
        f" then repeat('*', char_length({{0}}) - {count}) || right({{0}}, {count})"
        " else repeat('*', char_length({0})) end"
    )


def _initials(value: Value) -> str:
    return _INSIDE_A_WORD.sub("*", str(value))


def _year(value: Value) -> str:
    return f"{value.year:04}" if isinstance(value, date) else ""


LAST_FOUR = Mask("last-four", _last(4), _last_expression(4))
LAST_THREE = Mask("last-three", _last(3), _last_expression(3))
INITIALS = Mask("initials", _initials, r"regexp_replace({0}, '(?<=\S)\S', '*', 'g')")
YEAR = Mask("year", _year, "to_char({0}, 'YYYY')")
AS_IT_IS = Mask("village", str, "{0}")  # a code of a region names a village at most

MASKS: Final[Mapping[str, Mask]] = {
    "nik": LAST_FOUR,
    "no-kk": LAST_FOUR,
    "npwp16": LAST_FOUR,
    "nip": LAST_FOUR,
    "nama-orang": INITIALS,
    "telepon": LAST_THREE,
    "kode-wilayah": AS_IT_IS,
}


def mask_of(field: Field) -> Mask | None:
    """The mask of a personal field; None = there is none that leaves anything to show, so the field is hidden."""
    if field.specific:
        return None
    if field.kind is Kind.DATE:
        return YEAR
    return MASKS.get(field.format or "")


@dataclass(frozen=True, slots=True)
class Viewer:
    """What one caller may see of the reference data. Without a look nothing personal is ever open."""

    everywhere: bool = False  # role reaches over every OPD's data
    opds: frozenset[str] = frozenset()  # OPDs whose data the role reaches
    granted: Mapping[EntityName, frozenset[FieldName]] | None = None  # what the OPD's grants name
    looking_at: frozenset[FieldName] = frozenset()  # what an unmasked look opens: `looking`

    def reaches(self, contract: Contract) -> bool:
        return self.everywhere or contract.opd in self.opds

    def fields_granted(self, entity: EntityName) -> frozenset[FieldName]:
        return (self.granted or {}).get(entity, frozenset())

    def looking(self, fields: Collection[FieldName]) -> "Viewer":
        """The viewer during an audited look (`identity/looks.py`)."""
        return replace(self, looking_at=frozenset(fields))


def viewer_of(caller: Caller, granted: Mapping[EntityName, frozenset[FieldName]]) -> Viewer:
    """The viewer that a caller is: by the table of permissions, and the grants of the OPD for which he reads."""
    scope = caller.scope(Permission.VIEW_RECORDS)
    return Viewer(scope.everywhere, scope.opds, granted if not scope.is_empty else {})


def shown(contract: Contract, viewer: Viewer) -> dict[FieldName, Shown]:
    """How each field of the contract's rows is shown to the viewer."""
    return {field.name: _shown(contract, field, viewer) for field in contract.fields}


def _shown(contract: Contract, field: Field, viewer: Viewer) -> Shown:
    if (field.sensitivity is Sensitivity.UMUM and not field.specific) or field.name in viewer.looking_at:
        return Shown.OPEN
    if not viewer.reaches(contract) and field.name not in viewer.fields_granted(contract.entity):
        return Shown.HIDDEN
    if field.sensitivity is Sensitivity.TERBATAS and not field.specific:
        return Shown.OPEN
    return Shown.HIDDEN if mask_of(field) is None else Shown.MASKED


def is_open(contract: Contract) -> bool:
    """Whether every field is open to everybody who may see records at all."""
    return all(field.sensitivity is Sensitivity.UMUM and not field.specific for field in contract.fields)


def mask(contract: Contract, values: Mapping[FieldName, Value], *, viewer: Viewer) -> dict[FieldName, Value]:
    """The values as the viewer may see them, in the contract's order. Hidden fields, and those that the contract does
    not know, are left out."""
    covered: dict[FieldName, Value] = {}
    for name, how in shown(contract, viewer).items():
        if name not in values or how is Shown.HIDDEN:
            continue
        value = values[name]
        found = mask_of(contract.by_name[name]) if how is Shown.MASKED and value is not None else None
        covered[name] = found.cover(value) if found else value
    return covered


def small_cell(count: int) -> str:
    """A count of persons as it may be shown: "<5" for fewer than five, none included."""
    return f"<{SMALLEST_CELL}" if count < SMALLEST_CELL else number(count)

"""What is not in agreement, as it was found: one cause, two sides, and the values that were compared."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from hashlib import sha256

from schemas.contract import Value
from schemas.names import EntityName, EventKey, FieldName


class Kind(StrEnum):
    """Sorts of causes."""

    AGREE = "agree"  # a field of which sources must say the same
    TWO_PERSONS = "two_persons"  # one key, and the sources mean two persons by it
    CHECK = "check"  # a row and the row that it refers to
    DUPLICATE = "duplicate"  # two keys, probably one person
    VERSION = "version"  # one version of a row, and its source said two things under it
    NEW_PERSON = "new_person"  # one key, and its own source has given it to another person


@dataclass(frozen=True, slots=True)
class Side:
    """What one source says. `row` by the names of the source's own fields."""

    source: str  # <opd>.<document>
    row: Mapping[FieldName, Value]


@dataclass(frozen=True, slots=True)
class Found:
    """One cause. `about`: the field, or the name of the check; `key_b`: the other key of a duplicate."""

    kind: Kind
    entity: EntityName
    key: EventKey
    about: str
    a: Side
    b: Side
    compared: tuple[Value, ...]
    hints: tuple[str, ...] = ()
    key_b: str = ""
    seen_of: Mapping[FieldName, bytes] = field(default_factory=dict)  # by field, what a ruling upon it holds for

    def seen(self) -> str:
        """The compared values as a fingerprint (SHA-256, hexadecimal): whether they are those that a steward saw."""
        said = [[type(value).__name__, _text(value)] for value in self.compared]
        return sha256(json.dumps(said, ensure_ascii=False).encode()).hexdigest()


def _text(value: Value) -> str | None:
    if value is None:
        return None
    return value.isoformat() if isinstance(value, date) else str(value)

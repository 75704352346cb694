"""What a steward ruled of fields of one record: which of two sources is right, for the values that he saw. Pure.

The values are known by a fingerprint alone, which Python and SQL (`hub.both_seen`) reckon from the same text.
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from psycopg.sql import SQL, Composable, Composed

from schemas.contract import Field, Kind, Value
from schemas.names import FieldName

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Ruling:
    """One decision. It holds as long as source A is the first that says anything of its fields and both say what was
    seen; of two about the same sources and field the one with the higher number does."""

    number: int
    conflict: int
    source_a: str  # <opd>.<document>
    source_b: str
    takes_b: bool
    seen: Mapping[FieldName, bytes]  # by field, the fingerprint of both values
    decided_at: datetime
    ended_at: datetime | None = None  # taken back, or followed by another decision about the same conflict

    def is_in_force(self, moment: datetime | None = None) -> bool:
        """Whether it was taken and not taken back, at a moment or now."""
        if moment is None:
            return self.ended_at is None
        return self.decided_at <= moment and (self.ended_at is None or moment < self.ended_at)


def read(rows: Iterable[Sequence[Any]]) -> list[Ruling]:
    """Out of rows of `hub.rulings_of`."""
    return [
        Ruling(
            number, conflict, a, b, takes_b, dict(zip(map(FieldName, fields), map(bytes, seen), strict=True)), *times
        )
        for number, conflict, a, b, takes_b, fields, seen, *times in rows
    ]


def both_seen(field: Field, a: Value, b: Value) -> bytes:
    """The fingerprint of what two sources say of a field."""
    one, other = _text(field, a), _text(field, b)
    return sha256(f"{len(one)}:{one}{other}".encode()).digest()


def sql_text(field: Field, value: Composable) -> Composed:
    """The text of a column's value that goes into its fingerprint; whatever the session's settings."""
    match field.kind:
        case Kind.STRING:
            return SQL("{}").format(value)
        case Kind.DATE:
            return SQL("to_char({}, 'YYYY-MM-DD')").format(value)
        case Kind.TIMESTAMP:
            return SQL("((extract(epoch from {}) * 1000000)::bigint)::text").format(value)
        case Kind.DOUBLE:
            return SQL("encode(float8send({}), 'hex')").format(value)
        case Kind.INT | Kind.LONG | Kind.BOOLEAN | Kind.DECIMAL:
            return SQL("({})::text").format(value)


def _text(field: Field, value: Value) -> str:
    match field.kind:
        case Kind.TIMESTAMP if isinstance(value, datetime):
            return str((value - _EPOCH) // timedelta(microseconds=1))
        case Kind.DOUBLE if isinstance(value, float):
            return struct.pack(">d", value).hex()
        case Kind.DECIMAL:
            return f"{value:f}"
        case Kind.BOOLEAN:
            return "true" if value else "false"
        case _:
            return str(value)

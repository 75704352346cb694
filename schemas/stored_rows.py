"""Rows out of bytes that were accepted before: typed by the schema that they were written with, and judged no more.

What a contract asks may have changed since. So nothing is refused here; texts are brought into the normal form of their
format, as the validator did.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any

from schemas.avro_types import read_type
from schemas.contract import Kind, Value
from schemas.field_types import EPOCH, EPOCH_ORDINAL
from schemas.formats import FORMATS
from schemas.names import FieldName
from schemas.rejection import Rejection
from schemas.texts import refused_character
from schemas.wire.avro import Reader
from schemas.wire.framing import unframe

LONGEST_NORMALISED = 1_000  # characters, as the validator has it


class StoredRows:
    """Reads what was written with one schema."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._reader = Reader(schema)
        self._logical = {str(each["name"]): found for each in schema["fields"] if (found := _logical(each)) is not None}

    def read(self, value: bytes) -> dict[FieldName, Value] | None:
        """The row's values by field; None for bytes that are no such row."""
        framed = unframe(value)
        body = framed if isinstance(framed, Rejection) else self._reader.read(framed[1])
        if isinstance(body, Rejection):
            return None
        return {FieldName(name): self._value(name, each) for name, each in body.items()}

    def _value(self, name: str, value: Any) -> Value:
        logical = self._logical.get(name)
        found: Value = value if logical is None or value is None else logical(value)
        return found


@lru_cache(maxsize=256)
def stored_rows(schema_text: str) -> StoredRows:
    """The reader for a schema as the registry has it."""
    return StoredRows(json.loads(schema_text))


def _logical(attributes: Mapping[str, Any]) -> Callable[[Any], Value] | None:
    """From the physical value of a field to its logical one; None where they are the same."""
    found = read_type(attributes["type"])
    match found.kind:
        case Kind.DATE:
            return lambda value: date.fromordinal(value + EPOCH_ORDINAL)
        case Kind.TIMESTAMP:
            return lambda value: EPOCH + timedelta(milliseconds=value)
        case Kind.DECIMAL:
            scale = -(found.scale or 0)
            return lambda value: Decimal(int.from_bytes(value, "big", signed=True)).scaleb(scale)
        case Kind.DOUBLE:
            return lambda value: float(value) + 0.0
        case Kind.STRING:
            return _normalised(attributes.get("format"))
        case Kind.INT | Kind.LONG | Kind.BOOLEAN:
            return None


def _normalised(name: str | None) -> Callable[[Any], Value] | None:
    if name is None or name not in FORMATS:
        return None
    normalise = FORMATS[name].normalise

    def normal(text: str) -> str:
        return normalise(text) if len(text) <= LONGEST_NORMALISED and refused_character(text) is None else text

    return normal

"""The Avro types that a document may use, and what they are to the hub.

Only flat records of these: no enum (a new code would break old readers), no nesting, no arrays or maps. So no
value can nest, and no few bytes can announce a billion items.
"""

from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from schemas.contract import Kind

MAX_PRECISION: Final = 38  # digits of a decimal that every consumer can hold
_PRIMITIVES: Final = {
    "string": Kind.STRING,
    "int": Kind.INT,
    "long": Kind.LONG,
    "double": Kind.DOUBLE,
    "boolean": Kind.BOOLEAN,
}
_LOGICAL: Final = {("int", "date"): Kind.DATE, ("long", "timestamp-millis"): Kind.TIMESTAMP}
_DECIMAL_KEYS: Final = {"type", "logicalType", "precision", "scale"}


@dataclass(frozen=True, slots=True)
class FieldType:
    """The type of a field; precision and scale are those of a decimal."""

    kind: Kind
    nullable: bool
    precision: int | None = None
    scale: int | None = None


def read_type(avro: Any) -> FieldType:
    """The type of a field. Raises ValueError with the reason (English, for the contract's author)."""
    if not isinstance(avro, list):
        return _read_single(avro, nullable=False)
    if len(avro) != 2 or avro[0] != "null" or avro[1] == "null":
        raise ValueError('a union is ["null", type], null first')
    return _read_single(avro[1], nullable=True)


def _read_single(avro: Any, *, nullable: bool) -> FieldType:
    if isinstance(avro, str):
        if avro not in _PRIMITIVES:
            raise ValueError(f"type {avro!r} is not one of {', '.join(_PRIMITIVES)}, date, timestamp-millis, decimal")
        return FieldType(_PRIMITIVES[avro], nullable)
    if not isinstance(avro, dict):
        raise ValueError("a type is a name, an object or a union of null and one of them")
    if avro.get("logicalType") == "decimal":
        return _read_decimal(avro, nullable=nullable)
    if set(avro) == {"type"}:
        return _read_single(avro["type"], nullable=nullable)
    base, logical = avro.get("type"), avro.get("logicalType")
    if set(avro) != {"type", "logicalType"} or not isinstance(base, str) or (base, logical) not in _LOGICAL:
        raise ValueError("an object type is int/date, long/timestamp-millis or bytes/decimal (no nested records)")
    return FieldType(_LOGICAL[base, str(logical)], nullable)


def _read_decimal(avro: dict[str, Any], *, nullable: bool) -> FieldType:
    precision, scale = avro.get("precision"), avro.get("scale", 0)
    if avro.get("type") != "bytes" or not set(avro) <= _DECIMAL_KEYS:
        raise ValueError("a decimal is bytes with precision and scale")
    if not _is_whole(precision) or not 1 <= precision <= MAX_PRECISION:
        raise ValueError(f"precision is a whole number from 1 to {MAX_PRECISION}")
    if not _is_whole(scale) or not 0 <= scale <= precision:
        raise ValueError("scale is a whole number from 0 to the precision")
    return FieldType(Kind.DECIMAL, nullable, precision, scale)


def _is_whole(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def strip_logical_types(schema: Any) -> Any:
    """The same Avro schema without logical types, defaults and our attributes: what the bytes are.

    Values decoded with it are physical: days, milliseconds, unscaled bytes. So a date that no calendar has is a
    number that the validator can refuse, not an exception of the decoder.
    """
    match schema:
        case dict():
            kept = {"type", "name", "namespace", "fields", "items", "values", "symbols", "size"}
            return {key: strip_logical_types(value) for key, value in schema.items() if key in kept}
        case list():
            return [strip_logical_types(part) for part in schema]
        case _:
            return schema

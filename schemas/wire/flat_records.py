"""A fast lane for the Avro bodies that nearly all events have: flat records, encoded as the specification's examples.

fastavro reads a file object field by field, which costs it about 1 µs a field; a loop over the bytes in hand costs a
third. The lane never decides that something is wrong: whatever is not plainly right is None, and goes to fastavro,
which decodes it or words the reason. A property test holds the two against each other for any bytes
(`docs/decisions/0006`).
"""

from collections.abc import Mapping
from struct import Struct, error
from typing import Any, Final, NamedTuple

_DOUBLE: Final = Struct("<d")
_LONGEST_VARINT: Final = 10  # bytes of a 64-bit number (Avro specification, "binary encoding")
_PLAIN: Final = frozenset({"string", "bytes", "int", "long", "double", "boolean"})
_MINUS_2_63: Final = -(2**63)
_SHORT: Final = 64  # lengths and numbers below it take one byte


class Step(NamedTuple):
    """How one field is written: its plain type, and for a union with null the bytes of the two branches."""

    name: str
    kind: str
    null: int | None  # first byte of an absent value; None where the field is no union
    value: int  # first byte of a present value


def plan(schema: Any) -> list[Step] | None:
    """The steps of a parsed schema without logical types; None when the lane cannot take it."""
    if not isinstance(schema, dict) or schema.get("type") != "record":
        return None
    steps = []
    for field in schema["fields"]:
        kind, null, value = field["type"], None, 0
        if isinstance(kind, list):
            if len(kind) != 2 or "null" not in kind:
                return None
            null = kind.index("null") * 2
            value = 2 - null
            kind = kind[value // 2]
        if isinstance(kind, dict):
            kind = kind.get("type")
        if kind not in _PLAIN:
            return None
        steps.append(Step(field["name"], kind, null, value))
    return steps


def read(steps: list[Step], body: bytes) -> dict[str, Any] | None:
    """The record, when every byte of `body` is plainly part of it."""
    record: dict[str, Any] = {}
    position, end = 0, len(body)
    try:
        for name, kind, null, value in steps:
            if null is not None:
                branch = body[position]
                position += 1
                if branch == null:
                    record[name] = None
                    continue
                if branch != value:
                    return None
            if kind == "string" or kind == "bytes":
                size = body[position]
                if size < 128:
                    if size & 1:
                        return None
                    start = position + 1
                    size >>= 1
                else:
                    size, start = _varint(body, position)
                position = start + size
                if size < 0 or position > end:
                    return None
                part = body[start:position]
                record[name] = part.decode() if kind == "string" else part
            elif kind == "int" or kind == "long":
                record[name], position = _varint(body, position)
            elif kind == "double":
                record[name] = _DOUBLE.unpack_from(body, position)[0]
                position += 8
            else:
                if body[position] > 1:
                    return None
                record[name] = body[position] == 1
                position += 1
    except (IndexError, UnicodeDecodeError, OverflowError, error):
        return None
    return record if position == end else None


def write(steps: list[Step], record: Mapping[str, Any]) -> bytes:
    """The body of a record of physical values that fit the schema."""
    parts: list[bytes] = []
    for name, kind, null, branch in steps:
        value = record[name]
        if null is not None:
            parts.append(_ONE[null if value is None else branch])
            if value is None:
                continue
        if kind == "string" or kind == "bytes":
            raw = value.encode() if kind == "string" else bytes(value)
            parts.append(_zigzag(len(raw)))
            parts.append(raw)
        elif kind == "int" or kind == "long":
            parts.append(_zigzag(value))
        elif kind == "double":
            parts.append(_DOUBLE.pack(value))
        else:
            parts.append(_ONE[1 if value else 0])
    return b"".join(parts)


_ONE: Final = [bytes([number]) for number in range(256)]


def _varint(body: bytes, position: int) -> tuple[int, int]:
    """A zigzag number and the position behind it. Raises OverflowError for one that is longer than 64 bits."""
    shift = number = 0
    for _ in range(_LONGEST_VARINT):
        byte = body[position]
        position += 1
        number |= (byte & 127) << shift
        if byte < 128:
            if number >> 64:
                raise OverflowError
            return (number >> 1) ^ -(number & 1), position
        shift += 7
    raise OverflowError


def _zigzag(number: int) -> bytes:
    if 0 <= number < _SHORT:
        return _ONE[number << 1]
    if not _MINUS_2_63 <= number < -_MINUS_2_63:
        raise OverflowError("not a 64-bit number")
    number = (number << 1) ^ (number >> 63)
    out = bytearray()
    while number > 127:
        out.append((number & 127) | 128)
        number >>= 7
    out.append(number)
    return bytes(out)

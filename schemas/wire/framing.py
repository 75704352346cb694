"""The Confluent wire format: one zero byte, the schema's id as four bytes big-endian, the Avro body."""

import struct
from typing import Final

from schemas.names import SchemaId
from schemas.reasons import reject
from schemas.rejection import Rejection

MAGIC: Final = 0
_HEAD: Final = struct.Struct(">bi")
HEAD_BYTES: Final = _HEAD.size


def frame(schema_id: SchemaId, body: bytes) -> bytes:
    """The value of an event."""
    return _HEAD.pack(MAGIC, schema_id) + body


def unframe(value: bytes) -> tuple[SchemaId, bytes] | Rejection:
    """Schema id and body of an event's value (not of a delete, which has none). Never raises for bytes."""
    if len(value) < HEAD_BYTES:
        if not value:
            return reject("empty-value", None, "0 bita", "data Avro berbingkai Confluent")
        return reject("truncated", None, f"{len(value)} bita", f"paling sedikit {HEAD_BYTES} bita")
    magic, schema_id = _HEAD.unpack_from(value)
    if magic != MAGIC:
        return reject("magic", None, f"bita pertama {magic & 0xFF}", "bita pertama 0")
    if schema_id <= 0:
        return reject("schema-unknown", None, f"nomor skema {schema_id}", "nomor skema yang terdaftar")
    return SchemaId(schema_id), value[HEAD_BYTES:]

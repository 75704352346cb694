"""Avro bodies: bytes to physical values, and logical values to bytes."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any, cast

import fastavro

from schemas.avro_types import strip_logical_types
from schemas.contract import Contract, Field, Kind, Value
from schemas.fields import read_field
from schemas.reasons import reject
from schemas.rejection import Rejection
from schemas.wire import flat_records

_MORE_BYTES = 0x80  # the bit that says that a number goes on
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


class Reader:
    """Decodes bodies that were written with one schema."""

    def __init__(self, writer_schema: Mapping[str, Any], *, keep: Collection[str] | None = None) -> None:
        """`keep`: the fields that are wanted; others of the writer's are read and left out (all, unless told)."""
        names = {str(field["name"]) for field in writer_schema.get("fields", ())}
        self._left_out = frozenset() if keep is None else frozenset(names.difference(keep))
        self._schema = fastavro.parse_schema(strip_logical_types(writer_schema))
        self._steps = flat_records.plan(self._schema)

    def read(self, body: bytes) -> dict[str, Any] | Rejection:
        """The record with physical values: days, milliseconds, unscaled bytes. Never raises for bytes."""
        found = self._read(body)
        if self._left_out and isinstance(found, dict):
            return {name: value for name, value in found.items() if name not in self._left_out}
        return found

    def _read(self, body: bytes) -> dict[str, Any] | Rejection:
        if self._steps is not None and (plain := flat_records.read(self._steps, body)) is not None:
            return plain
        stream = BytesIO(body)
        try:
            record = fastavro.schemaless_reader(stream, self._schema, None)
        except UnicodeDecodeError:
            return reject("text-encoding", None, "teks yang bukan UTF-8", "teks UTF-8")
        except Exception as error:  # noqa: BLE001 (whatever a decoder makes of foreign bytes is the event's fault)
            if isinstance(error, EOFError) or _ends_inside_number(body, stream.tell()):
                return reject("truncated", None, f"data {len(body)} bita terpotong", "data lengkap menurut skema")
            return reject("undecodable", None, f"data {len(body)} bita", "data menurut skema")
        rest = len(body) - stream.tell()
        if rest:
            return reject("trailing-bytes", None, f"sisa {rest} bita sesudah data", "tanpa sisa")
        return cast("dict[str, Any]", record)


def _ends_inside_number(body: bytes, position: int) -> bool:
    """Whether the bytes ran out in a variable-length number: fastavro has no EOFError for that."""
    return position == len(body) and (not body or body[-1] >= _MORE_BYTES)


@dataclass(frozen=True, slots=True)
class Record:
    """A flat record that is no document: an entity's golden record."""

    schema: Mapping[str, Any]
    fields: tuple[Field, ...]

    @classmethod
    def of(cls, schema: Mapping[str, Any]) -> "Record":
        """Out of a schema whose fields are described as a contract's are. Raises ValueError."""
        return cls(schema, tuple(read_field(attributes) for attributes in schema["fields"]))


class Writer:
    """Encodes rows of one contract, or of another flat record whose schema and fields are told."""

    def __init__(self, contract: Contract | Record) -> None:
        self._schema = fastavro.parse_schema(strip_logical_types(contract.schema))
        self._steps = flat_records.plan(self._schema)
        self._physical = [
            (field.name, to_physical) for field in contract.fields if (to_physical := _to_physical(field)) is not None
        ]

    def write(self, values: Mapping[str, Value]) -> bytes:
        """The body of a row that the validator accepted."""
        return self.write_physical(self.physical(values))

    def physical(self, values: Mapping[str, Value]) -> dict[str, Any]:
        """The row as Avro has it: days, milliseconds in UTC, unscaled bytes."""
        record: dict[str, Any] = dict(values)
        for name, to_physical in self._physical:
            if record[name] is not None:
                record[name] = to_physical(record[name])
        return record

    def write_physical(self, record: Mapping[str, Any]) -> bytes:
        """The body of a row that is physical already."""
        if self._steps is not None:
            return flat_records.write(self._steps, record)
        stream = BytesIO()
        fastavro.schemaless_writer(stream, self._schema, record)
        return stream.getvalue()


def _to_physical(field: Field) -> Any:
    match field.kind:
        case Kind.DATE:
            return days
        case Kind.TIMESTAMP:
            return milliseconds
        case Kind.DECIMAL:
            scale = field.scale or 0
            return lambda value: unscaled(value, scale)
        case _:
            return None


def days(day: date) -> int:
    """Days since 1970-01-01."""
    return day.toordinal() - _EPOCH_ORDINAL


def milliseconds(moment: datetime) -> int:
    """Milliseconds since 1970-01-01 of a moment in UTC, without the rounding of floats."""
    return (
        (moment.toordinal() - _EPOCH_ORDINAL) * 86_400_000
        + ((moment.hour * 60 + moment.minute) * 60 + moment.second) * 1_000
        + moment.microsecond // 1_000
    )


def unscaled(value: Decimal, scale: int) -> bytes:
    """The unscaled number as big-endian two's complement, in as few bytes as hold it."""
    number = int(value.scaleb(scale))
    return number.to_bytes((number.bit_length() + 8) // 8, "big", signed=True)

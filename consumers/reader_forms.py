"""How the records of a grant are written: the key and the granted fields. What is not granted is not there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from hub_db.reader_topics import ReaderTopic
from schemas.contract import Value
from schemas.names import FieldName, SchemaId, TopicName
from schemas.wire.avro import Record, Writer
from schemas.wire.framing import frame


@dataclass(frozen=True, slots=True)
class ReaderForm:
    """Of one grant's topic."""

    topic: TopicName
    schema_id: SchemaId
    fields: tuple[FieldName, ...]
    writer: Writer

    @classmethod
    def of(cls, reader: ReaderTopic) -> Self:
        """Out of the schema that was registered for the grant."""
        record = Record.of(reader.schema)
        return cls(reader.topic, reader.schema_id, tuple(field.name for field in record.fields), Writer(record))

    def value(self, columns: Sequence[FieldName], row: Sequence[Value] | None) -> bytes | None:
        """What is written for a row of the entity with these columns; None for a tombstone."""
        if row is None:
            return None
        found = dict(zip(columns, row, strict=True))
        return frame(self.schema_id, self.writer.write({name: found.get(name) for name in self.fields}))

    def said(self, body: Mapping[str, Any]) -> bytes:
        """The same for what an event of the entity's one source says, as Avro has it."""
        return frame(self.schema_id, self.writer.write_physical({name: body.get(name) for name in self.fields}))

"""How the records of an entity are published: topic, columns, and the schema that they are written with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import entities, facts, layouts
from hub_db.errors import Halted
from hub_db.golden import Entity
from schemas.contract import Value
from schemas.names import EntityName, FieldName, SchemaId, TopicName
from schemas.wire.avro import Reader, Record, Writer
from schemas.wire.framing import HEAD_BYTES, frame


@dataclass(frozen=True, slots=True)
class Form:
    """Of one entity. Its one document's own schema, or that of the golden record where several sources speak."""

    entity: EntityName
    topic: TopicName
    sources: str  # names of the documents, as the header `simpul_source` has them
    key: tuple[FieldName, ...]
    columns: tuple[FieldName, ...]
    schema_id: SchemaId
    generation: int
    writer: Writer
    replaced_by: FieldName | None  # the field that names the record which replaced this one
    reader: Reader | None  # a row is what one event says: its bytes are the record, if they are of `schema_id`

    def successor(self, row: Sequence[Value] | None) -> bytes | None:
        """The key of the record that replaced this one, as the header `simpul_replaced_by` has it."""
        if row is None or self.replaced_by is None:
            return None
        found = row[self.columns.index(self.replaced_by)]
        return str(found).encode() if found is not None else None

    def value(self, row: Sequence[Value] | None) -> bytes | None:
        """What is written for a row with `columns`; None for a tombstone."""
        if row is None:
            return None
        return frame(self.schema_id, self.writer.write(dict(zip(self.columns, row, strict=True))))

    def body(self, value: bytes) -> Mapping[str, Any]:
        """What an accepted event of this schema says, as Avro has it. Raises Halted for bytes that nobody accepts."""
        found = None if self.reader is None else self.reader.read(value[HEAD_BYTES:])
        if not isinstance(found, Mapping):
            raise Halted(f"{self.entity} has an accepted event that is not of schema {self.schema_id}")
        return found


def published_form(conn: Connection[TupleRow], name: EntityName, known: Form | None) -> Form:
    """The entity's form as it is now; `known` if nothing has changed. Raises Halted when there is no schema for it."""
    row = conn.execute(layouts.SQL["published_as"], {"entity": name, "topic": entities.topic(name)}).fetchone()
    if row is None:
        raise Halted(f"{name} has changes but no document")
    generation, document_schema, golden_schema = row
    if known is not None and known.generation == generation and known.schema_id in (document_schema, golden_schema):
        return known
    entity = layouts.entity_now(conn, name)
    if entity is None:
        raise Halted(f"{name} has changes but no document")
    if entity.merged:
        schema_id, schema = facts.schema_of_topic(conn, entities.topic(name))
        record: Record = Record.of(schema)
        reader, writer, columns = None, Writer(record), record.fields
    else:
        (contract,) = entity.contracts
        schema_id, columns = SchemaId(document_schema), contract.fields
        reader, writer = Reader(contract.schema), Writer(contract)
    return Form(
        entity=name,
        topic=entities.topic(name),
        sources=",".join(sorted(source.name for source in entity.speakers)),
        key=entity.key,
        columns=tuple(field.name for field in columns),
        schema_id=schema_id,
        generation=generation,
        writer=writer,
        replaced_by=next((field.name for field in columns if field.name in _successors(entity)), None),
        reader=reader,
    )


def _successors(entity: Entity) -> frozenset[FieldName]:
    return frozenset(field.name for field in entity.columns if field.is_replaced_by)

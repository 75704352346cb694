"""The documents that the hub reads: each with its contract, its validator, and readers for its schema ids."""

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property

from psycopg import Connection
from psycopg.rows import TupleRow

from consumers.errors import DocumentBehind
from consumers.set_judge import SetJudge
from hub_db.connection import transaction, translated
from hub_db.parking import Again
from schemas.contract import Contract
from schemas.formats import Check
from schemas.loader import read
from schemas.names import SchemaId, TopicName
from schemas.rejection import Rejection
from schemas.row_warnings import joined
from schemas.sandbox import in_production, is_sandbox
from schemas.validator import Validator
from schemas.wire.avro import Reader
from schemas.wire.avro_columns import ColumnReader
from schemas.wire.framing import unframe
from schemas.wire.registry_client import RegistryClient

SCHEMA_ID = "select schema_id from hub.document where topic = %s"
ONE = "select contract, schema_id from hub.document where topic = %s"


@dataclass(frozen=True, slots=True)
class Readers:
    """What reads the bodies of one schema id: one by one, and as columns where that can be."""

    one: Reader
    columns: ColumnReader | None


@dataclass
class Document:
    """One interchange document as the intake needs it."""

    contract: Contract
    schema_id: SchemaId
    validator: Validator
    readers: dict[SchemaId, Readers] = field(default_factory=dict)

    @cached_property
    def set_judge(self) -> SetJudge:
        """The judge of many records at once."""
        return SetJudge.of(self.contract, self.validator.local)

    def readers_of(self, schema_id: SchemaId, registry: RegistryClient) -> Readers | None:
        """The readers of a schema id, None when the id is unknown or belongs to another subject.

        Raises RegistryUnreachable (then the id may be right) and DocumentBehind: the event waits.
        """
        if schema_id not in self.readers:
            schema = registry.schema(schema_id)
            if schema is None or not registry.belongs(schema_id, self.contract.subject):
                return None  # not remembered: the next one to ask may come after its registration
            self._must_not_be_ahead(schema_id, registry)
            # An earlier version may have fields that went since; what was written with it is read all the same.
            one = Reader(schema, keep=self.contract.by_name)
            self.readers[schema_id] = Readers(one, ColumnReader.of(self.contract, schema))
        return self.readers[schema_id]

    def _must_not_be_ahead(self, schema_id: SchemaId, registry: RegistryClient) -> None:
        """A version after ours has fields that we would leave out for good."""
        if schema_id == self.schema_id:
            return
        theirs = registry.version_of(schema_id, self.contract.subject)
        ours = registry.version_of(self.schema_id, self.contract.subject)
        if theirs is not None and ours is not None and theirs > ours:
            raise DocumentBehind(f"{self.contract.name}: version {theirs} is sent, the hub reads by version {ours}")

    def read_again(self, stored: Sequence[tuple[SchemaId, bytes, date]], registry: RegistryClient) -> list[Again]:
        """Events that were valid when they were stored, judged as on that day."""
        found: list[Again | None] = [None] * len(stored)
        by_day: dict[date, list[int]] = {}
        for index, (_, _, day) in enumerate(stored):
            by_day.setdefault(day, []).append(index)
        for day, indexes in by_day.items():
            raw = [self._decode(stored[index][0], stored[index][1], registry) for index in indexes]
            rows = []
            for verdict in self.validator.check_all(raw, accepted_on=day):
                if not isinstance(verdict, dict):
                    raise ValueError(f"{self.contract.name}: a stored event is no longer valid: {verdict[0].code}")
                rows.append(verdict)
            told = self.validator.warnings(rows, accepted_on=day)
            for place, (index, values) in enumerate(zip(indexes, rows, strict=True)):
                found[index] = Again(values, joined(told.get(place, ())))
        return [each for each in found if each is not None]

    def _decode(self, schema_id: SchemaId, value: bytes, registry: RegistryClient) -> Mapping[str, object]:
        readers = self.readers_of(schema_id, registry)
        framed = unframe(value)
        if readers is None or isinstance(framed, Rejection):
            raise ValueError(f"{self.contract.name}: a stored event has lost its schema {schema_id}")
        body = readers.one.read(framed[1])
        if isinstance(body, Rejection):
            raise ValueError(f"{self.contract.name}: a stored event no longer decodes: {body.code}")
        return body


def current(
    conn: Connection[TupleRow],
    documents: MutableMapping[TopicName, Document],
    topic: TopicName,
    local: Mapping[str, tuple[Check, ...]],
) -> Document | None:
    """The document of a topic as the hub reads it now; `documents` is brought up to date when a version was approved.

    None for a topic without one. Costs one look by primary key. `local` are the warnings of the instance.
    """
    known, home = documents.get(topic), in_production(topic)
    with translated():
        row = conn.execute(SCHEMA_ID, (home,)).fetchone()
        if row is None or (known is not None and known.schema_id == row[0]):
            return known
        row = conn.execute(ONE, (home,)).fetchone()
    if row is None:
        return known
    contract = replace(read(row[0], file=f"hub.document {home}"), sandbox=is_sandbox(topic))
    documents[topic] = Document(contract, SchemaId(row[1]), Validator(contract, local))
    return documents[topic]


def load(
    conn: Connection[TupleRow], topics: Iterable[TopicName], local: Mapping[str, tuple[Check, ...]]
) -> dict[TopicName, Document]:
    """The documents of some topics, by topic."""
    documents: dict[TopicName, Document] = {}
    with transaction(conn):
        for topic in topics:
            current(conn, documents, topic, local)
    return documents

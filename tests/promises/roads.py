"""A hub without Kafka: its documents' logs are handed over batch by batch, and settled as columns or one by one."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import product
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow

from consumers import records
from consumers.documents import Document, Readers
from consumers.judge import judge_batch, judge_set
from consumers.records import Records
from consumers.set_judge import SetJudge
from hub_db import layouts, provision, releases, restating, row_updates
from hub_db.connection import connect, transaction
from hub_db.event_frames import Judged
from hub_db.events import Stretch, Tally
from hub_db.offsets import open_partition
from hub_db.settle import settle, settle_together
from hub_db.sources import SourceState
from schemas.contract import Contract
from schemas.formats import Check
from schemas.names import SchemaId, TopicName
from schemas.row_warnings import NO_LOCAL
from schemas.validator import Validator
from schemas.wire.avro import Reader
from schemas.wire.avro_columns import ColumnReader
from schemas.wire.framing import HEAD_BYTES, frame
from tests.conftest import Database
from tests.consumers.batches import Event, batches, opened
from tests.hub_db.documents import DAY

NEVER, ALWAYS = 10**9, 1  # from how many records on events are settled as columns


class Road:
    """A hub without Kafka, in a database of its own, that settles on one of the roads."""

    def __init__(
        self,
        database: Database,
        fewest: int,
        contracts: Sequence[Contract],
        provisioned: Sequence[Contract] | None = None,
        local: Mapping[str, tuple[Check, ...]] = NO_LOCAL,
        *,
        written_first: bool | None = None,
    ) -> None:
        """`written_first`: whether rows are written before they are asked for; None: as the batch before suggests."""
        self.written_first = written_first
        self.database, self.owner = database, database.connect(autocommit=True)
        self.contracts = {contract.topic: contract for contract in contracts}
        self.ids = {topic: UUID(int=number) for number, topic in enumerate(self.contracts, start=1)}
        for contract in contracts if provisioned is None else provisioned:
            provision(self.owner, contract, SchemaId(1))
        self.conn: Connection[TupleRow] = connect(database.dsn("simpul_intake"), process="test")
        self.documents: dict[TopicName, Document] = {}
        self.schema_ids: dict[TopicName, SchemaId] = {}
        for contract in contracts:
            document = Document(contract, SchemaId(1), Validator(contract, local))
            readers = Readers(Reader(contract.schema), ColumnReader.of(contract, contract.schema))
            document.readers[SchemaId(1)] = readers
            document.__dict__["set_judge"] = SetJudge.of(contract, local, fewest=fewest)
            self.documents[contract.topic] = document

    def register_schemas(self) -> None:
        """Enter the documents' schemas as the registry would; from here on each document's events name its own."""
        query = (
            "insert into registry.schema (fingerprint, schema_text) values (sha256(convert_to(%s, 'UTF8')), %s)"
            " returning id"
        )
        for topic, document in self.documents.items():
            text = json.dumps(dict(document.contract.schema))
            (number,) = self.owner.execute(query, (text, text)).fetchone() or (0,)
            self.schema_ids[topic] = SchemaId(number)
            document.readers[SchemaId(number)] = document.readers[SchemaId(1)]

    def begin(self, partitions: int = 1) -> None:
        """Empty the tables and open some partitions of each document."""
        query = "select schemaname, tablename from pg_tables where schemaname in ('reference', 'source')"
        rows = sorted(f'{schema}."{name}"' for schema, name in self.owner.execute(query))
        kept = ("history", "dead_letter", "parked", "release_key", "release_event", "change_key", "fed", "contested")
        tables = ", ".join([*rows, *(f"hub.{name}" for name in kept)])
        self.owner.execute(
            f"truncate {tables}, hub.change, hub.release, hub.batch, hub.consumer_offset, hub.topic"
            " restart identity cascade"
        )
        self.next = dict.fromkeys(product(self.ids, range(partitions)), 0)
        self.numbers = {}
        for topic, number in self.next:
            with transaction(self.conn):
                self.numbers[topic] = open_partition(
                    self.conn, topic, self.ids[topic], number, log_start=0, log_end=0, worker="w"
                ).topic_no

    def take(self, contract: Contract, events: Sequence[Event], *, day: date = DAY) -> Tally:
        """Settle the next events of a document as one batch that came on a day."""
        judged = self.judge(contract, events, day=day)
        with transaction(self.conn):
            return self.settle(self.conn, judged)

    def judge(self, contract: Contract, events: Sequence[Event], *, day: date = DAY) -> Judged:
        """The next events of a document as one batch, not settled yet."""
        document = self.documents[contract.topic]
        return judge_set(document, document.readers.get, *self.read(contract, 0, events), day)

    def take_together(self, contract: Contract, parts: Mapping[int, Sequence[Event]]) -> list[Tally]:
        """Settle the next events of some partitions of a document in one transaction."""
        document = self.documents[contract.topic]
        read = [self.read(contract, number, events) for number, events in sorted(parts.items())]
        batch = judge_batch(document, document.readers.get, read, DAY)
        with transaction(self.conn):
            self.say_how_rows_are_written(self.conn, contract)
            return settle_together(self.conn, contract, batch, self.reread(document), "w")

    def read(self, contract: Contract, partition: int, events: Sequence[Event]) -> tuple[Stretch, Records]:
        """The next events of a partition, as they are read from the log."""
        first = self.next[contract.topic, partition]
        if number := self.schema_ids.get(contract.topic):
            events = [(key, value and frame(number, value[HEAD_BYTES:]), headers) for key, value, headers in events]
        read = records.read(opened(batches(events, at_once=5, first_offset=first)), first)
        self.next[contract.topic, partition] = read.last_offset + 1
        topic_no, topic_id = self.numbers[contract.topic], self.ids[contract.topic]
        return Stretch(contract.topic, topic_id, topic_no, partition, first, read.last_offset + 1, len(read)), read

    def settle(self, conn: Connection[TupleRow], judged: Judged) -> Tally:
        """Settle a batch within the caller's transaction."""
        document = self.documents[judged.stretch.topic]
        self.say_how_rows_are_written(conn, document.contract)
        return settle(conn, document.contract, judged, self.reread(document), "w")

    def say_how_rows_are_written(self, conn: Connection[TupleRow], contract: Contract) -> None:
        """Whether before they are asked for or after, where the road is told."""
        updates = layouts.hold(conn, contract).updates
        if updates is not None and self.written_first is not None:
            row_updates.note(conn, updates, float(self.written_first))

    def release(self) -> None:
        """Let in what can go in, until nothing can."""

        def once() -> bool:
            released = 0
            for each in releases.partitions(self.conn):
                document = self.documents[each.topic]
                released += releases.release_partition(self.conn, document.contract, each, self.reread(document))
            return released > 0

        while once():
            pass

    def source_becomes(self, contract: Contract, state: SourceState) -> None:
        """Write down another state of a source; here any may follow any."""
        self.owner.execute(
            "insert into hub.source_state (opd, document, number, state, by, by_kind, reason, at)"
            " select %(opd)s, %(document)s, count(*) + 1, %(state)s, 'uji', 'system', 'Untuk keperluan uji.', now()"
            " from hub.source_state where opd = %(opd)s and document = %(document)s",
            {"opd": contract.opd, "document": contract.document, "state": state},
        )

    def follow_states(self) -> None:
        """Make the tables for the states as they are."""
        with transaction(self.owner):
            if counts := restating.out_of_step(self.owner):
                restating.restate(self.owner, counts)

    def recount(self) -> int:
        """Reckon what waits for it, to the end; how many records changed."""
        changed = 0
        for name in restating.recounts(self.owner):
            asked, table, after = restating.asked(self.owner, name), 0, restating.BEFORE_ALL
            while True:
                with transaction(self.owner):
                    piece = restating.recount(self.owner, name, table, after)
                changed += piece.changed
                if piece.table is None:
                    break
                table, after = piece.table, piece.after
            restating.done(self.owner, name, asked)
        return changed

    def state(self, queries: Mapping[str, LiteralString]) -> dict[str, list[Any]]:
        return {name: self.owner.execute(query).fetchall() for name, query in queries.items()}

    def reread(self, document: Document) -> Callable[[Sequence[tuple[SchemaId, bytes, date]]], list[Any]]:
        return lambda stored: document.read_again(stored, None)  # type: ignore[arg-type]  # its schemas are known

    def close(self) -> None:
        self.conn.close()
        self.owner.close()

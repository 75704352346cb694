"""Judges records in hand and settles them in one transaction: what the threads that settle do with a connection."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from functools import cache, partial
from time import monotonic
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from base import faults
from consumers import documents as document_book
from consumers.culprits import without_culprits
from consumers.deaths import ORDINARY, Care, Deaths
from consumers.documents import Document
from consumers.errors import DocumentBehind
from consumers.judge import judge_batch, unread
from consumers.partition import Partition
from consumers.positions import PartitionPlace, open_partitions
from consumers.settings import IntakeSettings
from consumers.taken import Taken
from hub_db import letters, plans, schemas_read
from hub_db.breaker import Limits
from hub_db.connection import transaction
from hub_db.errors import Contended, EventFault, Fenced, Halted, Paused, Tripped, Unreachable
from hub_db.event_frames import Batch, Judged
from hub_db.events import Stretch, Tally
from hub_db.guarding import Breaker
from hub_db.settle import settle_together
from schemas.contract import Contract
from schemas.errors import RegistryRefused, RegistryUnreachable
from schemas.formats import Check
from schemas.names import TopicName
from schemas.wire.registry_client import RegistryClient

log = logging.getLogger("simpul.intake")
Conn = Connection[TupleRow]

# What passes when one waits and tries again.
WORLDS_FAULTS: Final = (Unreachable, RegistryUnreachable, RegistryRefused, DocumentBehind)


@dataclass(slots=True)
class Settling:
    """Everything but the connection. Safe in any thread, as long as each partition is in one thread at a time."""

    settings: IntakeSettings
    documents: dict[TopicName, Document]
    local: Mapping[str, tuple[Check, ...]]  # the instance's own warnings
    places: dict[Partition, PartitionPlace]
    registry: RegistryClient
    today: Callable[[], date]
    settled: Callable[[Partition, int], None]  # told behind each transaction
    deaths: Deaths
    gather: Callable[[Contract, Judged], None]
    limits: Limits | None = field(init=False)

    def __post_init__(self) -> None:
        breaker = self.settings.breaker
        self.limits = None if breaker is None else Limits(**breaker.model_dump())

    def settle_once(self, conn: Conn, taken: Taken) -> Taken | None:
        """Settle records of one partition, or the first of them where a worker died before; what is left."""
        started = monotonic()
        faults.point("batch.begin")
        document, taken = self._document(conn, taken.partition.topic), self._checked(taken)
        if not taken.records.total:
            return None
        care = self.deaths.care(conn, taken.partition, self._stretch(taken))
        part = taken.first(care.records)
        plans.renew(conn, part.partition.topic, part.records.total)
        with self.deaths.alone(care):
            tally = self._settle_or_trip(conn, document, part, care)
        _tell([part], [tally], started)
        return taken.behind(part.records.last_offset + 1)

    def settle_together(self, conn: Conn, all_taken: Sequence[Taken]) -> bool:
        """Settle records of several partitions of a topic at once, where nothing about any of them is out of the
        ordinary: what a batch costs whatever is in it is then paid once. False where something is; nothing of them
        is settled then."""
        started = monotonic()
        faults.point("batch.begin")
        all_taken = sorted(all_taken, key=lambda taken: taken.partition)
        first = all_taken[0]
        try:
            document = self._document(conn, first.partition.topic)
            if not all(self._is_ordinary(conn, each) for each in all_taken):
                return False
            plans.renew(conn, first.partition.topic, sum(each.records.total for each in all_taken))
            tallies = self._settle(conn, document, all_taken, ORDINARY, Breaker(self.limits))
        except (Tripped, Paused, EventFault, Contended, *WORLDS_FAULTS) as error:
            why = type(error).__name__
            log.info("one by one", extra={"action": "apart", "topic": first.partition.topic, "why": why})
            return False
        _tell(all_taken, tallies, started)
        return True

    def _is_ordinary(self, conn: Conn, taken: Taken) -> bool:
        """Whether it begins where it should, and no worker has died in it."""
        begins = taken.records.first_offset == taken.position
        return begins and self.deaths.care(conn, taken.partition, self._stretch(taken)) == ORDINARY

    def _settle_or_trip(self, conn: Conn, document: Document, taken: Taken, care: Care) -> Tally:
        """Settle records that may be taken at once; where they hold a flood, those up to it. Then it is Paused."""
        try:
            return self._settle(conn, document, [taken], care, Breaker(self.limits))[0]
        except Tripped as error:
            before, trip = taken.until(error.trip.next_offset), error.trip
            self._settle(conn, document, [before], care, Breaker(self.limits, trip))
            why = {"kind": trip.kind, "cause": trip.cause, "why": str(error)}
            log.error("a partition rests", extra={"action": "pause", **before.span(), **why})
            raise Paused(before.partition.topic, before.partition.number, before.records.last_offset + 1) from error

    def _settle(
        self, conn: Conn, document: Document, all_taken: Sequence[Taken], care: Care, breaker: Breaker
    ) -> list[Tally]:
        """Settle records, all in one transaction. An EventFault of several partitions is not looked into."""
        stretches = [self._stretch(taken) for taken in all_taken]
        for taken, stretch in zip(all_taken, stretches, strict=True):
            self.deaths.begin(conn, taken.partition, stretch)
        batch = self._judged(conn, document, all_taken, stretches, care)
        if fresh := self.registry.fresh():
            schemas_read.remember(conn, fresh)
            self.registry.stored(fresh)
        try:
            tallies = self._settle_batch(conn, document, batch, breaker)
        except EventFault as error:
            if len(all_taken) > 1:
                raise
            tallies = self._settle_closely(conn, document, batch.parts[0].one_by_one(), all_taken[0], error, breaker)
        faults.point("tx.committed")
        for taken, stretch, part in zip(all_taken, stretches, batch.parts, strict=True):
            self.deaths.settled(taken.partition, stretch.next_offset)
            self.settled(taken.partition, stretch.next_offset)
            self.gather(document.contract, part)
        return tallies

    def _judged(
        self, conn: Conn, document: Document, all_taken: Sequence[Taken], stretches: Sequence[Stretch], care: Care
    ) -> Batch:
        """The verdict on each record; one that has ended every worker is returned unread."""
        faults.point("batch.decode")
        records = [taken.records for taken in all_taken]
        if care.is_hopeless and len(records[0]):
            return Batch.of([Judged(stretches[0], (), (unread(records[0].one(0), care.deaths),), self.today())])
        readers_of = cache(partial(document.readers_of, registry=self.registry))  # asks once a batch for an unknown id
        letters_of = partial(letters.of_topic, conn, stretches[0].topic)
        return judge_batch(document, readers_of, list(zip(stretches, records, strict=True)), self.today(), letters_of)

    def _document(self, conn: Conn, topic: TopicName) -> Document:
        """The document by which the hub reads now: an approved version is taken up without a restart."""
        found = document_book.current(conn, self.documents, topic, self.local)
        if found is None:
            raise Halted(f"{topic} has no document any more")
        return found

    def _settle_batch(self, conn: Conn, document: Document, batch: Batch, breaker: Breaker) -> list[Tally]:
        with transaction(conn):
            return settle_together(
                conn,
                document.contract,
                batch,
                lambda stored: document.read_again(stored, self.registry),
                self.settings.worker,
                breaker,
            )

    def _settle_closely(
        self, conn: Conn, document: Document, judged: Judged, taken: Taken, error: EventFault, breaker: Breaker
    ) -> list[Tally]:
        """Settle events one by one that the database refused as a set; it may refuse some of them again."""
        try:
            return self._settle_batch(conn, document, Batch.of([judged]), breaker)
        except EventFault:
            good = without_culprits(conn, document.contract, judged, taken, error)
            return self._settle_batch(conn, document, Batch.of([good]), breaker)

    def _checked(self, taken: Taken) -> Taken:
        """The same, its position moved over what the log has lost since (retention): that is a gap in the ledger.

        The broker still sends a batch whole of which only the first records are gone.
        """
        if taken.records.first_offset == taken.position:
            return taken
        settings, partition = self.settings, taken.partition
        place = open_partitions(settings.kafka, settings.dsn, settings.worker, [partition]).get(partition)
        if place is None:
            raise Fenced(f"{partition.topic}[{partition.number}]: the log is not the one that was read")
        return replace(taken, position=place.next_offset, records=taken.records.behind(place.next_offset))

    def _stretch(self, taken: Taken) -> Stretch:
        place = self.places[taken.partition]
        return Stretch(
            taken.partition.topic,
            place.topic_id,
            place.topic_no,
            taken.partition.number,
            taken.position,
            taken.records.last_offset + 1,
            taken.records.total,
            taken.fetched_at,
            taken.records.last_appended_at(),
        )


def _tell(all_taken: Sequence[Taken], tallies: Sequence[Tally], started: float) -> None:
    took = round((monotonic() - started) * 1000, 1)
    for taken, tally in zip(all_taken, tallies, strict=True):
        told = {**taken.span(), **asdict(tally), "ms": took, "together": len(all_taken)}
        log.info("batch settled", extra={"action": "settle", **told})

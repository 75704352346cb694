"""Takes gathered records, judges them, and settles them; waits out the world's faults, never the event's."""

import logging
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import date
from functools import cache, partial
from threading import Event as Flag
from threading import Thread
from time import monotonic

from psycopg import Connection
from psycopg.rows import TupleRow

from base import faults
from consumers import documents as document_book
from consumers.backlog import Backlog
from consumers.culprits import without_culprits
from consumers.deaths import Care, Deaths
from consumers.documents import Document
from consumers.errors import DocumentBehind
from consumers.judge import judge_set, unread
from consumers.partition import Partition
from consumers.positions import PartitionPlace, open_partitions
from consumers.settings import IntakeSettings
from consumers.taken import Taken
from consumers.unpacking import open_some
from hub_db import letters, plans, schemas_read
from hub_db.breaker import Limits
from hub_db.connection import connect, transaction
from hub_db.errors import Contended, EventFault, Fenced, Halted, Paused, Tripped, Unreachable
from hub_db.event_frames import Judged
from hub_db.events import Stretch, Tally
from hub_db.guarding import Breaker
from hub_db.settle import settle
from schemas.contract import Contract
from schemas.errors import RegistryRefused, RegistryUnreachable
from schemas.formats.local_marks import local_warnings
from schemas.names import TopicName
from schemas.wire.registry_client import RegistryClient

log = logging.getLogger("simpul.intake")

FIRST_WAIT_S, LONGEST_WAIT_S = 0.2, 10.0
QUICK_RETRIES = 5  # of a deadlock or serialization failure, before waiting


class Settler(Thread):
    """One thread with one database connection."""

    def __init__(
        self,
        settings: IntakeSettings,
        backlog: Backlog,
        documents: dict[TopicName, Document],
        places: dict[Partition, PartitionPlace],
        registry: RegistryClient,
        today: Callable[[], date],
        settled: Callable[[Partition, int], None],
        fatal: Callable[[Exception], None],
        holes: dict[Partition, tuple[int, int]],
        read_again: Callable[[Partition, int], None],
        deaths: Deaths,
        gather: Callable[[Contract, Judged], None],
        rest: Callable[[Partition], None],
        name: str,
        *,
        only_small: bool,
    ) -> None:
        """`only_small`: it takes what is small while the others are busy."""
        super().__init__(name=name, daemon=True)
        self.only_small = only_small
        self.settings, self.backlog, self.documents, self.places = settings, backlog, documents, places
        self.registry, self.today, self.settled, self.fatal = registry, today, settled, fatal
        self.holes, self.read_again = holes, read_again  # (position, first record) of holes seen once
        self.deaths, self.gather, self.rest = deaths, gather, rest
        self.limits = None if settings.breaker is None else Limits(**settings.breaker.model_dump())
        self.local = local_warnings(settings.local)
        self.stopping = Flag()
        self.conn: Connection[TupleRow] | None = None

    def run(self) -> None:
        """Settle until the backlog closes. Anything unforeseen stops the worker: going on would be guessing.

        Who has no memory left stops at once, as if killed: what it had in hand is then taken with more care.
        """
        try:
            with suppress(Unreachable, Contended):  # then the first that comes waits for it
                self.connection()
            while self.settle_next():
                pass
        except MemoryError:
            os._exit(os.EX_SOFTWARE)
        except Exception as error:  # noqa: BLE001  the thread's last words: everything foreseen was handled below
            self.fatal(error)
        finally:
            if self.conn is not None:
                self.conn.close()

    def settle_next(self) -> bool:
        """Settle what comes next; False when the backlog is closed. None of it is held while waiting for more."""
        work = self.backlog.take(self.settings.batch_records, only_small=self.only_small)
        if work is None:
            return False
        opened, left = open_some(work.batches)
        if left:
            self.backlog.give_back(work.partition, left)
        taken = Taken.of(work, opened)
        if not taken.records.total or self.has_hole(taken):
            self.backlog.done(taken.partition, taken.position)
        elif (next_offset := self.settle_patiently(taken)) is not None:
            self.backlog.done(taken.partition, next_offset)
        return True

    def settle_patiently(self, taken: Taken) -> int | None:
        """Settle, however often it takes, to the end or to where the partition comes to rest; the position then. None
        when the worker stops meanwhile."""
        attempt = 0
        left: Taken | None = taken
        while left is not None and not self.stopping.is_set():
            try:
                left = self.settle_once(left)
                attempt = 0
            except Paused as pause:
                self.backlog.clear(taken.partition)  # it is read again when somebody lets it go on
                self.rest(taken.partition)
                return pause.next_offset
            except Contended as error:
                attempt += 1
                if attempt <= QUICK_RETRIES:
                    continue
                self.wait(attempt, taken, error)
            except (Unreachable, RegistryUnreachable, RegistryRefused, DocumentBehind) as error:
                attempt += 1
                self.wait(attempt, taken, error)
        return taken.records.last_offset + 1 if left is None else None

    def wait(self, attempt: int, taken: Taken, error: Exception) -> None:
        """The world is at fault: wait, longer each time, and say so."""
        pause = min(FIRST_WAIT_S * 2 ** min(attempt, 10), LONGEST_WAIT_S)
        log.warning(
            "waiting", extra={"action": "wait", **taken.span(), "attempt": attempt, "pause_s": pause, "why": str(error)}
        )
        self.stopping.wait(pause)

    def settle_once(self, taken: Taken) -> Taken | None:
        """Settle the records, or the first of them where a worker died before; what is left."""
        started = monotonic()
        faults.point("batch.begin")
        document, conn, taken = self.document(taken.partition.topic), self.connection(), self.checked(taken)
        if not taken.records.total:
            return None
        care = self.deaths.care(conn, taken.partition, self.stretch(taken))
        part = taken.first(care.records)
        plans.renew(conn, part.partition.topic, part.records.total)
        with self.deaths.alone(care):
            tally = self.settle_or_trip(conn, document, part, care)
        self.tell(part, tally, monotonic() - started)
        return taken.behind(part.records.last_offset + 1)

    def settle_or_trip(self, conn: Connection[TupleRow], document: Document, taken: Taken, care: Care) -> Tally:
        """Settle records that may be taken at once; where they hold a flood, those up to it. Then it is Paused."""
        try:
            return self.settle_part(conn, document, taken, care, Breaker(self.limits))
        except Tripped as error:
            before, trip = taken.until(error.trip.next_offset), error.trip
            self.settle_part(conn, document, before, care, Breaker(self.limits, trip))
            why = {"kind": trip.kind, "cause": trip.cause, "why": str(error)}
            log.error("a partition rests", extra={"action": "pause", **before.span(), **why})
            raise Paused(before.partition.topic, before.partition.number, before.records.last_offset + 1) from error

    def settle_part(
        self, conn: Connection[TupleRow], document: Document, taken: Taken, care: Care, breaker: Breaker
    ) -> Tally:
        """Settle records in one transaction."""
        stretch = self.stretch(taken)
        self.deaths.begin(conn, taken.partition, stretch)
        judged = self.judged(conn, document, taken, stretch, care)
        if fresh := self.registry.fresh():
            schemas_read.remember(conn, fresh)
            self.registry.stored(fresh)
        try:
            tally = self.settle_all(conn, document, judged, breaker)
        except EventFault as error:
            tally = self.settle_closely(conn, document, judged.one_by_one(), taken, error, breaker)
        faults.point("tx.committed")
        self.deaths.settled(taken.partition, stretch.next_offset)
        self.settled(taken.partition, stretch.next_offset)
        self.gather(document.contract, judged)
        return tally

    def judged(
        self, conn: Connection[TupleRow], document: Document, taken: Taken, stretch: Stretch, care: Care
    ) -> Judged:
        """The verdict on each record; one that has ended every worker is returned unread."""
        faults.point("batch.decode")
        if care.is_hopeless and len(taken.records):
            return Judged(stretch, (), (unread(taken.records.one(0), care.deaths),), self.today())
        readers_of = cache(partial(document.readers_of, registry=self.registry))  # asks once a batch for an unknown id
        letters_of = partial(letters.of_topic, conn, stretch.topic)
        return judge_set(document, readers_of, stretch, taken.records, self.today(), letters_of)

    def document(self, topic: TopicName) -> Document:
        """The document by which the hub reads now: an approved version is taken up without a restart."""
        found = document_book.current(self.connection(), self.documents, topic, self.local)
        if found is None:
            raise Halted(f"{topic} has no document any more")
        return found

    def settle_all(self, conn: Connection[TupleRow], document: Document, judged: Judged, breaker: Breaker) -> Tally:
        with transaction(conn):
            return settle(
                conn,
                document.contract,
                judged,
                lambda stored: document.read_again(stored, self.registry),
                self.settings.worker,
                breaker,
            )

    def settle_closely(
        self,
        conn: Connection[TupleRow],
        document: Document,
        judged: Judged,
        taken: Taken,
        error: EventFault,
        breaker: Breaker,
    ) -> Tally:
        """Settle events one by one that the database refused as a set; it may refuse some of them again."""
        try:
            return self.settle_all(conn, document, judged, breaker)
        except EventFault:
            good = without_culprits(conn, document.contract, judged, taken, error)
            return self.settle_all(conn, document, good, breaker)

    def has_hole(self, taken: Taken) -> bool:
        """Whether records between the position and the first one in hand were lost on their way here.

        Around a rebalance the client's own buffers may be thrown away. The partition is then read again from the
        position. When the same first record comes once more, the log itself has the hole: a transaction's marker,
        what compaction took, or what retention took.
        """
        found = (taken.position, taken.records.first_offset)
        if found[0] == found[1] or self.holes.get(taken.partition) == found:
            return False
        self.holes[taken.partition] = found
        self.backlog.clear(taken.partition)
        self.read_again(taken.partition, taken.position)
        return True

    def checked(self, taken: Taken) -> Taken:
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

    def stretch(self, taken: Taken) -> Stretch:
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

    def connection(self) -> Connection[TupleRow]:
        if self.conn is None or self.conn.closed or self.conn.broken:
            self.conn = connect(self.settings.dsn, process="simpul-intake")
            plans.keep(self.conn)
            self.registry.trust(schemas_read.known(self.conn))
        return self.conn

    def tell(self, taken: Taken, tally: Tally, seconds: float) -> None:
        log.info(
            "batch settled", extra={"action": "settle", **taken.span(), **asdict(tally), "ms": round(seconds * 1000, 1)}
        )

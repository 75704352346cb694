"""Takes gathered records, judges them, and settles them; waits out the world's faults, never the event's."""

import logging
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import date
from functools import cache, partial
from threading import Event as Flag
from threading import Thread
from time import monotonic

from psycopg import Connection
from psycopg.rows import TupleRow

from base import faults
from consumers.backlog import Backlog, Partition, Work
from consumers.documents import Document
from consumers.judge import appended_at, dead_letter, judge
from consumers.positions import PartitionPlace, open_partitions
from consumers.settings import IntakeSettings
from hub_db.blame import culprits
from hub_db.connection import connect, transaction
from hub_db.errors import Contended, EventFault, Halted, Unreachable
from hub_db.events import Judged, Stretch, Tally
from hub_db.settle import settle
from schemas.errors import RegistryRefused, RegistryUnreachable
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
        documents: dict[str, Document],
        places: dict[Partition, PartitionPlace],
        registry: RegistryClient,
        today: Callable[[], date],
        settled: Callable[[Partition, int], None],
        fatal: Callable[[Exception], None],
        holes: dict[Partition, tuple[int, int]],
        read_again: Callable[[Partition, int], None],
        number: int,
    ) -> None:
        super().__init__(name=f"settler-{number}", daemon=True)
        self.settings, self.backlog, self.documents, self.places = settings, backlog, documents, places
        self.registry, self.today, self.settled, self.fatal = registry, today, settled, fatal
        self.holes, self.read_again = holes, read_again  # (position, first record) of holes seen once
        self.stopping = Flag()
        self.conn: Connection[TupleRow] | None = None

    def run(self) -> None:
        """Settle until the backlog closes. Anything unforeseen stops the worker: going on would be guessing."""
        try:
            while (work := self.backlog.take(self.settings.batch_records)) is not None:
                if not work.records or self.has_hole(work):
                    self.backlog.done(work.partition, work.position)
                elif self.settle_patiently(work):
                    self.backlog.done(work.partition, work.records[-1].offset + 1)
        except Exception as error:  # noqa: BLE001  the thread's last words: everything foreseen was handled below
            self.fatal(error)
        finally:
            if self.conn is not None:
                self.conn.close()

    def settle_patiently(self, work: Work) -> bool:
        """Settle, however often it takes; False when the worker stops meanwhile."""
        attempt = 0
        while not self.stopping.is_set():
            try:
                self.settle_once(work)
            except Contended as error:
                attempt += 1
                if attempt <= QUICK_RETRIES:
                    continue
                self.wait(attempt, work, error)
            except (Unreachable, RegistryUnreachable, RegistryRefused) as error:
                attempt += 1
                self.wait(attempt, work, error)
            else:
                return True
        return False

    def wait(self, attempt: int, work: Work, error: Exception) -> None:
        """The world is at fault: wait, longer each time, and say so."""
        pause = min(FIRST_WAIT_S * 2 ** min(attempt, 10), LONGEST_WAIT_S)
        log.warning(
            "waiting", extra={"action": "wait", **_span(work), "attempt": attempt, "pause_s": pause, "why": str(error)}
        )
        self.stopping.wait(pause)

    def settle_once(self, work: Work) -> None:
        started = monotonic()
        faults.point("batch.begin")
        document = self.documents[work.partition.topic]
        stretch = self.stretch(self.checked(work))
        reader_of = cache(partial(document.reader, registry=self.registry))  # asks once a batch for an unknown id
        judged = judge(document, reader_of, stretch, work.records, self.today())
        conn = self.connection()
        try:
            tally = self.settle_all(conn, document, judged)
        except EventFault as error:
            tally = self.settle_all(conn, document, self.without_culprits(conn, document, judged, work, error))
        faults.point("tx.committed")
        self.settled(work.partition, stretch.next_offset)
        self.tell(work, tally, monotonic() - started)

    def settle_all(self, conn: Connection[TupleRow], document: Document, judged: Judged) -> Tally:
        with transaction(conn):
            return settle(
                conn,
                document.contract,
                judged,
                lambda stored: document.read_again(stored, self.registry),
                self.settings.worker,
            )

    def without_culprits(
        self, conn: Connection[TupleRow], document: Document, judged: Judged, work: Work, error: EventFault
    ) -> Judged:
        """The batch without the events that the database refuses; those become dead letters."""
        refused = culprits(conn, document.contract, judged.events)
        if not refused:
            raise Halted(f"{work.partition}: the database refuses the batch, but no single event of it") from error
        letters = [dead_letter(each, (refused[each.offset],)) for each in work.records if each.offset in refused]
        return replace(
            judged,
            events=[event for event in judged.events if event.place.offset not in refused],
            dead_letters=sorted([*judged.dead_letters, *letters], key=lambda letter: letter.offset),
        )

    def has_hole(self, work: Work) -> bool:
        """Whether records between the position and the first one in hand were lost on their way here.

        Around a rebalance the client's own buffers may be thrown away. The partition is then read again from the
        position. When the same first record comes once more, the log itself has the hole: a transaction's marker,
        what compaction took, or what retention took.
        """
        found = (work.position, work.records[0].offset)
        if found[0] == found[1] or self.holes.get(work.partition) == found:
            return False
        self.holes[work.partition] = found
        self.backlog.clear(work.partition)
        self.read_again(work.partition, work.position)
        return True

    def checked(self, work: Work) -> Work:
        """The work, its position moved over what the log has lost since (retention): that is a gap in the ledger."""
        if work.records[0].offset == work.position:
            return work
        settings, partition = self.settings, work.partition
        place = open_partitions(settings.kafka, settings.dsn, settings.worker, [partition])[partition]
        return replace(work, position=place.next_offset)

    def stretch(self, work: Work) -> Stretch:
        place = self.places[work.partition]
        last = work.records[-1]
        return Stretch(
            work.partition.topic,
            place.topic_id,
            place.topic_no,
            work.partition.number,
            work.position,
            last.offset + 1,
            len(work.records),
            work.fetched_at,
            appended_at(last),
        )

    def connection(self) -> Connection[TupleRow]:
        if self.conn is None or self.conn.closed or self.conn.broken:
            self.conn = connect(self.settings.dsn, process="simpul-intake")
        return self.conn

    def tell(self, work: Work, tally: Tally, seconds: float) -> None:
        log.info(
            "batch settled", extra={"action": "settle", **_span(work), **asdict(tally), "ms": round(seconds * 1000, 1)}
        )


def _span(work: Work) -> dict[str, object]:
    return {
        "topic": work.partition.topic,
        "partition": work.partition.number,
        "first_offset": work.records[0].offset,
        "last_offset": work.records[-1].offset,
        "records": len(work.records),
    }

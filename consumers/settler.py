"""Takes gathered records and has them settled; waits out the world's faults, never the event's."""

import logging
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Event as Flag
from threading import Thread

from psycopg import Connection
from psycopg.rows import TupleRow

from base.pauses import pause_s
from consumers.backlog import Backlog, Work
from consumers.partition import Partition
from consumers.record_batches import RecordBatch
from consumers.settling import WORLDS_FAULTS, Settling
from consumers.taken import Taken
from consumers.unpacking import open_some
from hub_db import plans, schemas_read
from hub_db.connection import connect
from hub_db.errors import Contended, Paused, Unreachable

log = logging.getLogger("simpul.intake")

FIRST_WAIT_S, LONGEST_WAIT_S = 0.4, 10.0
QUICK_RETRIES = 5  # of a deadlock or serialization failure, before waiting


class Settler(Thread):
    """One thread with one database connection."""

    def __init__(
        self,
        settling: Settling,
        backlog: Backlog,
        holes: dict[Partition, tuple[int, int]],
        read_again: Callable[[Partition, int], None],
        rest: Callable[[Partition], None],
        fatal: Callable[[Exception], None],
        name: str,
        *,
        only_small: bool,
    ) -> None:
        """`only_small`: it takes what is small while the others are busy."""
        super().__init__(name=name, daemon=True)
        self.only_small = only_small
        self.settling, self.backlog = settling, backlog
        self.holes, self.read_again = holes, read_again  # (position, first record) of holes seen once
        self.rest, self.fatal = rest, fatal
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
        works = self.backlog.take(self.settling.settings.batch_records, only_small=self.only_small)
        if works is None:
            return False
        in_hand = [found for work in works if (found := self.read(work)) is not None]
        all_taken = [taken for taken, _ in in_hand]
        if len(all_taken) > 1 and self.settle_together(all_taken):
            for taken in all_taken:
                self.backlog.done(taken.partition, taken.records.last_offset + 1)
            return True
        # Whose turn it was goes by itself, and so does in its turn the one that keeps them from being settled together.
        # What it may have to wait for is none of the others'.
        for taken, batches in in_hand[1:]:
            self.backlog.give_back(taken.partition, batches)
            self.backlog.done(taken.partition, taken.position)
        if all_taken and (next_offset := self.settle_patiently(all_taken[0])) is not None:
            self.backlog.done(all_taken[0].partition, next_offset)
        return True

    def read(self, work: Work) -> tuple[Taken, Sequence[RecordBatch]] | None:
        """The records of what was taken, and their batches; None where there is nothing of it to settle now."""
        opened, left = open_some(work.batches)
        if left:
            self.backlog.give_back(work.partition, left)
        taken = Taken.of(work, opened)
        if not taken.records.total or self.has_hole(taken):
            self.backlog.done(taken.partition, taken.position)
            return None
        return taken, [each.batch for each in opened]

    def settle_together(self, all_taken: Sequence[Taken]) -> bool:
        """Settle records of several partitions at once; False where each is to be settled by itself."""
        try:
            return self.settling.settle_together(self.connection(), all_taken)
        except (Contended, Unreachable):  # whoever comes first waits for the database
            return False

    def settle_patiently(self, taken: Taken) -> int | None:
        """Settle, however often it takes, to the end or to where the partition comes to rest; the position then. None
        when the worker stops meanwhile."""
        attempt = 0
        left: Taken | None = taken
        while left is not None and not self.stopping.is_set():
            try:
                left = self.settling.settle_once(self.connection(), left)
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
            except WORLDS_FAULTS as error:
                attempt += 1
                self.wait(attempt, taken, error)
        return taken.records.last_offset + 1 if left is None else None

    def wait(self, attempt: int, taken: Taken, error: Exception) -> None:
        """The world is at fault: wait, longer each time, and say so."""
        self.backlog.holds_up(taken.partition)
        pause = pause_s(attempt, first_s=FIRST_WAIT_S, longest_s=LONGEST_WAIT_S)
        log.warning(
            "waiting", extra={"action": "wait", **taken.span(), "attempt": attempt, "pause_s": pause, "why": str(error)}
        )
        self.stopping.wait(pause)

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

    def connection(self) -> Connection[TupleRow]:
        """The thread's own, made anew when it was lost. Raises Unreachable, Contended."""
        if self.conn is None or self.conn.closed or self.conn.broken:
            self.conn = connect(self.settling.settings.dsn, process="simpul-intake")
            plans.keep(self.conn)
            self.settling.registry.trust(schemas_read.known(self.conn))
        return self.conn

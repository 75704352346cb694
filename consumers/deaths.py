"""Three strikes: a record that ends its worker again and again is found, and returned to whom it came from.

What a value does to the process itself (a decoder that crashes, memory that runs out) leaves no exception behind. So
the first batch of a partition that a worker has just got is entered in the database before anything of it is decoded:
a death always leads to a new start, so only that batch can follow one. Who finds such an entry where it is to go on,
and not ended, takes smaller batches until it is past that stretch. The ordinary way pays nothing: two statements a
partition after each assignment.
"""

from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from threading import Lock
from typing import Final
from uuid import UUID

from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import SecretStr

from consumers.partition import Partition
from hub_db import attempts
from hub_db.connection import connect
from hub_db.events import Stretch

SMALLER: Final = (100, 1)  # records of a batch after so many deaths: one, two
STRIKES: Final = len(SMALLER) + 1  # then the record is returned unread
MOST: Final = 20_000  # records of any batch


@dataclass(frozen=True, slots=True)
class Care:
    """How a batch is to be taken: at most so many records, after so many deaths in it."""

    records: int
    deaths: int = 0

    @property
    def is_hopeless(self) -> bool:
        """Whether its one record has ended every worker that took it."""
        return self.deaths >= STRIKES


ORDINARY: Final = Care(MOST)


@dataclass(slots=True)
class _Watched:
    """A partition whose next batch is entered: up to `until`; `deaths` in that stretch."""

    until: int
    deaths: int


class Deaths:
    """What one worker knows of deaths in its partitions. A partition is in one thread at a time."""

    def __init__(self, worker: str) -> None:
        self.worker = worker
        self._past: dict[Partition, _Watched | None] = {}  # None: past it. Not there: nothing is known yet
        self._turn = Lock()

    def forget(self) -> None:
        """The worker gets its partitions anew: somebody may have died in them meanwhile."""
        self._past = {}

    def care(self, conn: Connection[TupleRow], partition: Partition, stretch: Stretch) -> Care:
        """How to take the stretch's records. Asks the database for a partition's first batch only."""
        if partition not in self._past:
            self._past[partition] = self._look(conn, stretch)
        watched = self._past[partition]
        if watched is None or not watched.deaths:
            return ORDINARY
        return Care(SMALLER[min(watched.deaths, len(SMALLER)) - 1], watched.deaths)

    @contextmanager
    def alone(self, care: Care) -> Iterator[None]:
        """A batch in which somebody died is in hand without any other such: who dies now has died in this one."""
        with self._turn if care.deaths else nullcontext():
            yield

    def begin(self, conn: Connection[TupleRow], partition: Partition, stretch: Stretch) -> None:
        """Enter the batch that is about to be decoded, where that is to be done."""
        watched = self._past.get(partition)
        if watched is not None:
            attempts.begin(conn, stretch, watched.deaths, self.worker)

    def settled(self, partition: Partition, next_offset: int) -> None:
        """The batch is in the database."""
        watched = self._past.get(partition)
        if watched is not None and next_offset >= watched.until:
            self._past[partition] = None

    def end(self, dsn: SecretStr, partitions: Collection[tuple[UUID, int]]) -> None:
        """The worker stops in order, whatever becomes of the batch in its hand."""
        if any(self._past.values()):
            with connect(dsn, process="simpul-intake-end") as conn:
                attempts.end(conn, partitions, self.worker)

    def _look(self, conn: Connection[TupleRow], stretch: Stretch) -> _Watched:
        last = attempts.last(conn, stretch.topic_id, stretch.partition)
        if last is None or last.ended or last.first_offset != stretch.first_offset:
            return _Watched(stretch.next_offset, 0)
        return _Watched(last.next_offset, last.deaths + 1)

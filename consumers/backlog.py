"""What has been fetched and not settled: one queue per partition, taken in turns, topic by topic.

The agent only appends; threads take all that has gathered, up to a limit (`INTAKE.md`, pitfall 3): small batches
when it is quiet, large ones when there is much to do. A partition is never in two threads at once. While all threads
are busy with large ones, one more takes what is small: a few events do not wait for another agency's million.
"""

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Condition
from typing import Final

from consumers.fair_turns import FairTurns
from consumers.partition import Partition
from consumers.record_batches import RecordBatch, count
from schemas.names import TopicName

SMALL: Final = 200  # records of a partition: settled in some tens of milliseconds
TOGETHER: Final = 8_000  # records of a topic: fewer are settled by one thread, partitions together


@dataclass(frozen=True, slots=True)
class Work:
    """Record batches of one partition in offset order; what lies in them before `position` is settled already."""

    partition: Partition
    position: int
    batches: Sequence[RecordBatch]
    fetched_at: datetime  # when the first of them came in


@dataclass(slots=True)
class _Queue:
    position: int
    batches: deque[RecordBatch] = field(default_factory=deque)
    records: int = 0  # in all of them
    in_hand: int = 0  # records that a thread has
    fetched_at: datetime | None = None
    busy: bool = False
    full: bool = False


class Backlog:
    """The queues. All methods are safe in any thread; `pressure` is told when a partition is full or has room."""

    def __init__(self, *, limit: int, pressure: Callable[[Partition, bool], None]) -> None:
        self.limit = limit  # records of one partition beyond which it is full
        self._pressure = pressure
        self._queues: dict[Partition, _Queue] = {}
        self._partitions: dict[TopicName, set[Partition]] = {}  # that were ever open
        self._turns = FairTurns()  # partitions with records that no thread has
        self._idle = 0  # threads for any work that wait for some
        self._changed = Condition()
        self._closed = False

    def open(self, positions: Iterable[tuple[Partition, int]]) -> None:
        """Start empty queues at these positions."""
        with self._changed:
            for partition, position in positions:
                self._queues[partition] = _Queue(position)
                self._partitions.setdefault(partition.topic, set()).add(partition)

    def append(self, partition: Partition, batches: Sequence[RecordBatch]) -> None:
        """Add fetched batches; those of a partition that is not open are dropped, as nobody asked for them."""
        with self._changed:
            queue = self._queues.get(partition)
            if queue is None or self._closed:
                return
            if not queue.batches:
                queue.fetched_at = datetime.now(UTC)
                if not queue.busy:
                    self._turns.add(partition)
            queue.batches.extend(batches)
            queue.records += count(batches)
            filled = queue.records >= self.limit and not queue.full
            queue.full = queue.full or filled
            self._changed.notify_all()
        if filled:
            self._pressure(partition, True)  # noqa: FBT003

    def take(self, at_most: int, *, only_small: bool = False) -> list[Work] | None:
        """The next partition's batches, waiting for some: as many as hold so many records, or one larger one. Where
        that is little, all that waits of other partitions of its topic, too, as long as it stays little.

        First the one whose turn it was. `only_small`: of partitions with a few records, and only while nobody is idle
        who takes any. None when the backlog is closed.
        """
        with self._changed:
            partition = self._first(only_small=only_small)
            if partition is None:
                return None
            works = [self._take(partition, at_most)]
            room = min(at_most, TOGETHER) - count(works[0].batches)
            while (partition := self._beside(partition, min(room, SMALL) if only_small else room)) is not None:
                works.append(self._take(partition, room))
                room -= count(works[-1].batches)
            if self._turns:
                self._changed.notify_all()  # one fewer is idle: what is left may be small enough
            eased = [work.partition for work in works if self._eases(self._queues[work.partition])]
        for each in eased:
            self._pressure(each, False)  # noqa: FBT003
        return works

    def _take(self, partition: Partition, at_most: int) -> Work:
        queue = self._queues[partition]
        batches = [queue.batches.popleft()]
        taken = batches[0].count
        while queue.batches and taken + queue.batches[0].count <= at_most:
            batches.append(queue.batches.popleft())
            taken += batches[-1].count
        queue.records -= taken
        queue.busy, queue.in_hand = True, taken
        fresh = [batch for batch in batches if batch.next_offset > queue.position]
        return Work(partition, queue.position, fresh, queue.fetched_at or datetime.now(UTC))

    def _beside(self, partition: Partition, room: int) -> Partition | None:
        """The next partition of the same topic of which all that waits has room; it no longer waits."""

        def suits(other: Partition) -> bool:
            return other.topic == partition.topic and self._queues[other].records <= room

        found = self._turns.first(suits)
        return None if found is None else self._turns.take(found)

    def _eases(self, queue: _Queue) -> bool:
        """Whether a full queue has room again, of which it is told then."""
        eased = queue.full and queue.records < self.limit // 2
        queue.full = queue.full and not eased
        return eased

    def give_back(self, partition: Partition, batches: Sequence[RecordBatch]) -> None:
        """Put batches that were taken and not looked at before all others of their partition."""
        with self._changed:
            queue = self._queues.get(partition)
            if queue is not None:
                queue.batches.extendleft(reversed(batches))
                queue.records += count(batches)
                queue.fetched_at = queue.fetched_at or datetime.now(UTC)

    def done(self, partition: Partition, next_offset: int) -> None:
        """The partition's records up to `next_offset` are settled; it may have its next turn."""
        with self._changed:
            queue = self._queues.get(partition)
            if queue is not None:
                queue.busy, queue.in_hand = False, 0
                queue.position = max(queue.position, next_offset)
                if queue.batches:
                    self._turns.add(partition)
            self._changed.notify_all()

    def holds_up(self, partition: Partition) -> None:
        """A thread has something of the partition in hand that takes longer than its number of records says."""
        with self._changed:
            if (queue := self._queues.get(partition)) is not None:
                queue.in_hand = max(queue.in_hand, TOGETHER)
            self._changed.notify_all()

    def clear(self, partition: Partition) -> None:
        """Forget what has gathered of a partition; its position stays, and it will be read from there again."""
        with self._changed:
            queue = self._queues.get(partition)
            if queue is not None:
                queue.batches.clear()
                queue.records = 0
                self._turns.discard({partition})

    def waits(self) -> bool:
        """Whether there is something that no thread has taken, if only as one has what stands before it."""
        with self._changed:
            return any(queue.batches for queue in self._queues.values())

    def idle(self) -> dict[Partition, int]:
        """The positions of the partitions of which nothing has gathered and nothing is being settled."""
        with self._changed:
            return {
                partition: queue.position
                for partition, queue in self._queues.items()
                if not queue.batches and not queue.busy
            }

    def drop(self, partitions: Iterable[Partition], *, within_s: float) -> None:
        """Forget partitions, once no thread works on them. Raises TimeoutError."""
        gone = set(partitions)
        with self._changed:
            for partition in gone & self._queues.keys():
                self._queues[partition].batches.clear()
                self._queues[partition].records = 0
            self._turns.discard(gone)
            if not self._changed.wait_for(lambda: not any(self._busy(each) for each in gone), within_s):
                raise TimeoutError(f"still settling {sorted(each for each in gone if self._busy(each))}")
            for partition in gone:
                self._queues.pop(partition, None)

    def close(self) -> None:
        """Let every taker go."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _first(self, *, only_small: bool) -> Partition | None:
        """The partition whose turn it is, once there is one, which no longer waits; None when the backlog is closed."""
        find = self._small if only_small else self._any
        self._idle += not only_small
        self._changed.wait_for(lambda: self._closed or find())
        self._idle -= not only_small
        found = find()
        return None if self._closed or found is None else self._turns.take(found)

    def _any(self) -> Partition | None:
        return self._turns.first(lambda each: not self._is_served(each.topic))

    def _small(self) -> Partition | None:
        """The next partition with a few records for which nobody is idle."""
        if self._idle:
            return None
        return self._turns.first(lambda each: self._queues[each].records <= SMALL and not self._is_served(each.topic))

    def _is_served(self, topic: TopicName) -> bool:
        """Whether a thread has something of a topic of which there is little: what waits is taken together by the next
        one, instead of by several, each of which would pay what a batch costs."""
        queues = [self._queues[partition] for partition in self._partitions.get(topic, ()) if partition in self._queues]
        return any(each.busy for each in queues) and sum(each.records + each.in_hand for each in queues) <= TOGETHER

    def _busy(self, partition: Partition) -> bool:
        queue = self._queues.get(partition)
        return queue is not None and queue.busy

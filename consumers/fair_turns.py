"""Whose turn it is: partitions with something to do, topic by topic, so that many partitions are not many voices."""

from collections import deque
from collections.abc import Callable, Set

from consumers.partition import Partition
from schemas.names import TopicName


class FairTurns:
    """Partitions that wait, each once. Who came first of a topic goes first, and topics take turns."""

    def __init__(self) -> None:
        self._waiting: dict[TopicName, deque[Partition]] = {}  # by topic, the one whose turn it is first

    def __bool__(self) -> bool:
        return bool(self._waiting)

    def add(self, partition: Partition) -> None:
        self._waiting.setdefault(partition.topic, deque()).append(partition)

    def first(self, suits: Callable[[Partition], bool]) -> Partition | None:
        """The first one that suits, which stays."""
        return next((each for queue in self._waiting.values() for each in queue if suits(each)), None)

    def take(self, partition: Partition | None = None) -> Partition:
        """The next one, or this one, which no longer waits; other topics are before its own then."""
        topic = next(iter(self._waiting)) if partition is None else partition.topic
        queue = self._waiting.pop(topic)
        if partition is None:
            partition = queue.popleft()
        else:
            queue.remove(partition)
        if queue:
            self._waiting[topic] = queue
        return partition

    def discard(self, gone: Set[Partition]) -> None:
        """Forget those that wait among these."""
        left = {topic: deque(each for each in queue if each not in gone) for topic, queue in self._waiting.items()}
        self._waiting = {topic: queue for topic, queue in left.items() if queue}

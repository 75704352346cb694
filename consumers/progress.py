"""Whether a worker moves: its consumer can fall silent without an error, lose records, or stand on what is gone."""

import asyncio
import logging
from collections.abc import Callable, Collection, Mapping
from time import monotonic
from typing import cast
from uuid import UUID

from aiokafka.errors import IllegalStateError
from faust.types.tuples import TP

from consumers.backlog import Backlog
from consumers.partition import Partition
from consumers.positions import PartitionPlace, Standing
from consumers.settings import IntakeSettings
from consumers.transport import HubApp, HubConsumer
from hub_db.errors import Contended, Unreachable
from schemas.names import TopicName

log = logging.getLogger("simpul.intake")

STAND_EVERY_S = 5.0


class Progress:
    """Of one worker. `places` and `settled` are the worker's own."""

    def __init__(
        self,
        settings: IntakeSettings,
        backlog: Backlog,
        places: Mapping[Partition, PartitionPlace],
        settled: Mapping[TP, int],
        topics: Collection[TopicName],
        resting: Collection[Partition],
        fatal: Callable[[Exception], None],
    ) -> None:
        self.settings, self.backlog, self.fatal = settings, backlog, fatal
        self.places, self.settled, self.topics, self.resting = places, settled, topics, resting
        self.standing = Standing(settings.kafka, settings.dsn)
        self.holes: dict[Partition, tuple[int, int]] = {}
        self.ahead: dict[Partition, tuple[int, int]] = {}
        self.at = monotonic()  # when something was settled last, or nothing was left to do
        self.app: HubApp

    async def watch(self) -> None:
        """With a backlog and no progress the worker starts anew."""
        while True:
            await asyncio.sleep(min(1.0, self.settings.stuck_after_s / 10))
            if self.app.crashed or self.app.consumer.crashed or self.app._fetcher.crashed:
                self.fatal(RuntimeError("Faust stopped consuming"))
            try:
                await self.catch_up()
                behind = self.behind()
            except (IllegalStateError, AssertionError):  # aiokafka: between two assignments nothing has a position
                continue
            if not behind:
                self.at = monotonic()
            elif monotonic() - self.at > self.settings.stuck_after_s:
                self.fatal(TimeoutError(f"no progress for {self.settings.stuck_after_s:.0f} s with a backlog"))

    async def stand(self) -> None:
        """A topic that was made anew and a log that lost its end are opened anew, as when a worker comes or goes."""
        while True:
            await asyncio.sleep(STAND_EVERY_S)
            assigned = {Partition(TopicName(tp.topic), tp.partition) for tp in self.assignment()}
            try:
                moved = await asyncio.to_thread(self.standing.has_moved, assigned, self.reached(assigned))
            except (Unreachable, Contended):  # who settles says so
                continue
            except Exception as error:  # noqa: BLE001  a database that has gone back, and what nobody foresaw
                self.fatal(error)
                return
            if moved:
                log.warning("opens anew", extra={"action": "reopen"})
                await self.app.read_also(())

    async def catch_up(self) -> None:
        """A quiet partition whose client stands ahead of us has lost records on their way here: read them again.

        Seen twice, so that what is just arriving is left alone; read again once for each such standing.
        """
        consumer = cast("HubConsumer", self.app.consumer)
        for partition, position in self.backlog.idle().items():
            tp = TP(partition.topic, partition.number)
            if tp not in consumer.assignment() or not consumer.flow_active or partition in self.resting:
                continue
            try:
                ahead = (position, await asyncio.wait_for(consumer.position(tp), 5.0) or 0)
            except TimeoutError:  # it has none yet
                continue
            if ahead[1] <= position:
                self.ahead.pop(partition, None)
            elif self.ahead.get(partition) != ahead:
                self.ahead[partition] = ahead
            elif self.holes.get(partition) != ahead:
                self.holes[partition] = ahead
                await self.seek(partition, position)

    async def seek(self, partition: Partition, position: int) -> None:
        """Read a partition again from a position."""
        log.warning(
            "read again",
            extra={"action": "rewind", "topic": partition.topic, "partition": partition.number, "offset": position},
        )
        await self.app.consumer.seek_wait({TP(partition.topic, partition.number): position})

    def behind(self) -> bool:
        """Whether a partition of ours, which does not rest, has records that are not settled."""
        mine = {tp: Partition(TopicName(tp.topic), tp.partition) for tp in self.assignment()}
        ends = {tp: self.app.consumer.highwater(tp) for tp, each in mine.items() if each not in self.resting}
        places = {tp: self.places.get(mine[tp]) for tp in ends}
        return any(
            place is not None and (end or 0) > self.settled.get(tp, place.next_offset)
            for (tp, end), place in zip(ends.items(), places.values(), strict=True)
        )

    def assignment(self) -> set[TP]:
        """The partitions of documents that the group gave us."""
        return {tp for tp in self.app.consumer.assignment() if tp.topic in self.topics}

    def reached(self, assigned: Collection[Partition]) -> dict[Partition, tuple[UUID, int]]:
        """How far the open ones of these partitions are settled, and of which incarnation they are."""
        return {
            each: (place.topic_id, self.settled.get(TP(each.topic, each.number), place.next_offset))
            for each in assigned
            if (place := self.places.get(each)) is not None
        }

"""The intake worker: a Faust app whose one agent gathers batches; threads judge and settle them."""

import asyncio
import gc
import logging
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from datetime import date, datetime
from time import monotonic
from typing import Any, cast
from zoneinfo import ZoneInfo

import faust
from aiokafka.errors import IllegalStateError
from faust.types.tuples import TP

from base import faults
from consumers import record_batches
from consumers.backlog import Backlog, Partition
from consumers.documents import Document
from consumers.errors import NothingToRead
from consumers.new_topics import NewTopics
from consumers.positions import PartitionPlace, open_partitions
from consumers.releaser import Releaser
from consumers.settings import IntakeSettings
from consumers.settler import Settler
from consumers.transport import BatchSchema, HubApp, HubConsumer, hub_app
from hub_db.errors import Contended, Unreachable
from schemas.formats.local_marks import local_warnings
from schemas.names import TopicName
from schemas.wire.registry_client import RegistryClient

log = logging.getLogger("simpul.intake")

EXIT_FATAL = 70  # EX_SOFTWARE: the supervisor starts the worker again
STOP_WITHIN_S = 8.0
QUIESCE_S = 60.0
LEAVE_S = 10.0  # well within the group's rebalance timeout
COLLECT_EVERY_S = 30.0
FOLLOW_EVERY_S = 1.0
BACKLOG_RECORDS = 40_000  # of one partition, before it is paused


class Intake:
    """Everything of one worker, wired together."""

    def __init__(self, settings: IntakeSettings) -> None:
        self.settings, self.local = settings, local_warnings(settings.local)
        self.registry = RegistryClient(settings.registry)
        self.documents: dict[TopicName, Document] = {}
        self.new_topics = NewTopics(settings.kafka, settings.dsn, self.local)
        self.read: set[TopicName] = set()
        self.places: dict[Partition, PartitionPlace] = {}
        self.settled: dict[TP, int] = {}
        self.holes: dict[Partition, tuple[int, int]] = {}
        self.ahead: dict[Partition, tuple[int, int]] = {}
        self.progress_at = monotonic()
        self.failure: Exception | None = None
        self.backlog = Backlog(limit=BACKLOG_RECORDS, pressure=self.on_pressure)
        self.stop_asked = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        self.app: HubApp

    async def run(self) -> int:
        """Until SIGTERM or SIGINT (0) or a fatal error (EXIT_FATAL)."""
        for number in (signal.SIGTERM, signal.SIGINT):
            self.loop.add_signal_handler(number, self.on_signal)
        await self.load_documents()
        if self.stop_asked.is_set():
            return 0
        settlers = [self.settler(number) for number in range(self.settings.connections)]
        releaser = Releaser(self.settings, self.documents, self.registry, self.local, self.on_fatal)
        gc.collect()
        gc.freeze()
        gc.disable()  # `tidy` collects: the waiting records are many, hold no cycles, and were walked again and again
        for thread in (*settlers, releaser):
            thread.start()
        self.app = self.make_app()
        await self.app.start()
        tasks = [asyncio.create_task(each) for each in (self.watch(), self.tidy(), self.follow())]
        await self.stop_asked.wait()
        for task in tasks:
            task.cancel()
        self.backlog.close()
        releaser.stopping.set()
        for settler in settlers:
            settler.stopping.set()
        await self.stop_app()
        for thread in (*settlers, releaser):
            await asyncio.to_thread(thread.join, STOP_WITHIN_S)
        if self.failure is not None:
            log.error("stopped", extra={"action": "fatal", "why": f"{type(self.failure).__name__}: {self.failure}"})
            os._exit(EXIT_FATAL)  # a thread that listens to a silent server would keep the process for ever
        return 0

    async def load_documents(self) -> None:
        """Wait for database and broker, and for at least one document with a topic."""
        while not self.stop_asked.is_set() and not await self.new_documents():
            await _first(self.stop_asked, FOLLOW_EVERY_S)

    async def new_documents(self) -> list[TopicName]:
        """Take in the documents that came; their topics."""
        try:
            found = await asyncio.to_thread(self.new_topics.look, self.read)
        except (Unreachable, Contended, NothingToRead) as error:
            log.warning("waiting", extra={"action": "wait", "why": str(error)})
            return []
        self.documents.update(found)
        self.read.update(found)
        return sorted(found)

    async def follow(self) -> None:
        """Take up documents that come into production meanwhile."""
        while True:
            await asyncio.sleep(FOLLOW_EVERY_S)
            if topics := await self.new_documents():
                log.info("more to read", extra={"action": "follow", "topics": topics})
                try:
                    await self.app.read_also(topics)
                except Exception as error:  # noqa: BLE001  the next start reads them all
                    self.on_fatal(error)

    def make_app(self) -> HubApp:
        record_batches.install()
        app = hub_app(self.settings, HubApp)
        app.hub_positions, app.hub_leave, app.hub_settled = self.positions, self.leave, self.settled
        # The database has the positions: without acks Faust keeps no list of offsets, which would grow with every fetch
        # and which it sorts again at every fetch.
        topic = app.topic(*sorted(self.read), schema=BatchSchema(), value_type=bytes, allow_empty=True, acks=False)

        async def gather(batches: faust.StreamT[Any]) -> None:
            """Each item is one poll of one partition, in offset order."""
            async for event in batches.events():
                partition = Partition(TopicName(event.message.topic), event.message.partition)
                self.backlog.append(partition, event.value)

        app.agent(topic, name="intake", concurrency=1)(gather)
        return app

    def settler(self, number: int) -> Settler:
        return Settler(
            self.settings,
            self.backlog,
            self.documents,
            self.places,
            self.registry,
            self.today,
            self.on_settled,
            self.on_fatal,
            self.holes,
            self.on_hole,
            number,
        )

    async def leave(self, revoked: frozenset[TP]) -> None:
        """Called before partitions go to somebody else: finish what is being settled, forget the rest.

        All that is open goes: a client whose subscription changed while it was being assigned names what it had before.
        """
        gone = {*self.places, *(Partition(TopicName(tp.topic), tp.partition) for tp in revoked)}
        try:
            await asyncio.to_thread(self.backlog.drop, gone, within_s=LEAVE_S)
        except TimeoutError as error:  # the compare-and-set keeps a late batch out
            log.warning("left in the middle of a batch", extra={"action": "revoke", "why": str(error)})

    async def positions(self, assigned: frozenset[TP]) -> Mapping[TP, int]:
        """Called after each assignment: the database says where to read from."""
        wanted = {Partition(TopicName(tp.topic), tp.partition): tp for tp in assigned if tp.topic in self.documents}
        await asyncio.to_thread(self.backlog.drop, list(self.places), within_s=QUIESCE_S)
        self.places.clear()
        while not self.stop_asked.is_set():
            try:
                self.places.update(
                    await asyncio.to_thread(
                        open_partitions, self.settings.kafka, self.settings.dsn, self.settings.worker, wanted
                    )
                )
            except (Unreachable, Contended) as error:
                log.warning("waiting", extra={"action": "wait", "why": str(error)})
                await _first(self.stop_asked, 1.0)
            except Exception as error:  # noqa: BLE001  Faust would log it and go on reading from nowhere
                self.on_fatal(error)
                return {}
            else:
                break
        self.backlog.open((partition, place.next_offset) for partition, place in self.places.items())
        log.info("assigned", extra={"action": "assign", "partitions": len(self.places)})
        return {wanted[partition]: place.next_offset for partition, place in self.places.items()}

    async def watch(self) -> None:
        """Consumers can fall silent without an error: with a backlog and no progress the worker starts anew."""
        while True:
            await asyncio.sleep(min(1.0, self.settings.stuck_after_s / 10))
            if self.app.crashed or self.app.consumer.crashed or self.app._fetcher.crashed:
                self.on_fatal(RuntimeError("Faust stopped consuming"))
            try:
                await self.catch_up()
                behind = self.behind()
            except (IllegalStateError, AssertionError):  # aiokafka: between two assignments nothing has a position
                continue
            if not behind:
                self.progress_at = monotonic()
            elif monotonic() - self.progress_at > self.settings.stuck_after_s:
                self.on_fatal(TimeoutError(f"no progress for {self.settings.stuck_after_s:.0f} s with a backlog"))

    async def catch_up(self) -> None:
        """A quiet partition whose client stands ahead of us has lost records on their way here: read them again.

        Seen twice, so that what is just arriving is left alone; read again once for each such standing.
        """
        consumer = cast("HubConsumer", self.app.consumer)
        for partition, position in self.backlog.idle().items():
            tp = TP(partition.topic, partition.number)
            if tp not in consumer.assignment() or not consumer.flow_active:
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

    async def tidy(self) -> None:
        """Collect what the reference counts leave behind, now and then: small when it is quiet, rare when it is not."""
        while True:
            await asyncio.sleep(COLLECT_EVERY_S)
            gc.collect()

    def behind(self) -> bool:
        consumer = self.app.consumer
        ends = {tp: consumer.highwater(tp) for tp in consumer.assignment() if tp.topic in self.documents}
        places = {tp: self.places.get(Partition(TopicName(tp.topic), tp.partition)) for tp in ends}
        return any(
            place is not None and (end or 0) > self.settled.get(tp, place.next_offset)
            for (tp, end), place in zip(ends.items(), places.values(), strict=True)
        )

    async def stop_app(self) -> None:
        try:
            await asyncio.wait_for(self.app.stop(), STOP_WITHIN_S)
        except TimeoutError:  # aiokafka's stop can hang without brokers
            log.warning("left without goodbye", extra={"action": "stop"})
            os._exit(EXIT_FATAL if self.failure else 0)

    def today(self) -> date:
        return datetime.now(ZoneInfo(self.settings.time_zone)).date()

    def on_settled(self, partition: Partition, next_offset: int) -> None:
        self.settled[TP(partition.topic, partition.number)] = next_offset
        self.progress_at = monotonic()

    def on_hole(self, partition: Partition, position: int) -> None:
        asyncio.run_coroutine_threadsafe(self.seek(partition, position), self.loop)

    def on_pressure(self, partition: Partition, full: bool) -> None:  # noqa: FBT001
        consumer = self.app.consumer
        act = consumer.pause_partitions if full else consumer.resume_partitions
        self.loop.call_soon_threadsafe(act, {TP(partition.topic, partition.number)})

    def on_fatal(self, error: Exception) -> None:
        self.failure = self.failure or error
        self.loop.call_soon_threadsafe(self.stop_asked.set)

    def on_signal(self) -> None:
        if self.stop_asked.is_set():
            os._exit(0)
        self.stop_asked.set()


def run(settings: IntakeSettings) -> int:
    """Run one intake worker; returns the process's exit code."""
    faults.arm(settings.faults)

    async def main() -> int:
        return await Intake(settings).run()

    return asyncio.run(main())


async def _first(flag: asyncio.Event, timeout_s: float) -> None:
    """Wait for the flag, at most so long."""
    with suppress(TimeoutError):
        await asyncio.wait_for(flag.wait(), timeout_s)

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
from typing import Any
from zoneinfo import ZoneInfo

import faust
from faust.types.tuples import TP

from base import faults, heap
from consumers import record_batches
from consumers.backlog import Backlog
from consumers.deaths import Deaths
from consumers.documents import Document
from consumers.errors import NothingToRead
from consumers.new_topics import NewTopics
from consumers.partition import Partition
from consumers.positions import PartitionPlace, open_partitions
from consumers.profiling import Profiler
from consumers.progress import Progress
from consumers.releaser import Releaser
from consumers.resting import Resting
from consumers.settings import IntakeSettings
from consumers.settler import Settler
from consumers.settling import Settling
from consumers.transport import BatchSchema, HubApp, hub_app
from hub_db.errors import Contended, HubDbError, Unreachable
from schemas.formats.local_marks import local_warnings
from schemas.names import TopicName
from schemas.wire.registry_client import RegistryClient

log = logging.getLogger("simpul.intake")

STOP_WITHIN_S = 8.0
GOODBYE_S = 2.0
QUIESCE_S = 60.0
LEAVE_S = 10.0  # well within the group's rebalance timeout
COLLECT_EVERY_S = 30.0
FOLLOW_EVERY_S = 1.0
BACKLOG_RECORDS = 40_000  # of one partition, before it is paused


class Intake:
    """Everything of one worker, wired together."""

    def __init__(self, settings: IntakeSettings) -> None:
        self.settings, self.local, self.profiler = settings, local_warnings(settings.local), Profiler(settings)
        self.registry = RegistryClient(settings.registry)
        self.documents: dict[TopicName, Document] = {}
        self.new_topics = NewTopics(settings.kafka, settings.dsn, self.local)
        self.read: set[TopicName] = set()
        self.places: dict[Partition, PartitionPlace] = {}
        self.settled: dict[TP, int] = {}
        self.deaths, self.resting = Deaths(settings.worker), Resting(settings, self.places, self.on_fatal)
        self.failure: Exception | None = None
        self.backlog = Backlog(limit=BACKLOG_RECORDS, pressure=self.on_pressure)
        self.progress = Progress(
            settings, self.backlog, self.places, self.settled, self.read, self.resting.partitions, self.on_fatal
        )
        self.settling = Settling(
            settings,
            self.documents,
            self.local,
            self.places,
            self.registry,
            self.today,
            self.on_settled,
            self.deaths,
            self.profiler.gather,
        )
        self.stop_asked = asyncio.Event()
        self.loop = asyncio.get_running_loop()
        self.app: HubApp

    async def run(self) -> int:
        """Until SIGTERM or SIGINT (0) or a fatal error (os.EX_SOFTWARE)."""
        for number in (signal.SIGTERM, signal.SIGINT):
            self.loop.add_signal_handler(number, self.on_signal)
        await self.load_documents()
        if self.stop_asked.is_set():
            return 0
        settlers = [self.settler(f"settler-{number}") for number in range(self.settings.connections)]
        settlers.append(self.settler("settler-small", only_small=True))
        releaser = Releaser(self.settings, self.documents, self.registry, self.local, self.on_fatal)
        gc.collect()
        gc.freeze()
        gc.disable()  # `tidy` collects: the waiting records are many, hold no cycles, and were walked again and again
        for thread in (*settlers, releaser, self.profiler):
            thread.start()
        self.app = self.progress.app = self.make_app()
        await self.app.start()
        work = (self.progress.watch(), self.progress.stand(), self.resting.wake(self.app), self.tidy(), self.follow())
        tasks = [asyncio.create_task(each) for each in work]
        await self.stop_asked.wait()
        for task in tasks:
            task.cancel()
        self.backlog.close()
        releaser.stopping.set()
        for settler in settlers:
            settler.stopping.set()
        await self.stop_app()
        for thread in (*settlers, releaser, self.profiler):  # who gathers ends behind those from whom it does
            await asyncio.to_thread(thread.join, STOP_WITHIN_S)
        await self.say_goodbye()
        if self.failure is not None:
            log.error("stopped", extra={"action": "fatal", "why": f"{type(self.failure).__name__}: {self.failure}"})
            os._exit(os.EX_SOFTWARE)  # a thread that listens to a silent server would keep the process for ever
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
        app.hub_waits = self.backlog.waits
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

    def settler(self, name: str, *, only_small: bool = False) -> Settler:
        return Settler(
            self.settling,
            self.backlog,
            self.progress.holes,
            self.on_hole,
            self.on_rest,
            self.on_fatal,
            name,
            only_small=only_small,
        )

    async def leave(self, revoked: frozenset[TP]) -> None:
        """Called before partitions go to somebody else: finish what is being settled, forget the rest.

        All that is open goes: a client whose subscription changed while it was being assigned names what it had before.
        """
        gone = {*self.places, *(Partition(TopicName(tp.topic), tp.partition) for tp in revoked)}
        self.resting.forget()
        try:
            await asyncio.to_thread(self.backlog.drop, gone, within_s=LEAVE_S)
        except TimeoutError as error:  # the compare-and-set keeps a late batch out
            log.warning("left in the middle of a batch", extra={"action": "revoke", "why": str(error)})
        faults.point("group.leave")

    async def positions(self, assigned: frozenset[TP]) -> Mapping[TP, int]:
        """Called after each assignment: the database says where to read from."""
        wanted = {Partition(TopicName(tp.topic), tp.partition): tp for tp in assigned if tp.topic in self.documents}
        await asyncio.to_thread(self.backlog.drop, list(self.places), within_s=QUIESCE_S)
        self.places.clear()
        self.settled.clear()
        self.deaths.forget()
        self.resting.forget()
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
        faults.point("group.assigned")
        self.settled.update((wanted[partition], place.next_offset) for partition, place in self.places.items())
        self.backlog.open((partition, place.next_offset) for partition, place in self.places.items())
        log.info("assigned", extra={"action": "assign", "partitions": len(self.places)})
        return {wanted[partition]: place.next_offset for partition, place in self.places.items()}

    async def tidy(self) -> None:
        """Collect what the reference counts leave behind, now and then: small when it is quiet, rare when it is not."""
        while True:
            await asyncio.sleep(COLLECT_EVERY_S)
            gc.collect()

    async def say_goodbye(self) -> None:
        """Who stops in order has died in nothing. A database that does not hear it has another worker look closer."""
        partitions = [(place.topic_id, partition.number) for partition, place in self.places.items()]
        with suppress(TimeoutError, HubDbError):
            await asyncio.wait_for(asyncio.to_thread(self.deaths.end, self.settings.dsn, partitions), GOODBYE_S)

    async def stop_app(self) -> None:
        try:
            await asyncio.wait_for(self.app.stop(), STOP_WITHIN_S)
        except TimeoutError:  # aiokafka's stop can hang without brokers
            log.warning("left without goodbye", extra={"action": "stop"})
            os._exit(os.EX_SOFTWARE if self.failure else 0)

    def today(self) -> date:
        return datetime.now(ZoneInfo(self.settings.time_zone)).date()

    def on_settled(self, partition: Partition, next_offset: int) -> None:
        self.settled[TP(partition.topic, partition.number)] = next_offset
        self.progress.at = monotonic()

    def on_hole(self, partition: Partition, position: int) -> None:
        asyncio.run_coroutine_threadsafe(self.progress.seek(partition, position), self.loop)

    def on_rest(self, partition: Partition) -> None:
        self.loop.call_soon_threadsafe(self.resting.let_rest, self.app, partition)

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
    heap.give_back()

    async def main() -> int:
        return await Intake(settings).run()

    return asyncio.run(main())


async def _first(flag: asyncio.Event, timeout_s: float) -> None:
    """Wait for the flag, at most so long."""
    with suppress(TimeoutError):
        await asyncio.wait_for(flag.wait(), timeout_s)

"""The process of the procedure: stock Faust agents on `sop.fact` and `sop.status`, and the clock.

Facts become evidence (`stages_facts.py`), what happened to cases is drawn on the boards (`stages_boards.py`), each in
the order of its topic and each once (`stages_reader.py`).
"""

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import faust
from faust.types.tuples import TP

from base import faults, instance
from consumers.settings import StagesSettings
from consumers.stages_boards import BoardReader
from consumers.stages_facts import FactReader
from consumers.stages_reader import WAIT_S, TopicReader
from consumers.stages_transport import StagesApp, stages_app
from hub_db.connection import connect
from hub_db.errors import Contended, Unreachable
from sop.moments import Moment
from sop.setting import setting_of
from sop.ticking import tick

log = logging.getLogger("simpul.stages")

STOP_WITHIN_S = 8.0


class Stages:
    """One process: a Faust app with its readers, and the clock's round."""

    def __init__(self, settings: StagesSettings) -> None:
        self.settings = settings
        self.instance = instance.load(Path(settings.instance))
        self.failure: Exception | None = None
        self.stop_asked = asyncio.Event()
        self.readers: Sequence[TopicReader] = (
            FactReader(settings, settings.topic, self.instance, self.stop_asked),
            BoardReader(settings, settings.status_topic, self.instance, self.stop_asked),
        )
        self.app: StagesApp

    async def run(self) -> int:
        """Until SIGTERM or SIGINT (0) or a fatal error (os.EX_SOFTWARE)."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop_asked.set)
        settled: dict[TP, int] = {}
        self.app = stages_app(self.settings, self.positions, settled)
        for reader in self.readers:
            reader.settled, reader.fail = settled, self.fail
            reader.seek = self.seek
            topic = self.app.topic(reader.topic, value_type=bytes, value_serializer="raw", key_serializer="raw")
            self.app.agent(topic, name=reader.name, concurrency=1)(_agent(reader))
        await self.app.start()
        tasks = [asyncio.create_task(self.watch()), asyncio.create_task(self.tick())]
        await self.stop_asked.wait()
        for task in tasks:
            task.cancel()
        try:
            await asyncio.wait_for(self.app.stop(), STOP_WITHIN_S)
        except TimeoutError:  # aiokafka's stop can hang without brokers
            log.warning("left without goodbye", extra={"action": "stop"})
            os._exit(os.EX_SOFTWARE if self.failure else 0)
        if self.failure is not None:
            log.error("stopped", extra={"action": "fatal", "why": f"{type(self.failure).__name__}: {self.failure}"})
            return os.EX_SOFTWARE
        return 0

    async def watch(self) -> None:
        """A consumer that crashed is started again with the process."""
        while True:
            await asyncio.sleep(WAIT_S)
            if self.app.crashed or self.app.consumer.crashed or self.app._fetcher.crashed:
                self.fail(RuntimeError("Faust stopped consuming"))

    async def tick(self) -> None:
        """The clock goes round the open cases, at the start and again and again."""
        while not self.stop_asked.is_set():
            try:
                told = await asyncio.to_thread(self._tick)
            except (Unreachable, Contended) as error:
                log.warning("waiting", extra={"action": "wait", "why": str(error)})
                await asyncio.sleep(WAIT_S)
            except Exception as error:  # noqa: BLE001  a clock that stands still would be noticed by nobody
                self.fail(error)
            else:
                if told:
                    log.info("told", extra={"action": "tick", "cases": told})
                await asyncio.sleep(self.settings.clock_every_s)

    async def positions(self, assigned: frozenset[TP]) -> Mapping[TP, int]:
        """Called after each assignment: the database says where to read from."""
        found = {}
        for reader in self.readers:
            for tp in (each for each in assigned if each.topic == reader.topic):
                offset = await reader.position()
                if offset is not None:
                    found[tp] = offset
        return found

    async def seek(self, tp: TP, offset: int) -> None:
        """Read from here on."""
        await self.app.consumer.seek(tp, offset)

    def fail(self, error: Exception) -> None:
        """Stop the process, which is started again."""
        self.failure = self.failure or error
        self.stop_asked.set()

    def _tick(self) -> int:
        now = Moment.of(datetime.now(UTC), self.instance.zone)
        with connect(self.settings.dsn, process="simpul-clock") as conn:  # not an agent's session: it is in its thread
            return len(list(tick(conn, now, setting_of(conn, self.instance))))


def _agent(reader: TopicReader) -> Callable[[faust.StreamT[bytes]], Awaitable[None]]:
    async def read(messages: faust.StreamT[bytes]) -> None:
        async for event in messages.events():
            await reader.settle(event.message)

    return read


def run(settings: StagesSettings) -> int:
    """Run the process; returns its exit code."""
    faults.arm(settings.faults)

    async def main() -> int:
        return await Stages(settings).run()

    return asyncio.run(main())

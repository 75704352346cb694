"""The reader of facts: a stock Faust agent on `sop.fact` that makes them evidence of the cases they are about.

Where it stands is in the database and moves in the transaction that decides; Faust's acks are not trusted. A fact that
comes again is known by its number, and one that follows a number which was never taken sends the reader back to its
place. So whatever is killed when, no evidence is missing and none stands twice.
"""

import asyncio
import json
import logging
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import fastavro
import faust
from faust.types.tuples import TP
from psycopg import Connection
from psycopg.rows import TupleRow

from base import faults, instance
from consumers.settings import StagesSettings
from consumers.stages_transport import StagesApp, stages_app
from hub_db import facts as topics
from hub_db.connection import connect, transaction
from hub_db.errors import Contended, Unreachable
from schemas.rejection import Rejection
from schemas.wire.framing import unframe
from sop import facts
from sop.commands import Fact
from sop.errors import Skipped
from sop.moments import Moment
from sop.setting import setting_of
from sop.store import Decision
from sop.ticking import tick

log = logging.getLogger("simpul.stages")

EXIT_FATAL = 70  # EX_SOFTWARE: the supervisor starts it again
WAIT_S = 1.0
STOP_WITHIN_S = 8.0
SEEKS_BEFORE_A_HOLE = 2  # readings of one place that begin with the same number: what was before it is gone


@dataclass(frozen=True, slots=True)
class Arrived:
    """A fact as it came, with its place."""

    fact: Fact
    number: int
    next_offset: int


class Stages:
    """One reader: a Faust app, and a database session of its own."""

    def __init__(self, settings: StagesSettings) -> None:
        self.settings = settings
        self.instance = instance.load(Path(settings.instance))
        self.conn: Connection[TupleRow] | None = None
        self.schema: Any = None
        self.settled: dict[TP, int] = {}
        self.holes: dict[int, int] = {}  # how often the last number out of turn led back
        self.failure: Exception | None = None
        self.stop_asked = asyncio.Event()
        self.app: StagesApp

    async def run(self) -> int:
        """Until SIGTERM or SIGINT (0) or a fatal error (EXIT_FATAL)."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.stop_asked.set)
        self.app = stages_app(self.settings, self.positions, self.settled)
        topic = self.app.topic(self.settings.topic, value_type=bytes, value_serializer="raw", key_serializer="raw")

        async def evidence(messages: faust.StreamT[bytes]) -> None:
            async for event in messages.events():
                await self.settle(event.message)

        self.app.agent(topic, name="evidence", concurrency=1)(evidence)
        await self.app.start()
        tasks = [asyncio.create_task(self.watch()), asyncio.create_task(self.tick())]
        await self.stop_asked.wait()
        for task in tasks:
            task.cancel()
        try:
            await asyncio.wait_for(self.app.stop(), STOP_WITHIN_S)
        except TimeoutError:  # aiokafka's stop can hang without brokers
            log.warning("left without goodbye", extra={"action": "stop"})
            os._exit(EXIT_FATAL if self.failure else 0)
        if self.failure is not None:
            log.error("stopped", extra={"action": "fatal", "why": f"{type(self.failure).__name__}: {self.failure}"})
            return EXIT_FATAL
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
        wanted = [tp for tp in assigned if tp.topic == self.settings.topic]
        while wanted and not self.stop_asked.is_set():
            try:
                stands = await asyncio.to_thread(self._place)
            except (Unreachable, Contended) as error:
                await self.wait(error)
            else:
                log.info("assigned", extra={"action": "assign", "offset": stands.next_offset})
                return dict.fromkeys(wanted, stands.next_offset)
        return {}

    async def settle(self, message: Any) -> None:
        """Decide upon one fact, however long the database is away."""
        tp = TP(message.topic, message.partition)
        while not self.stop_asked.is_set():
            try:
                decided = await asyncio.to_thread(self._take, message)
            except (Unreachable, Contended) as error:
                await self.wait(error)
            except Skipped as error:
                await self.read_again(tp, error)
                return
            except Exception as error:  # noqa: BLE001  Faust would log it and take the next one
                self.fail(error)
                return
            else:
                self.settled[tp] = message.offset + 1
                for each in decided:
                    log.info(
                        "decided", extra={"action": "evidence", "case": each.case.number, "events": len(each.events)}
                    )
                return

    async def read_again(self, tp: TP, error: Skipped) -> None:
        """Go back to where the database stands."""
        self.holes = {error.number: self.holes.get(error.number, 0) + 1}
        log.warning("facts are missing here", extra={"action": "seek", "why": str(error)})
        with suppress(Unreachable, Contended):  # then the next one out of turn leads back
            await self.app.consumer.seek(tp, (await asyncio.to_thread(self._place)).next_offset)

    async def wait(self, error: Exception) -> None:
        """The world's fault: nothing is read meanwhile."""
        log.warning("waiting", extra={"action": "wait", "why": str(error)})
        self._forget()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stop_asked.wait(), WAIT_S)

    def fail(self, error: Exception) -> None:
        """Stop the process, which is started again."""
        self.failure = self.failure or error
        self.stop_asked.set()

    def _place(self) -> facts.Place:
        conn = self._connected()
        with transaction(conn):
            return facts.place(conn, self.settings.topic)

    def _tick(self) -> int:
        now = Moment.of(datetime.now(UTC), self.instance.zone)
        with connect(self.settings.dsn, process="simpul-clock") as conn:  # not the agent's session: it is in its thread
            return len(list(tick(conn, now, setting_of(conn, self.instance))))

    def _take(self, message: Any) -> list[Decision]:
        conn = self._connected()
        arrived = self._read(conn, message)
        now = Moment.of(datetime.now(UTC), self.instance.zone)
        with transaction(conn):
            decided = facts.take(
                conn,
                self.settings.topic,
                arrived.fact,
                number=arrived.number,
                next_offset=arrived.next_offset,
                now=now,
                setting=setting_of(conn, self.instance),
                accept_a_hole=self.holes.get(arrived.number, 0) >= SEEKS_BEFORE_A_HOLE,
            )
            faults.point("stages.decided")
        faults.point("stages.committed")
        return decided

    def _read(self, conn: Connection[TupleRow], message: Any) -> Arrived:
        """The fact in a message. Only the hub's publisher writes here, so what cannot be read is a reason to stop."""
        if self.schema is None:
            self.schema = fastavro.parse_schema(topics.schema_of_topic(conn, self.settings.topic)[1])
        opened = unframe(message.value)
        if isinstance(opened, Rejection):
            raise TypeError(f"{message.topic}@{message.offset} is no framed record: {opened.code}")
        record: Any = fastavro.schemaless_reader(BytesIO(opened[1]), self.schema, None)
        headers = dict(message.headers)
        told = Fact(
            facts.label(record["kind"], json.loads(record["data"])),
            record["key"],
            record["occurred_at"],
            headers["ce_id"].decode(),
        )
        return Arrived(told, int(headers["ce_sequence"]), message.offset + 1)

    def _connected(self) -> Connection[TupleRow]:
        if self.conn is None or self.conn.closed:
            self.conn = connect(self.settings.dsn, process="simpul-stages")
        return self.conn

    def _forget(self) -> None:
        if self.conn is not None:
            self.conn.close()
        self.conn = None


def run(settings: StagesSettings) -> int:
    """Run the reader of facts; returns the process's exit code."""
    faults.arm(settings.faults)

    async def main() -> int:
        return await Stages(settings).run()

    return asyncio.run(main())

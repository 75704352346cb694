"""A reader of one topic of the procedure: what it does with a message, and where it stands, is one transaction.

Where it stands is in the database; Faust's acks are not trusted. A message that comes again is known by its number, and
one that follows a number which was never taken sends the reader back to its place. So whatever is killed when, nothing
is missing and nothing is done twice.
"""

import asyncio
import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any, ClassVar

import fastavro
from faust.types.tuples import TP
from psycopg import Connection
from psycopg.rows import TupleRow

from base.instance import Instance
from consumers.settings import StagesSettings
from hub_db import facts as topics
from hub_db.connection import connect, transaction
from hub_db.errors import Contended, Unreachable
from schemas.names import TopicName
from schemas.rejection import Rejection
from schemas.wire.framing import unframe
from sop.errors import Skipped
from sop.facts import Place

log = logging.getLogger("simpul.stages")

WAIT_S = 1.0
SEEKS_BEFORE_A_HOLE = 2  # readings of one place that begin with the same number: what was before it is gone


@dataclass(frozen=True, slots=True)
class Arrived:
    """A message as it came: its record, the id and number of its headers, and the place after it."""

    record: Mapping[str, Any]
    ce_id: str
    number: int
    next_offset: int


class TopicReader(ABC):
    """One topic, with a database session of its own. `seek` and `fail` are the process's."""

    name: ClassVar[str]  # of its agent, its session and its log

    def __init__(self, settings: StagesSettings, topic: TopicName, here: Instance, stop_asked: asyncio.Event) -> None:
        self.settings, self.topic, self.instance, self.stop_asked = settings, topic, here, stop_asked
        self.conn: Connection[TupleRow] | None = None
        self.schema: Any = None
        self.settled: dict[TP, int] = {}
        self.holes: dict[int, int] = {}  # how often the last number out of turn led back
        self.seek: Callable[[TP, int], Any]
        self.fail: Callable[[Exception], None]

    @abstractmethod
    def stands(self, conn: Connection[TupleRow]) -> Place:
        """Where to read from."""

    @abstractmethod
    def take(self, conn: Connection[TupleRow], arrived: Arrived, *, accept_a_hole: bool) -> Mapping[str, int]:
        """Do what follows from a message and move on, in the caller's transaction; counts for the log.

        Raises Skipped.
        """

    @abstractmethod
    def decided(self) -> None:
        """Where a test kills the process before COMMIT."""

    @abstractmethod
    def committed(self) -> None:
        """The same after it."""

    async def position(self) -> int | None:
        """The offset to read from, however long the database is away; None when the process ends."""
        while not self.stop_asked.is_set():
            try:
                stands = await asyncio.to_thread(self._stands)
            except (Unreachable, Contended) as error:
                await self.wait(error)
            else:
                log.info("assigned", extra={"action": "assign", "topic": self.topic, "offset": stands.next_offset})
                return stands.next_offset
        return None

    async def settle(self, message: Any) -> None:
        """Take one message, however long the database is away."""
        tp = TP(message.topic, message.partition)
        while not self.stop_asked.is_set():
            try:
                counts = await asyncio.to_thread(self._take, message)
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
                if counts:
                    log.info("taken", extra={"action": self.name, "offset": message.offset, **counts})
                return

    async def read_again(self, tp: TP, error: Skipped) -> None:
        """Go back to where the database stands."""
        self.holes = {error.number: self.holes.get(error.number, 0) + 1}
        log.warning("messages are missing here", extra={"action": "seek", "why": str(error)})
        with suppress(Unreachable, Contended):  # then the next one out of turn leads back
            await self.seek(tp, (await asyncio.to_thread(self._stands)).next_offset)

    async def wait(self, error: Exception) -> None:
        """The world's fault: nothing is read meanwhile."""
        log.warning("waiting", extra={"action": "wait", "why": str(error)})
        if self.conn is not None:
            self.conn.close()
        self.conn = None
        with suppress(TimeoutError):
            await asyncio.wait_for(self.stop_asked.wait(), WAIT_S)

    def _stands(self) -> Place:
        conn = self._connected()
        with transaction(conn):
            return self.stands(conn)

    def _take(self, message: Any) -> Mapping[str, int]:
        conn = self._connected()
        arrived = self._read(conn, message)
        with transaction(conn):
            counts = self.take(conn, arrived, accept_a_hole=self.holes.get(arrived.number, 0) >= SEEKS_BEFORE_A_HOLE)
            self.decided()
        self.committed()
        return counts

    def _read(self, conn: Connection[TupleRow], message: Any) -> Arrived:
        """A message, read. Only the hub's publisher writes here, so what cannot be read is a reason to stop."""
        if self.schema is None:
            self.schema = fastavro.parse_schema(topics.schema_of_topic(conn, self.topic)[1])
        opened = unframe(message.value)
        if isinstance(opened, Rejection):
            raise TypeError(f"{message.topic}@{message.offset} is no framed record: {opened.code}")
        record: Any = fastavro.schemaless_reader(BytesIO(opened[1]), self.schema, None)
        headers = dict(message.headers)
        return Arrived(record, headers["ce_id"].decode(), int(headers["ce_sequence"]), message.offset + 1)

    def _connected(self) -> Connection[TupleRow]:
        if self.conn is None or self.conn.closed:
            self.conn = connect(self.settings.dsn, process=f"simpul-{self.name}")
        return self.conn

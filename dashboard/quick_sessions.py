"""Sessions of PostgreSQL on the event loop: what is asked goes out together with what others ask, and no thread waits.

For single statements that only read and take a fraction of a millisecond. A session on which anything goes wrong is
given up, and whoever waited asks by another way: `dashboard.database` knows what each error means, this does not.
"""

import asyncio
from asyncio import AbstractEventLoop, Future, TimerHandle
from collections import deque
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Final

import psycopg
from psycopg import Connection
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult
from psycopg.rows import TupleRow

from dashboard.errors import SourceAway

SESSIONS: Final = 2  # while one waits for a lock, the other answers
MOST_STATEMENTS: Final = 200  # prepared in a session; contracts change, and nobody would take the old ones away
SILENT_S: Final = 2.0  # a session that answers nothing for so long is given up
AGAIN_S: Final = 1.0  # between two tries to open one
Rows = list[tuple[bytes | None, ...]]  # values as PostgreSQL writes them


class QuickSession:
    """One session. For the event loop alone. Statements are answered in the order in which they were asked; each is a
    transaction with those that went out together with it, so they must not write."""

    def __init__(self, conn: Connection[TupleRow], loop: AbstractEventLoop) -> None:
        self._conn, self._wire, self._loop = conn, conn.pgconn, loop
        self._names: dict[bytes, bytes] = {}
        self._waiting: deque[Future[Rows] | None] = deque()  # None: an answer that nobody waits for
        self._got = False  # the first of those who wait has an answer; its end is to come
        self._sends = False  # what was asked goes out when the loop comes round
        self._heard = monotonic()
        self._watch: TimerHandle | None = None
        self.away = False
        self._socket = self._wire.socket
        self._wire.nonblocking = 1
        self._wire.enter_pipeline_mode()
        loop.add_reader(self._socket, self._read)

    @property
    def load(self) -> int:
        """How much is asked and not answered."""
        return len(self._waiting)

    @property
    def is_full(self) -> bool:
        """Whether it has prepared as many statements as it may."""
        return len(self._names) >= MOST_STATEMENTS

    def ask(self, statement: bytes, values: Sequence[bytes]) -> "Future[Rows]":
        """The rows that a statement finds, with `$1`, `$2` … for the values. The future raises SourceAway."""
        found: Future[Rows] = self._loop.create_future()
        if self.away:
            found.set_exception(SourceAway("the session has ended"))
            return found
        try:
            name = self._names.get(statement)
            if name is None:
                name = self._names[statement] = b"q%d" % len(self._names)
                self._wire.send_prepare(name, statement)
                self._waiting.append(None)
            self._wire.send_query_prepared(name, values)
        except psycopg.Error:
            self._waiting.append(found)
            self.close()
            return found
        self._waiting.append(found)
        if not self._sends:
            self._sends = True
            self._loop.call_soon(self._send)
        return found

    def close(self) -> None:
        """End it; whoever waits is told so."""
        if self.away:
            return
        self.away = True
        self._loop.remove_reader(self._socket)
        self._loop.remove_writer(self._socket)
        if self._watch is not None:
            self._watch.cancel()
        while self._waiting:
            waiting = self._waiting.popleft()
            if waiting is not None and not waiting.done():
                waiting.set_exception(SourceAway("PostgreSQL has ended the session"))
        self._conn.close()

    def _send(self) -> None:
        self._sends = False
        if self.away:
            return
        try:
            self._wire.pipeline_sync()
            self._waiting.append(None)
            self._flush()
        except psycopg.Error:
            self.close()
            return
        if self._watch is None:
            self._heard = monotonic()
            self._watch = self._loop.call_later(SILENT_S, self._is_silent)

    def _flush(self) -> None:
        if self._wire.flush():
            self._loop.add_writer(self._socket, self._go_on)

    def _go_on(self) -> None:
        self._loop.remove_writer(self._socket)
        try:
            self._flush()
        except psycopg.Error:
            self.close()

    def _is_silent(self) -> None:
        """Give it up when nothing was heard; look again while somebody waits."""
        self._watch = None
        if not self._waiting:
            return
        left = self._heard + SILENT_S - monotonic()
        if left <= 0:
            self.close()
        else:
            self._watch = self._loop.call_later(left, self._is_silent)

    def _read(self) -> None:
        try:
            self._wire.consume_input()
            self._heard = monotonic()
            while not self._wire.is_busy() and self._waiting and self._take(self._wire.get_result()):
                pass
        except psycopg.Error:
            self.close()

    def _take(self, result: PGresult | None) -> bool:
        """An answer for the first of those who wait, or its end. Whether there may be more."""
        if result is None:
            if not self._got:
                return False
            self._got = False
            self._waiting.popleft()
            return True
        match result.status:
            case ExecStatus.TUPLES_OK:
                self._got = True
                waiting = self._waiting[0]
                if waiting is not None and not waiting.done():
                    waiting.set_result(_rows(result))
            case ExecStatus.COMMAND_OK:
                self._got = True
            case ExecStatus.PIPELINE_SYNC:
                self._waiting.popleft()
            case _:  # an error; those behind it are passed over by the server
                self.close()
                return False
        return True


class QuickSessions:
    """A few sessions, opened when they are first wanted and again when one has ended. For the event loop alone."""

    def __init__(self, connect: Callable[[], Connection[TupleRow]]) -> None:
        self._connect = connect
        self._open: list[QuickSession] = []
        self.asked = 0  # how many times a session was at hand
        self._opening = 0
        self._not_before = 0.0
        self._closed = False

    def at_hand(self) -> QuickSession | None:
        """The one with the least to do; None while there is none, and then one is being opened."""
        self._open = [each for each in self._open if not each.away]
        if len(self._open) + self._opening < SESSIONS and monotonic() >= self._not_before:
            self._begin()
        found = min(self._open, key=lambda each: each.load, default=None)
        if found is not None and found.is_full and not found.load:
            found.close()
            return None
        self.asked += found is not None
        return found

    def close(self) -> None:
        """End them all."""
        self._closed = True
        for each in self._open:
            each.close()

    def _begin(self) -> None:
        if self._closed:
            return
        self._opening += 1
        loop = asyncio.get_running_loop()
        opening = loop.run_in_executor(None, self._connect)
        opening.add_done_callback(lambda done: self._opened(done, loop))

    def _opened(self, done: "Future[Connection[TupleRow]]", loop: AbstractEventLoop) -> None:
        self._opening -= 1
        if done.cancelled() or done.exception() is not None:
            self._not_before = monotonic() + AGAIN_S  # the other ways say what is the matter
        elif self._closed:
            done.result().close()
        else:
            self._open.append(QuickSession(done.result(), loop))


def _rows(result: PGresult) -> Rows:
    columns = range(result.nfields)
    return [tuple([result.get_value(row, column) for column in columns]) for row in range(result.ntuples)]

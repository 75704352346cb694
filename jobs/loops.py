"""Loops: small works that this process does again and again beside its jobs, each in a thread of its own."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic

from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import SecretStr

from base.pauses import pause_s
from hub_db.connection import connect, translated
from hub_db.errors import Halted

log = logging.getLogger("simpul.jobs")

IDLE = "select set_config('idle_in_transaction_session_timeout', %s, false)"
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0


@dataclass(frozen=True, slots=True)
class Loop:
    """Runs `run` every so many seconds. An error is logged, and `run` is called again after a growing pause.

    `run` opens what it needs and keeps it between calls as it likes (a connection that is broken is its own to
    replace); it is called by one thread only. `close` is called once, when the process stops.
    """

    name: str
    every_s: float
    run: Callable[[], None]
    close: Callable[[], None] | None = None


class Session:
    """A connection of one loop, made when it is asked for and made again when it was closed.

    `idle_s` ends a transaction that stands open for longer, so that a process that was stopped inside it frees its
    locks.
    """

    def __init__(self, dsn: SecretStr, process: str, *, idle_s: float | None = None) -> None:
        self.dsn, self.process, self.idle_s = dsn, process, idle_s
        self.conn: Connection[TupleRow] | None = None

    def __call__(self) -> Connection[TupleRow]:
        """Raises Unreachable or Halted."""
        if self.conn is None or self.conn.closed:
            self.conn = connect(self.dsn, process=self.process)
            if self.idle_s is not None:
                with translated():
                    self.conn.execute(IDLE, (f"{round(self.idle_s * 1000)}ms",))
        return self.conn

    def close(self) -> None:
        if self.conn is not None:
            self.conn.close()
            self.conn = None


class Runner(Thread):
    """One loop until `stopping`. What a person must see to (Halted) is told to `give_up`, which ends the process."""

    def __init__(self, loop: Loop, stopping: Event, give_up: Callable[[Halted], None]) -> None:
        super().__init__(name=loop.name, daemon=True)
        self.loop, self.stopping, self.give_up = loop, stopping, give_up
        self.failures = 0

    def run(self) -> None:
        while not self.stopping.is_set():
            started = monotonic()
            pause = self.once()
            self.stopping.wait(max(0.0, pause - (monotonic() - started)))
        if self.loop.close is not None:
            self.loop.close()

    def once(self) -> float:
        """Call it; the seconds from its beginning to the next call."""
        try:
            self.loop.run()
        except Halted as error:
            self.give_up(error)
            return self.loop.every_s
        except Exception as error:
            self.failures += 1
            pause = pause_s(self.failures, first_s=FIRST_PAUSE_S, longest_s=LONGEST_PAUSE_S)
            log.warning(
                "loop failed",
                extra={"action": "loop", "loop": self.loop.name, "failures": self.failures, "pause_s": pause},
                exc_info=error,
            )
            return max(pause, self.loop.every_s)
        self.failures = 0
        return self.loop.every_s

"""The process that works on jobs: procrastinate brings turns to it, threads take the steps.

The library wakes this process when a turn is there (LISTEN/NOTIFY), gives each turn to one worker (SKIP LOCKED) and
each lane one turn (its lock), and keeps the worker's heartbeat. All about a job itself is in `jobs.job`
(docs/explanation/jobs.md, docs/decisions/0009-jobs-on-procrastinate.md).
"""

import asyncio
import logging
import random
import signal
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event
from time import monotonic
from typing import Any, LiteralString

from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import ConnectorException

from base import faults
from base.pauses import pause_s
from hub_db.connection import LIVENESS, SESSION, connect
from hub_db.errors import Halted, HubDbError
from hub_db.sqlstate import Road, road
from jobs.housekeeping import Housekeeping
from jobs.job import JobId, Turn
from jobs.kinds import Kind, register
from jobs.loops import Loop, Runner
from jobs.running import Running
from jobs.schedule import Scheduled
from jobs.settings import JobsSettings

log = logging.getLogger("simpul.jobs")

TASK = "simpul.turn"  # as in jobs.give_turn
GIVEN_UP = 70  # exit code: going on would be guessing (EX_SOFTWARE)
CONNECTIONS = 4  # of the library, at most
CONNECT_WITHIN_S = 10.0
POLL_S = 5.0  # for a turn of which a notification was lost; the library's own default
HEARTBEATS = 4  # in a lease
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0
SETTLED_AFTER_S = 60.0  # worked for so long: the next trouble is a first one again
JOIN_WITHIN_S = 2.0


class Connector(PsycopgConnector):
    """The library's connections. When a word of it to the database is lost (a turn is over, the worker lives), its
    books are in doubt: `in_doubt` is called, so that this worker ends and a new one begins."""

    def __init__(self, in_doubt: Callable[[Exception], None], **pool: Any) -> None:
        super().__init__(**pool)
        self.in_doubt = in_doubt

    async def execute_query_async(self, query: LiteralString, **arguments: Any) -> None:
        try:
            await super().execute_query_async(query, **arguments)
        except ConnectorException as error:
            self.in_doubt(error)
            raise


class Worker:
    """One worker, until a signal ends it or it gives up."""

    def __init__(
        self, settings: JobsSettings, kinds: Sequence[Kind], schedules: Sequence[Scheduled], loops: Sequence[Loop]
    ) -> None:
        self.settings, self.kinds = settings, kinds
        self.stopping = Event()
        self.gave_up = False
        self.running = Running(settings.dsn, settings.worker, kinds)
        every = (*Housekeeping(settings, schedules).loops, *loops)
        self.runners = [Runner(each, self.stopping, self.give_up) for each in every]
        self.events: asyncio.AbstractEventLoop | None = None
        self.working: asyncio.Task[None] | None = None

    def run(self) -> int:
        """The process's exit code."""
        asyncio.run(self.serve())
        for runner in self.runners:
            if runner.ident is not None:
                runner.join(JOIN_WITHIN_S)
        return GIVEN_UP if self.gave_up else 0

    async def serve(self) -> None:
        """Worker of the library after worker of the library, as long as there is trouble; usually one."""
        self.events = asyncio.get_running_loop()
        self.events.set_default_executor(ThreadPoolExecutor(self.settings.threads + 1, "turn"))
        for number in (signal.SIGTERM, signal.SIGINT):
            self.events.add_signal_handler(number, self.stop)
        failures = 0
        while not self.stopping.is_set():
            began = monotonic()
            self.working = self.events.create_task(self.work())
            with suppress(asyncio.CancelledError):  # by `stop` or `begin_anew`
                await self.working
            failures = 1 if monotonic() - began > SETTLED_AFTER_S else failures + 1
            if not self.stopping.is_set():
                pause = pause_s(failures, first_s=FIRST_WAIT_S, longest_s=LONGEST_WAIT_S) * random.uniform(0.8, 1.2)  # noqa: S311
                log.warning("begins anew", extra={"action": "wait", "pause_s": round(pause, 1)})
                await asyncio.to_thread(self.stopping.wait, pause)

    async def work(self) -> None:
        """One worker of the library. Ends when it is cancelled, or when something is away."""
        try:
            await asyncio.to_thread(self.prepare)
            connector = Connector(
                lambda error: self.begin_anew(),
                conninfo=self.settings.dsn.get_secret_value(),
                kwargs={"options": f"{SESSION} -c search_path=jobs", "application_name": "simpul-jobs", **LIVENESS},
                min_size=1,
                max_size=CONNECTIONS,
                timeout=CONNECT_WITHIN_S,
            )
            app = App(connector=connector)
            app.task(name=TASK, pass_context=True)(self.take_turn)
            async with app.open_async():
                await app.run_worker_async(
                    queues=[kind.name for kind in self.kinds],
                    name=self.settings.worker,
                    concurrency=self.settings.threads,
                    fetch_job_polling_interval=POLL_S,
                    shutdown_graceful_timeout=0,  # turns are told at once that they must stop; they are waited for
                    delete_jobs="always",
                    install_signal_handlers=False,
                    update_heartbeat_interval=self.settings.lease_s / HEARTBEATS,
                    stalled_worker_timeout=self.settings.lease_s,
                )
        except (HubDbError, ConnectorException) as error:
            self.away(error)

    def prepare(self) -> None:
        """What needs the database before there are turns."""
        with connect(self.settings.dsn, process="simpul-jobs") as conn:
            register(conn, self.kinds)
        for runner in self.runners:
            if runner.ident is None:
                runner.start()

    def take_turn(self, context: JobContext, job: int) -> None:
        """The library's task, in a thread."""
        if context.job.id is None:
            raise Halted("a turn without a number")
        try:
            self.running.take_turn(
                JobId(job), Turn(context.job.id), lambda: self.stopping.is_set() or context.should_abort()
            )
        except Halted as error:
            self.give_up(error)

    def away(self, error: HubDbError | ConnectorException) -> None:
        """Something is not there: it is waited for. Something is wrong: the process ends."""
        state = getattr(error.__cause__, "sqlstate", None)
        if isinstance(error, Halted) or (state is not None and road(state) is Road.HALT):
            self.give_up(error)
        else:
            log.warning("waiting", extra={"action": "wait"}, exc_info=error)

    def give_up(self, error: Exception) -> None:
        """End the process: a person must look. From any thread."""
        log.error("gave up", extra={"action": "stop"}, exc_info=error)
        self.gave_up = True
        self.stop()

    def stop(self) -> None:
        """End orderly. From any thread."""
        self.stopping.set()
        self.begin_anew()

    def begin_anew(self) -> None:
        """End the library's worker; `serve` begins another one unless the process stops. From any thread."""
        if self.events is not None:
            self.events.call_soon_threadsafe(self.cancel_once)

    def cancel_once(self) -> None:
        """A second cancellation would break off the library's own orderly end, and the turns would never hear of it."""
        if self.working is not None and not self.working.cancelling():
            self.working.cancel()


def run(
    settings: JobsSettings,
    kinds: Sequence[Kind],
    schedules: Sequence[Scheduled] = (),
    loops: Sequence[Loop] = (),
) -> int:
    """Work on jobs of these kinds until SIGTERM or SIGINT; returns the process's exit code."""
    faults.arm(settings.faults)
    return Worker(settings, kinds, schedules, loops).run()

"""Gathers what the fields of settled rows look like, and adds it to the day's profile now and then.

Beside the batches and never in their way: a batch leaves some of its rows here after its commit (all of a small one),
a thread of its own measures them and writes the sums in a transaction of its own. What a killed worker had gathered is
not in the profile; nothing is in it twice.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from threading import Event as Flag
from threading import Lock, Thread
from typing import Final

import polars as pl
from psycopg import Connection
from psycopg.rows import TupleRow

from consumers.settings import IntakeSettings
from hub_db.connection import connect, transaction
from hub_db.event_frames import Judged
from hub_db.profiles import store
from hub_db.profiles.measures import measure
from schemas.contract import Contract, Value
from schemas.names import TopicName
from schemas.rules import dtypes

log = logging.getLogger("simpul.profiles")

ROWS_OF_A_BATCH: Final = 300  # looked at, at equal distances, beginning anywhere
COPIED_FROM_STEP: Final = 8  # a copy takes half a millisecond, which a small batch would feel
EVERY_S: Final = 5.0
ROWS_AT_ONCE: Final = 10_000  # of a document: so many are measured before the time
MOST_WAITING: Final = 100_000  # rows; while the database is away what comes beyond them is not looked at


@dataclass(slots=True)
class Gathered:
    """Rows of one document on one day that are not measured yet."""

    contract: Contract
    day: date
    seen: int = 0  # rows that came
    frames: list[pl.DataFrame] = field(default_factory=list)
    rows: list[Mapping[str, Value]] = field(default_factory=list)
    waiting: int = 0  # in both

    def frame(self) -> pl.DataFrame:
        """All of them."""
        frames = self.frames
        if self.rows:
            columns = {
                name: pl.Series(name, [row[name] for row in self.rows], dtype=kind, strict=True)
                for name, kind in dtypes(self.contract.fields).items()
            }
            frames = [*frames, pl.DataFrame(columns)]
        return pl.concat(frames)


class Profiler(Thread):
    """One thread with one database connection."""

    def __init__(self, settings: IntakeSettings) -> None:
        super().__init__(name="profiler", daemon=True)
        self.settings = settings
        self.stopping, self.due = Flag(), Flag()
        self.lock = Lock()
        self.gathered: dict[tuple[TopicName, date, int], Gathered] = {}
        self.waiting = 0
        self.conn: Connection[TupleRow] | None = None

    def gather(self, contract: Contract, judged: Judged) -> None:
        """Keep some of a settled batch's rows; called by the threads that settle."""
        if contract.sandbox:
            return
        frame = judged.frame.rows if judged.frame is not None else None
        rows = [event.row for event in judged.events if event.row is not None]
        seen = len(rows) + (frame.height if frame is not None else 0)
        step = -(-seen // ROWS_OF_A_BATCH)
        if step > 1:
            first = judged.stretch.first_offset % step
            rows, frame = rows[first::step], None if frame is None else every(frame, step, first)
        if seen:
            self._keep(contract, judged.accepted_on, seen, frame, rows)

    def _keep(
        self,
        contract: Contract,
        day: date,
        seen: int,
        frame: pl.DataFrame | None,
        rows: Sequence[Mapping[str, Value]],
    ) -> None:
        looked_at = len(rows) + (frame.height if frame is not None else 0)
        with self.lock:
            if self.waiting >= MOST_WAITING:
                return
            held = self.gathered.setdefault((contract.topic, day, id(contract)), Gathered(contract, day))
            held.seen += seen
            held.waiting += looked_at
            self.waiting += looked_at
            if frame is not None and frame.height:
                held.frames.append(frame)
            held.rows += rows
            is_due = held.waiting >= ROWS_AT_ONCE
        if is_due:
            self.due.set()

    def run(self) -> None:
        """Until stopped. Whatever goes wrong here is told in the log and costs the profile some rows, nothing else."""
        while not self.stopping.is_set():
            self.due.wait(EVERY_S)
            self.due.clear()
            self.add_all()
        self.add_all()
        if self.conn is not None:
            self.conn.close()

    def join(self, timeout: float | None = None) -> None:
        """Measure what is here, end, and wait for it."""
        self.stopping.set()
        self.due.set()
        super().join(timeout)

    def add_all(self) -> None:
        """Measure what has gathered and add it to the profiles."""
        with self.lock:
            found, self.gathered, self.waiting = list(self.gathered.values()), {}, 0
        for each in found:
            if not each.waiting:
                continue
            try:
                self.add(each)
            except Exception as error:  # noqa: BLE001  a profile is worth no worker
                told = {"action": "profile", "topic": each.contract.topic, "why": type(error).__name__}
                log.warning("rows are not in the profile", extra=told | {"records": each.seen})

    def add(self, gathered: Gathered) -> None:
        contract, day = gathered.contract, gathered.day
        measured = measure(contract, gathered.frame(), day)
        if self.conn is None or self.conn.closed or self.conn.broken:
            self.conn = connect(self.settings.dsn, process="simpul-profile")
        with transaction(self.conn):
            store.add(self.conn, contract, day, gathered.seen, measured)


def every(frame: pl.DataFrame, step: int, first: int) -> pl.DataFrame:
    """Each so many rows. (`gather_every` takes twenty times as long.)

    What is taken of a column of texts still holds the bytes of all of them. Where those are many, the few are copied.
    """
    few = frame[pl.Series(range(first, frame.height, step), dtype=pl.UInt32)]
    if step < COPIED_FROM_STEP:
        return few
    return pl.DataFrame([pl.Series(each.name, each.to_list(), each.dtype) for each in few.get_columns()])

"""A job as it stands in the database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NewType
from uuid import UUID, uuid5

JobId = NewType("JobId", int)
Turn = NewType("Turn", int)  # the leave to work on one job; a later one has a higher number
# What jsonb holds, as psycopg reads it. A cursor is whatever a kind wants to remember of its place.
Json = None | bool | int | float | str | list[Any] | dict[str, Any]


class State(StrEnum):
    """Where a job stands. The first three are open, the others are ends."""

    QUEUED = "queued"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (State.QUEUED, State.RUNNING, State.PAUSED)
WORDS = {
    State.QUEUED: "Menunggu",
    State.RUNNING: "Berjalan",
    State.PAUSED: "Dijeda",
    State.DONE: "Selesai",
    State.FAILED: "Gagal",
    State.CANCELLED: "Dibatalkan",
}


@dataclass(frozen=True, slots=True)
class Job:
    """One row of `jobs.job`."""

    id: JobId
    uid: UUID  # names the job for ever, also after a restored backup gave its number to another one
    kind: str
    title: str
    arguments: Mapping[str, Json]
    key: str | None  # of open jobs of a kind, one has this key
    asked_by: str
    state: State
    cursor: Json  # null until the first step is done
    done: int
    total: int | None
    tries: int  # turns since the last step that was done
    turn: Turn | None
    worker: str | None  # the process that has or had the last turn
    message: str | None
    not_before: datetime | None
    created_at: datetime
    started_at: datetime | None
    moved_at: datetime | None
    finished_at: datetime | None

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def share(self) -> float | None:
        """How much is done, 0 to 1; None when nobody knows how much there is."""
        return min(self.done / self.total, 1.0) if self.total else None

    def event_id(self, *item: Json) -> str:
        """The `ce_id` of the event that this job sends for one item.

        It depends on the job and on the item alone: a step that is done again after a kill sends the same event again,
        also when its steps have another size by then, and whoever reads it knows it already.
        """
        return str(uuid5(self.uid, json.dumps(item, sort_keys=True, separators=(",", ":"))))

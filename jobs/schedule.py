"""The schedule: one leader enqueues each job at its moments, each moment once.

The leader is a row with a term and an end. Whoever finds the end passed takes the next term. All that a leader writes
stands in a transaction that first holds its term; a leader that was stopped and comes back finds its term over, and
what it had begun is rolled back. No session lock is involved: a stopped process would keep it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from psycopg import Connection
from psycopg.rows import TupleRow

from base import faults
from hub_db.connection import transaction, translated
from hub_db.errors import Halted
from hub_db.statements import load
from jobs.errors import LeadLost
from jobs.job import Json
from jobs.queue import enqueue

SQL = load("jobs", "sql/schedule.sql")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Every:
    """Every so many seconds, counted from 1970."""

    seconds: int

    def last(self, now: datetime, zone: ZoneInfo) -> datetime:
        return EPOCH + timedelta(seconds=int((now - EPOCH).total_seconds()) // self.seconds * self.seconds)


@dataclass(frozen=True, slots=True)
class Daily:
    """Each day at a time of the clock on the instance's walls."""

    at: time

    def last(self, now: datetime, zone: ZoneInfo) -> datetime:
        local = now.astimezone(zone)
        today = datetime.combine(local.date(), self.at, zone)
        moment = today if today <= local else datetime.combine(local.date() - timedelta(days=1), self.at, zone)
        return moment.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Weekly:
    """On a day of each week (0 = Monday) at a time of the clock on the instance's walls."""

    weekday: int
    at: time

    def last(self, now: datetime, zone: ZoneInfo) -> datetime:
        local = now.astimezone(zone)
        day = local.date() - timedelta(days=(local.weekday() - self.weekday) % 7)
        moment = datetime.combine(day, self.at, zone)
        moment = moment if moment <= local else datetime.combine(day - timedelta(days=7), self.at, zone)
        return moment.astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Scheduled:
    """A job that is asked for at its moments. One that was missed, as nothing ran then, is made up for once."""

    name: str
    kind: str
    when: Every | Daily | Weekly
    arguments: Mapping[str, Json] = field(default_factory=dict)


class Leadership:
    """One process's standing for leader, on a connection of its own."""

    def __init__(self, schedules: Sequence[Scheduled], *, holder: str, lease_s: float, zone: ZoneInfo) -> None:
        self.schedules, self.holder, self.lease_s, self.zone = schedules, holder, lease_s, zone
        self.term: int | None = None
        self.held_at = EPOCH
        self.ticked: dict[str, datetime] = {}

    def pass_by(self, conn: Connection[TupleRow]) -> int:
        """Become the leader or remain it, and enqueue what is due; how many jobs. To be called about each second.

        Raises LeadLost when the term was over: then this process stands in line again.
        """
        now = _clock(conn)
        if self.term is None and not self.try_lead(conn):
            return 0
        due = [(each, each.when.last(now, self.zone)) for each in self.schedules]
        new = [(each, moment) for each, moment in due if moment > self.ticked.get(each.name, EPOCH)]
        if not new and (now - self.held_at).total_seconds() < self.lease_s / 3:
            return 0
        try:
            self.enqueue_due(conn, new)
        except BaseException:
            self.term = None  # also when nobody knows whether it was committed: the next term reads what was
            raise
        return len(new)

    def try_lead(self, conn: Connection[TupleRow]) -> bool:
        with transaction(conn):
            row = conn.execute(SQL["lead"], {"holder": self.holder, "lease_s": self.lease_s}).fetchone()
            if row is None:
                return False
            known = conn.execute(SQL["last_ticks"], {"names": [each.name for each in self.schedules]})
            self.ticked = dict(known.fetchall())
        self.term = row[0]
        return True

    def enqueue_due(self, conn: Connection[TupleRow], due: Sequence[tuple[Scheduled, datetime]]) -> None:
        """Enqueue in one transaction that holds the term. Raises LeadLost."""
        faults.point("schedule.begin")
        with transaction(conn):
            row = conn.execute(SQL["hold"], {"term": self.term, "lease_s": self.lease_s}).fetchone()
            if row is None:
                raise LeadLost(f"term {self.term} is over")
            for each, moment in due:
                self.tick(conn, each, moment)
            faults.point("schedule.precommit")
        self.held_at = row[0]
        self.ticked.update({each.name: moment for each, moment in due})

    def tick(self, conn: Connection[TupleRow], each: Scheduled, moment: datetime) -> None:
        """Enqueue for one moment. A job of an earlier moment that is still open stands for this one too."""
        name = f"jadwal {each.name}"
        job = enqueue(conn, each.kind, each.arguments, by=name, key=name)
        conn.execute(SQL["add_tick"], {"name": each.name, "due": moment, "term": self.term, "job": job})

    def resign(self, conn: Connection[TupleRow]) -> None:
        if self.term is not None:
            with transaction(conn):
                conn.execute(SQL["resign"], {"term": self.term})
            self.term = None


def _clock(conn: Connection[TupleRow]) -> datetime:
    with translated():
        row = conn.execute(SQL["clock"]).fetchone()
    if row is None:
        raise Halted("the database tells no time")
    now: datetime = row[0]
    return now

"""One entrant's run over a filled topic: from the first rows that are visible to the commit that made the table whole.

Starts (a JVM's, Python's, a group's first assignment) are left out for everybody: what the first commits brought is
taken off the events, and the CPU that was used until then off the CPU.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import psutil
from psycopg import Connection
from psycopg.sql import SQL, Composed, Identifier

from bench import cost
from bench.peers.filling import Filled
from bench.peers.stream import COMPARED, Digest

LOOK_EVERY_S: Final = 0.05
STARTS_WITHIN_S: Final = 300.0
MIB: Final = 1 << 20


class WrongRows(Exception):
    """An entrant's table is not what the events come to: its figures would mean nothing."""


class TooFew(Exception):
    """The first commits brought all events: nothing is left that could be timed."""


@dataclass(frozen=True, slots=True)
class Table:
    """Where an entrant's rows end up."""

    schema: str
    name: str

    @property
    def identifier(self) -> Identifier:
        return Identifier(self.schema, self.name)


@dataclass(frozen=True, slots=True)
class Run:
    """What one run came to."""

    events: int  # after the first commits
    seconds: float
    rows: int
    cpu_us_per_event: Mapping[str, float]  # of "client" and of each server
    memory_mib: int  # of the client, resident, at the end

    @property
    def events_per_second(self) -> float:
        return self.events / self.seconds

    def told(self) -> dict[str, Any]:
        rounded = {"seconds": round(self.seconds, 2), "events_per_second": round(self.events_per_second)}
        return {**asdict(self), **rounded, "cpu_us_per_event": dict(self.cpu_us_per_event)}


@dataclass(frozen=True, slots=True)
class Entry:
    """A run that is to be measured: the table, where its client's and the servers' processes are, what is expected."""

    conn: Connection[Any]
    table: Table
    clients: Sequence[int]  # pids
    servers: Mapping[str, int]
    is_alive: Callable[[], bool]
    filled: Filled
    expected: Digest
    within_s: float


def measure(entry: Entry) -> Run:
    """Wait for the first rows and for the last, then check all of them.

    Raises TimeoutError, RuntimeError when the client has ended, WrongRows, TooFew.
    """
    _wait(lambda: _one(entry, _ANY)[0], entry, STARTS_WITHIN_S)
    before = _cpu(entry)
    first_rows, began = _one(entry, _SEEN)
    _wait(lambda: _ended(entry), entry, entry.within_s)
    after, memory = _cpu(entry), _memory_mib(entry)
    (finished,) = _one(entry, _LAST)
    events, seconds = entry.filled.events - first_rows, float(finished - began)
    if events <= 0 or seconds <= 0:
        raise TooFew(f"{entry.table.name}: all events came with the first commits")
    found = digest(entry.conn, entry.table)
    if found != entry.expected:
        raise WrongRows(f"{entry.table.name} has {found}, the events come to {entry.expected}")
    return Run(events, seconds, found.rows, cost.per_event_us(before, after, events), memory)


_ANY: Final = "select exists (select from {table})"
# Rows of the first commits, and when the newest of those was, by the server's clock.
_SEEN: Final = """
select count(*), extract(epoch from max(pg_xact_commit_timestamp(xmin)))::float8 from {table}"""
_LAST: Final = "select extract(epoch from max(pg_xact_commit_timestamp(xmin)))::float8 from {table}"
# How many partitions' last events are in the table. Its primary key serves it.
_ENDS: Final = """
select count(*) from unnest(%(keys)s::text[], %(moments)s::timestamptz[]) as e (nik, moment)
  join {table} t on t.nik = e.nik and t.sumber_diubah = e.moment"""


def _cpu(entry: Entry) -> dict[str, float]:
    of_clients = cost.cpu_seconds({str(pid): pid for pid in entry.clients})
    return {"client": sum(of_clients.values()), **cost.cpu_seconds(entry.servers)}


def _memory_mib(entry: Entry) -> int:
    return round(sum(float(psutil.Process(pid).memory_info().rss) for pid in entry.clients) / MIB)


def _ended(entry: Entry) -> bool:
    ends = entry.filled.ends
    found = _one(entry, _ENDS, keys=list(ends), moments=list(ends.values()))
    return bool(found[0] == len(ends))


def _wait(condition: Callable[[], Any], entry: Entry, within_s: float) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        if not entry.is_alive():
            raise RuntimeError(f"the client of {entry.table.name} has ended")
        if time.monotonic() > deadline:
            raise TimeoutError(f"{entry.table.name}: not within {within_s:.0f} s")
        time.sleep(LOOK_EVERY_S)


def digest(conn: Connection[Any], table: Table) -> Digest:
    """Rows and MD5 of the table, as `bench.peers.stream.Truth` reckons them."""
    parts = [Identifier(name) for name in COMPARED]
    text = SQL(" || '|' || ").join([*parts, SQL("(extract(epoch from sumber_diubah) * 1000)::bigint::text")])
    query = SQL(
        "select count(*), md5(coalesce(string_agg({text}, ',' order by nik collate \"C\"), '')) from {table}"
    ).format(text=text, table=table.identifier)
    row = conn.execute(query).fetchone()
    if row is None:
        raise LookupError("the database gave no row")
    return Digest(*row)


def _one(entry: Entry, query: str, **values: Any) -> tuple[Any, ...]:
    made: Composed = SQL(query).format(table=entry.table.identifier)
    row = entry.conn.execute(made, values or None).fetchone()
    if row is None:
        raise LookupError("the database gave no row")
    return tuple(row)

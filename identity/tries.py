"""Back-off: how long somebody waits after failed tries (RELIABILITY §5). Nobody is ever locked out for good.

A try is counted before the password is looked at, so that a hundred tries at once are a hundred; a right one gives its
count back. Tries of a name are counted whether such an account exists or not.
"""

import hashlib
import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from hub_db.statements import load

SQL = load("identity", "sql/sign_in.sql")
FREE = 5  # tries of a name, or of a known device, before the first wait
WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 4, 8, 15))  # the last one stays
FORGOTTEN_AFTER = timedelta(hours=24)  # without a failure
PER_ADDRESS = 20  # failures in a minute
WINDOW = timedelta(minutes=1)


class CountOf(StrEnum):
    NAME = "name"
    DEVICE = "device"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Count:
    """Failed tries so far."""

    failures: int
    begun_at: datetime
    last_at: datetime
    waits_till: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """Whose tries."""

    kind: CountOf
    key: bytes


def counted(kind: CountOf, text: str) -> Counted:
    """The key is a hash: people type passwords into the field for the name."""
    return Counted(kind, hashlib.sha256(f"{kind}\n{text}".encode("utf-8", "surrogatepass")).digest())


def wait_s(count: Count, now: datetime) -> int:
    """Whole seconds until the next try; 0 = now."""
    if count.waits_till is None or count.waits_till <= now:
        return 0
    return math.ceil((count.waits_till - now).total_seconds())


def after_failure(kind: CountOf, count: Count, now: datetime) -> Count:
    """The count with one failure more."""
    if kind is CountOf.ADDRESS:
        return _in_window(count, now)
    if now - count.last_at >= FORGOTTEN_AFTER:
        count = Count(0, now, now)
    failures = count.failures + 1
    wait = None if failures < FREE else WAITS[min(failures - FREE, len(WAITS) - 1)]
    return Count(failures, count.begun_at, now, now + wait if wait else None)


def _in_window(count: Count, now: datetime) -> Count:
    if now - count.begun_at >= WINDOW:
        count = Count(0, now, now)
    failures = count.failures + 1
    return Count(failures, count.begun_at, now, count.begun_at + WINDOW if failures >= PER_ADDRESS else None)


def take(conn: Connection[TupleRow], whose: tuple[Counted, ...], *, now: datetime) -> int:
    """Count a try for each, if none of them has to wait; the seconds to wait otherwise, and nothing is counted.

    Locks the counts till the end of the transaction, always in the order given: callers give name or device first.
    """
    counts = [_locked(conn, each, now) for each in whose]
    waiting = max((wait_s(count, now) for count in counts), default=0)
    if waiting:
        return waiting
    for each, count in zip(whose, counts, strict=True):
        _write(conn, each, after_failure(each.kind, count, now))
    return 0


def give_back(conn: Connection[TupleRow], whose: tuple[Counted, ...]) -> None:
    """It was a right try: a name or device begins anew, an address has one failure less."""
    for each in whose:
        statement = "give_back_try" if each.kind is CountOf.ADDRESS else "reset_count"
        conn.execute(SQL[statement], {"kind": each.kind, "key": each.key})


def _locked(conn: Connection[TupleRow], whose: Counted, now: datetime) -> Count:
    values = {"kind": whose.kind, "key": whose.key, "now": now}
    conn.execute(SQL["make_count"], values)
    with conn.cursor(row_factory=class_row(Count)) as cursor:
        count = cursor.execute(SQL["lock_count"], values).fetchone()
    return count or Count(0, now, now)


def _write(conn: Connection[TupleRow], whose: Counted, count: Count) -> None:
    conn.execute(
        SQL["write_count"],
        {
            "kind": whose.kind,
            "key": whose.key,
            "failures": count.failures,
            "begun_at": count.begun_at,
            "last_at": count.last_at,
            "waits_till": count.waits_till,
        },
    )

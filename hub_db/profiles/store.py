"""Profiles in the database: the caller owns the transaction."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np
from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from hub_db.profiles.jumps import LEAST_ROWS, FieldDay
from hub_db.profiles.measures import Measured
from hub_db.profiles.measures import add as together
from hub_db.statements import load
from schemas.contract import Contract
from schemas.names import FieldName, TopicName

SQL = load("hub_db", "sql/profiles.sql")
SHORTEST_REASON, LONGEST_REASON = 10, 500  # letters
_NOTHING: Final = Measured()


@dataclass(frozen=True, slots=True)
class Start:
    """From which day on a field's days are compared."""

    field: str
    day: date
    by: str
    reason: str
    at: datetime


def add(
    conn: Connection[TupleRow], contract: Contract, day: date, seen: int, measured: Mapping[FieldName, Measured]
) -> None:
    """Add what was measured in some rows of a day to what the day has; `seen` rows came."""
    fields = sorted(measured)
    where = {"topic": contract.topic, "day": day, "fields": fields}
    conn.execute(SQL["open_day"], where)
    held = {row[0]: _measured(*row[1:]) for row in conn.execute(SQL["hold_day"], where)}
    sums = [together(contract.by_name[name], held.get(name, _NOTHING), measured[name]) for name in fields]
    conn.execute(
        SQL["set_day"],
        where
        | {
            "seen": seen,
            "looked_at": [each.looked_at for each in sums],
            "nulls": [each.nulls for each in sums],
            "different": [each.different for each in sums],
            "registers": [each.registers.tobytes() for each in sums],
            "counts": [json.dumps(each.counts) for each in sums],
            "low": [each.low for each in sums],
            "high": [each.high for each in sums],
        },
    )


def _measured(
    looked_at: int,
    nulls: int,
    registers: bytes | None,
    counts: Mapping[str, int],
    low: str | None,
    high: str | None,
) -> Measured:
    found = np.frombuffer(registers, np.uint8) if registers is not None else _NOTHING.registers
    return Measured(looked_at, nulls, found, counts, low, high)


def newest_days(conn: Connection[TupleRow], since: date) -> dict[TopicName, date]:
    """The newest day since then on which each document had enough rows to be judged."""
    rows = conn.execute(SQL["newest_days"], {"since": since, "least": LEAST_ROWS})
    return {TopicName(topic): day for topic, day in rows}


def newest_day(conn: Connection[TupleRow], topic: TopicName, until: date) -> date | None:
    """The newest day of a document's profile."""
    row = conn.execute(SQL["newest_day"], {"topic": topic, "until": until}).fetchone()
    return row[0] if row else None


def days_there(conn: Connection[TupleRow], topic: TopicName, since: date) -> list[date]:
    """The days on which a document has a profile, the oldest first."""
    return [day for (day,) in conn.execute(SQL["days_there"], {"topic": topic, "since": since})]


def days(conn: Connection[TupleRow], topic: TopicName, first: date, last: date) -> dict[FieldName, list[FieldDay]]:
    """A document's fields day by day, the oldest first; of a field nothing before the day from which it is compared."""
    found: dict[FieldName, list[FieldDay]] = {}
    for name, *told in conn.execute(SQL["days"], {"topic": topic, "first": first, "last": last}):
        found.setdefault(FieldName(name), []).append(FieldDay(*told))
    return found


def starts(conn: Connection[TupleRow], topic: TopicName) -> dict[FieldName, Start]:
    """The fields whose days are compared from a certain one on."""
    with conn.cursor(row_factory=class_row(Start)) as cursor:
        found = cursor.execute(SQL["starts"], {"topic": topic}).fetchall()
    return {FieldName(each.field): each for each in found}


def begin_anew(
    conn: Connection[TupleRow], topic: TopicName, field: FieldName, day: date, *, by: str, reason: str
) -> bool:
    """Compare a field from a day on with nothing before it; False when that was said already."""
    values = {"topic": topic, "field": field, "day": day, "by": by, "reason": reason}
    return conn.execute(SQL["add_start"], values).fetchone() is not None

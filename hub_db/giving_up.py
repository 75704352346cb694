"""The end of waiting: what `parkFor` of a contract says of parked events whose records did not come in time."""

import base64
from collections.abc import Sequence

from psycopg import Connection
from psycopg.rows import TupleRow

from base import faults, freshness, indonesian
from hub_db import offsets, parking, returning
from hub_db.connection import transaction
from hub_db.events import DeadLetter, Place
from hub_db.parking import GivenUp, ParkedPartition, Reread
from hub_db.settle import LetIn, enter_release, release
from schemas.contract import Contract
from schemas.reasons import reject
from schemas.rejection import Rejection
from schemas.row_warnings import REFERENCE_MISSING

AT_ONCE = 2_000  # events; their partition waits for so long
WARN = "warn"  # what a contract says instead of `reject`


def end_waiting(conn: Connection[TupleRow], contract: Contract, parked: ParkedPartition, reread: Reread) -> int:
    """Return parked events whose time is over, or let them in with a warning; returns how many.

    Whose record has come after all goes in as any other. Outside of a transaction.
    """
    span, ended = freshness.span(contract.park_for), 0
    while True:
        with transaction(conn):
            due = parking.overdue(conn, parked, span, limit=AT_ONCE)
            if not due:
                return ended
            offsets.lock(conn, parked.topic_id, parked.partition)
            keys = sorted(set(due.values()))
            release(conn, contract, parked, keys, reread)
            places = sorted(due.keys() & parking.overdue(conn, parked, span, limit=AT_ONCE).keys())
            if contract.park_then == WARN and places:
                release(conn, contract, parked, keys, reread, LetIn(frozenset(places), warned=True))
            elif places:
                give_back(conn, contract, parked, places)
                release(conn, contract, parked, keys, reread)  # what waited behind them
            ended += len(places)


def give_back(
    conn: Connection[TupleRow],
    contract: Contract,
    parked: ParkedPartition,
    places: Sequence[Place],
    why: Rejection | None = None,
) -> int:
    """Return parked events to their agency, as their time is over or for another reason; returns how many."""
    offsets.lock(conn, parked.topic_id, parked.partition)
    gone = parking.give_up(conn, places)
    stretch = parked.stretch()
    returning.add(conn, [(stretch, _given_up(contract, each, why)) for each in gone])
    enter_release(conn, stretch, dead=len(gone))
    offsets.settle_released(conn, parked.topic_id, parked.partition, dead=len(gone))
    faults.point("release.precommit")
    return len(gone)


def _given_up(contract: Contract, event: GivenUp, why: Rejection | None) -> DeadLetter:
    headers = [(base64.b64decode(name), base64.b64decode(value)) for name, value in event.headers or ()]
    reason = why or reject(
        REFERENCE_MISSING,
        event.field,
        f"menunggu lebih dari {indonesian.duration(freshness.span(contract.park_for).total_seconds())}",
        f"{event.entity} yang sudah terdaftar",
    )
    return DeadLetter(event.offset, event.key.encode(), event.value, headers, event.appended_at, [reason])

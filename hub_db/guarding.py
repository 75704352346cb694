"""Holds a batch against the breaker of its partition: what is remembered of it, or Tripped with the place to stop at.

No statement for an ordinary batch. One that names a load asks once in a while whether it was announced; one that
changes or deletes many rows counts the rows that the source has, once in an hour of the log and before a partition is
stopped.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import breaker, pauses
from hub_db.announced import State, states
from hub_db.breaker import OTHERS, Kind, Limits, Offsets, Touched, Trip, Watched
from hub_db.effects import Effects
from hub_db.errors import Tripped
from hub_db.event_frames import Judged
from hub_db.events import Stretch
from hub_db.offsets import Claimed
from hub_db.reference_tables import TableStatements
from hub_db.withdrawn import WITHDRAWN
from schemas.contract import Contract

ASK_AGAIN_S = 10.0  # whether a load is announced now that was not


@dataclass(frozen=True, slots=True)
class Breaker:
    """How a stretch is guarded: by limits, or not at all; after it tripped, with the reason why the partition rests."""

    limits: Limits | None = None
    trip: Trip | None = None

    def look(
        self,
        conn: Connection[TupleRow],
        contract: Contract,
        table: TableStatements,
        batch: Judged,
        effects: Effects,
        claimed: Claimed,
    ) -> Watched | None:
        """What to remember after the batch. Raises Tripped."""
        if self.limits is None or self.trip is not None:
            return None
        return look(conn, contract, table, batch, effects, claimed, self.limits)

    def let_rest(self, conn: Connection[TupleRow], stretch: Stretch) -> None:
        """Let the partition rest behind the stretch, where it tripped."""
        if self.trip is not None:
            pauses.begin(conn, stretch, self.trip)


OFF = Breaker()


@dataclass(frozen=True, slots=True)
class _Batch:
    conn: Connection[TupleRow]
    contract: Contract
    table: TableStatements
    batch: Judged
    limits: Limits
    passes_to: int


def look(
    conn: Connection[TupleRow],
    contract: Contract,
    table: TableStatements,
    batch: Judged,
    effects: Effects,
    claimed: Claimed,
    limits: Limits,
) -> Watched:
    """What to remember after the batch. Raises Tripped where it holds a flood."""
    stretch = batch.stretch
    if contract.sandbox or stretch.next_offset <= claimed.passes_to:
        return Watched()
    held = _Batch(conn, contract, table, batch, limits, claimed.passes_to)
    watched = claimed.watched
    at = stretch.appended_at.timestamp() if stretch.appended_at is not None else 0.0
    watched.begin_hour(at, limits.hour_s)
    trips = [trip for trip in (_storm(held, watched), _flood(held, watched, effects)) if trip is not None]
    if trips:
        first = min(trips, key=lambda trip: trip.next_offset)
        raise Tripped(replace(first, next_offset=max(first.next_offset, stretch.first_offset + 1)))
    return watched


def _storm(held: _Batch, watched: Watched) -> Trip | None:
    letters = [
        (letter.offset, letter.reasons[0].code)
        for letter in held.batch.dead_letters
        if letter.offset >= held.passes_to and letter.replayed is None and letter.reasons[0].code != WITHDRAWN
    ]
    if not letters and not watched.codes:
        return None
    offsets = _offsets(held.batch)
    ranks = np.searchsorted(offsets, [offset for offset, _ in letters])
    ranked = [(int(rank), code) for rank, (_, code) in zip(ranks, letters, strict=True)]
    found = breaker.storm(watched, ranked, len(offsets), held.limits.storm_of)
    if found is None:
        return None
    rank, code, counted = found
    return Trip(Kind.STORM, code, counted, held.limits.storm_of, int(offsets[rank]) + 1)


def _offsets(batch: Judged) -> Offsets:
    """Of all that the batch was judged to be; what was not unpacked is one."""
    one_by_one = [event.place.offset for event in batch.events] + [letter.offset for letter in batch.dead_letters]
    read = np.array(one_by_one, np.int64)
    if batch.frame is not None:
        read = np.concatenate([read, batch.frame.marks["offset"].to_numpy()])
    return np.sort(read)


def _flood(held: _Batch, watched: Watched, effects: Effects) -> Trip | None:
    touched = list(_touched(held, effects))
    trips = [] if watched.young else [trip for each in touched if (trip := _over(held, watched, each)) is not None]
    watched.add(touched, effects.born)
    return min(trips, key=lambda trip: trip.next_offset, default=None)


def _over(held: _Batch, watched: Watched, touched: Touched) -> Trip | None:
    share = _share(held.contract, touched.kind)
    least = held.limits.flood_from
    if share >= 1 or breaker.over(watched, touched, least) is None:
        return None
    if watched.rows is None or breaker.over(watched, touched, breaker.limit_of(share, watched.rows, least)) is not None:
        watched.rows = _live_rows(held)
        watched.young = watched.rows - watched.born < least
    at = breaker.over(watched, touched, breaker.limit_of(share, watched.rows, least))
    if at is None or watched.young:
        return None
    counted = watched.counted(touched.kind).get(touched.counter, 0) + len(touched.offsets)
    return Trip(touched.kind, touched.counter, counted, watched.rows, at + 1)


def _share(contract: Contract, kind: Kind) -> float:
    return contract.mass_change_deletes if kind is Kind.DELETES else contract.mass_change_changes


def _touched(held: _Batch, effects: Effects) -> Iterator[Touched]:
    """The keys that were changed and deleted, by counter; without those of loads to which somebody said yes."""
    for kind, offsets in effects.offsets.items():
        loads, fresh = effects.loads[kind], offsets >= held.passes_to
        if not fresh.any():
            continue
        names = [str(name) for name in loads.drop_nulls().unique().sort()]
        known = _announced(held, names)
        own = np.zeros(len(offsets), np.bool_)
        for name in names:
            if name not in known:
                continue
            of_load = (loads == name).fill_null(value=False).to_numpy()
            own |= of_load
            if known[name] is not State.APPROVED and (of_load & fresh).any():
                yield Touched(kind, name, offsets[of_load & fresh])
        if (fresh & ~own).any():
            yield Touched(kind, OTHERS, offsets[fresh & ~own])


_known: "WeakKeyDictionary[Connection[Any], dict[tuple[str, str], tuple[State | None, float]]]" = WeakKeyDictionary()


def _announced(held: _Batch, names: Sequence[str]) -> Mapping[str, State]:
    """Those of the loads that were announced and may be sent."""
    topic, now = held.contract.topic, monotonic()
    known = _known.setdefault(held.conn, {})
    asked = [name for name in names if known.get((topic, name), (None, -ASK_AGAIN_S))[1] + ASK_AGAIN_S <= now]
    if asked:
        found = states(held.conn, topic, asked)
        known |= {(topic, name): (found.get(name), now) for name in asked}
    told = {name: known[topic, name][0] for name in names}
    return {name: state for name, state in told.items() if state in (State.PASSED, State.APPROVED)}


def _live_rows(held: _Batch) -> int:
    """The live rows that the source has from this partition."""
    row = held.conn.execute(held.table.live_rows, [held.batch.stretch.partition]).fetchone()
    return int(row[0]) if row else 0

"""Makes all effects of a batch durable, or none: rows, history, parking, dead letters, ledger, position.

A fixed number of statements per batch, whatever its size. The caller owns the transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from psycopg import Connection
from psycopg.rows import TupleRow

from base import faults
from hub_db import (
    contests,
    frame_settle,
    layouts,
    letters,
    offsets,
    parking,
    reference_tables,
    refold,
    returning,
    sandbox,
    stale,
    withdrawn,
)
from hub_db.effects import Effects
from hub_db.errors import Halted
from hub_db.event_frames import Judged
from hub_db.events import Event, Place, Stretch, Tally, Version
from hub_db.frame_contests import Contests
from hub_db.frame_merge import FoldedFrame
from hub_db.guarding import OFF, Breaker
from hub_db.layouts import Layout
from hub_db.merge import Mark, Merged, brings_in, merge, wanted
from hub_db.offsets import Noted
from hub_db.parking import ParkedPartition, Reread
from hub_db.row_writing import write_all
from hub_db.sandbox import report_merged, round_of
from hub_db.statements import load
from schemas.contract import Contract
from schemas.names import EntityName, EventKey
from schemas.row_warnings import REFERENCE_MISSING, joined, parted

SQL = load("hub_db", "sql/settle.sql")


@dataclass(frozen=True, slots=True)
class LetIn:
    """Parked events that go in whatever they miss; `warned`: with a warning that says so."""

    places: frozenset[Place] = frozenset()
    warned: bool = False


NOBODY = LetIn()


def settle(
    conn: Connection[TupleRow], contract: Contract, batch: Judged, reread: Reread, worker: str, breaker: Breaker = OFF
) -> Tally:
    """Settle one stretch of one partition. Raises Fenced, Paused, Tripped, and the errors of `hub_db.errors` through
    the transaction."""
    claimed = offsets.claim(conn, batch.stretch)
    layout = layouts.hold(conn, contract)
    batch = withdrawn.without(batch, layout.withdrawn)
    fresh, folded, contested = list(batch.events), None, Contests()
    if batch.frame is not None:
        parted = frame_settle.part(
            conn, contract, layout, batch.stretch, batch.frame, batch.events, reread, batch.accepted_on
        )
        folded, contested = parted.folded, parted.contests
        fresh = sorted([*fresh, *parted.one_by_one], key=lambda event: event.place)
    keys = sorted({event.key for event in fresh})
    waiting = parking.of_keys(conn, contract, keys, reread) if keys else []
    events = [each.event for each in waiting] + fresh
    there = present(conn, contract, events, folded)
    marks = marks_of(conn, contract, layout, keys)
    standing = contests.standing(conn, reread, events, marks, batch.accepted_on)
    merged = merge(contract, waiting, fresh, marks, there, standing=standing)
    effects = Effects.of(batch.stretch, merged, folded, marks)
    watched = breaker.look(conn, contract, layout.rows, batch, effects, claimed)
    change = refold.Change.begin(conn, contract, layout, merged, folded)
    contests.lower(conn, contract, layout.rows.table, {**contested.outranked, **merged.outranked})
    write_all(conn, contract, layout, merged, folded)
    _list_restated(conn, contract, merged)
    contests.keep(conn, contract.topic, [*contested.losers, *merged.losers])
    parking.park(conn, contract, merged.parked, batch.accepted_on, batch.arrival)
    returning.add(conn, batch.stretch, batch.dead_letters)
    letters.settle(conn, batch, merged)
    _release(conn, batch.stretch, merged)
    tally = _tally(batch, merged, folded)
    offsets.enter(conn, batch.stretch, tally, worker, Noted(effects.by_load(batch), watched, round_of(contract.topic)))
    breaker.let_rest(conn, batch.stretch)
    stale.note(conn, contract, batch.stretch, merged.older + (folded.older if folded else 0))
    change.reckon(conn)
    report_merged(conn, contract, batch.stretch, tally.accepted + tally.released)
    faults.point("tx.precommit")
    return tally


def _list_restated(conn: Connection[TupleRow], contract: Contract, merged: Merged) -> None:
    """Have rows published by their columns whose events say a text otherwise: of others the bytes are passed on."""
    keys = sorted(key for key, event in merged.rows.items() if event.restated)
    if keys and round_of(contract.topic) is None:
        listed = {"entity": contract.entity, "cause": "restated", "keys": keys}
        conn.execute(layouts.SQL["list_change"], listed)


def _tally(batch: Judged, merged: Merged, folded: FoldedFrame | None) -> Tally:
    return Tally(
        accepted=len(merged.accepted) + (len(folded.events) if folded else 0),
        known=merged.known + (folded.known if folded else 0) + batch.repeated,
        parked=len(merged.parked),
        dead=sum(letter.records for letter in batch.dead_letters),
        released=len(merged.released),
        outdated=len(merged.outdated),
    )


def release(
    conn: Connection[TupleRow],
    contract: Contract,
    parked: ParkedPartition,
    keys: Sequence[EventKey],
    reread: Reread,
    let_in: LetIn = NOBODY,
) -> int:
    """Let parked events of `keys` in whose records have come, and those of `let_in`; returns how many went in."""
    offsets.lock(conn, parked.topic_id, parked.partition)
    layout = layouts.hold(conn, contract)
    waiting = [
        each
        for each in parking.of_keys(conn, contract, keys, reread)
        if each.event.place[:2] == (parked.topic_no, parked.partition)
    ]
    events = [each.event for each in waiting]
    for each in waiting:
        if let_in.warned and each.event.place in let_in.places:
            told = f"{each.missing.field}:{REFERENCE_MISSING}"
            each.event.warnings = joined((*parted(each.event.warnings), told))
    there = present(conn, contract, events)
    marks = marks_of(conn, contract, layout, keys)
    standing = contests.standing(conn, reread, events, marks, _latest_day())
    merged = merge(contract, waiting, (), marks, there, let_in.places, standing)
    if merged.released or merged.outdated:
        change = refold.Change.begin(conn, contract, layout, merged)
        contests.lower(conn, contract, layout.rows.table, merged.outranked)
        write_all(conn, contract, layout, merged)
        contests.keep(conn, contract.topic, merged.losers)
        stretch = parked.stretch()
        _release(conn, stretch, merged)
        offsets.settle_released(
            conn, parked.topic_id, parked.partition, released=len(merged.released), outdated=len(merged.outdated)
        )
        change.reckon(conn)
        report_merged(conn, contract, stretch, len(merged.released))
    parking.wait_on(conn, merged.still_waiting)
    faults.point("release.precommit")
    return len(merged.released)


def _latest_day() -> date:
    """The latest day that any instance calls today: what was valid on its day is read by it."""
    return (datetime.now(UTC) + timedelta(hours=14)).date()


def marks_of(
    conn: Connection[TupleRow], contract: Contract, layout: Layout, keys: Sequence[EventKey]
) -> dict[EventKey, Mark]:
    """Version and place of the rows that exist for `keys`, tombstones included."""
    if not keys:
        return {}
    return {
        EventKey(key): Mark(Version(epoch, sequence), Place(topic_no, partition, offset))
        for key, epoch, sequence, topic_no, partition, offset in conn.execute(
            layout.rows.marks_of_keys, reference_tables.key_arrays(contract, keys)
        )
    }


def present(
    conn: Connection[TupleRow], contract: Contract, events: Sequence[Event], folded: FoldedFrame | None = None
) -> dict[EntityName, set[EventKey]]:
    """Which of the records that the events refer to exist and are not deleted, or are brought in by the frame beside
    them. An entity without a table has none."""
    found: dict[EntityName, set[EventKey]] = {}
    for need, keys in wanted(contract, events).items():
        there = found.setdefault(need.entity, set())
        for table in sandbox.tables_with(conn, contract, need.entity, need.columns) if keys else ():
            statement = reference_tables.present_keys(table, need.columns)
            there.update(EventKey(row[0]) for row in conn.execute(statement, (list(keys),)))
        if folded is not None and brings_in(contract, need):
            there |= frame_settle.keys_among(folded, list(keys))
    return found


def _release(conn: Connection[TupleRow], stretch: Stretch, merged: Merged) -> None:
    if not merged.released and not merged.outdated:
        return
    parking.unpark(conn, [*(each.event.place for each in merged.released), *(each.place for each in merged.outdated)])
    number = enter_release(conn, stretch, accepted=len(merged.released), known=len(merged.outdated))
    if not merged.released:
        return
    keys = [each.event.key for each in merged.released]
    conn.execute(SQL["add_release_keys"], {"release_id": number, "keys": keys})
    topic_nos, partitions, places = zip(*(each.event.place for each in merged.released), strict=True)
    conn.execute(
        SQL["add_release_events"],
        {
            "release_id": number,
            "topic_nos": list(topic_nos),
            "partitions": list(partitions),
            "offsets": list(places),
        },
    )


def enter_release(
    conn: Connection[TupleRow], stretch: Stretch, *, accepted: int = 0, known: int = 0, dead: int = 0
) -> int:
    """Enter events that leave the parking lot into the ledger; the number of the release."""
    names = {"topic_id": stretch.topic_id, "partition": stretch.partition, "round": round_of(stretch.topic)}
    row = conn.execute(SQL["add_release"], {**names, "accepted": accepted, "known": known, "dead": dead}).fetchone()
    if row is None:
        raise Halted("the database gave the release no number")
    return int(row[0])

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
from hub_db.event_frames import Batch, Judged
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
from hub_db.tallies import NONE, Home, Leaving, home_of, leaving_of, older_of, tallies_of
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
    return settle_together(conn, contract, Batch.of([batch]), reread, worker, breaker)[0]


def settle_together(
    conn: Connection[TupleRow], contract: Contract, batch: Batch, reread: Reread, worker: str, breaker: Breaker = OFF
) -> list[Tally]:
    """Settle stretches of several partitions, as if one after the other; what became of each. Raises as `settle`."""
    claimed = [offsets.claim(conn, part.stretch) for part in batch.parts]
    layout = layouts.hold(conn, contract)
    batch = withdrawn.without(batch, layout.withdrawn)
    day, single = batch.accepted_on, batch.events
    fresh, folded, contested = single, None, Contests()
    if batch.frame is not None:
        parted = frame_settle.part(conn, contract, layout, batch.topic_no, batch.frame, single, reread, day)
        folded, contested = parted.folded, parted.contests
        fresh = sorted([*single, *parted.one_by_one], key=lambda event: event.place)
    keys = sorted({event.key for event in fresh})
    waiting = parking.of_keys(conn, contract, keys, reread) if keys else []
    events = [each.event for each in waiting] + fresh
    there = present(conn, contract, events, folded)
    marks = marks_of(conn, contract, layout, keys)
    standing = contests.standing(conn, reread, events, marks, day)
    merged = merge(contract, waiting, fresh, marks, there, standing=standing)
    effects = [Effects.of(part.stretch, merged, folded, marks) for part in batch.parts]
    held = zip(batch.parts, effects, claimed, strict=True)
    watched = [breaker.look(conn, contract, layout.rows, *each) for each in held]
    change = refold.Change.begin(conn, contract, layout, merged, folded)
    contests.lower(conn, contract, layout.rows.table, {**contested.outranked, **merged.outranked})
    write_all(conn, contract, layout, merged, folded)
    _list_restated(conn, contract, merged)
    contests.keep(conn, contract.topic, [*contested.losers, *merged.losers])
    parking.park(conn, contract, merged.parked, day, batch.arrival)
    returning.add(conn, [(part.stretch, letter) for part in batch.parts for letter in part.dead_letters])
    number = round_of(contract.topic)
    kept = zip(batch.parts, effects, watched, strict=True)
    noted = [Noted(effect.by_load(part), seen, number) for part, effect, seen in kept]
    tallies = _enter(conn, contract, batch, merged, folded, noted, worker, breaker)
    change.reckon(conn)
    for part, tally in zip(batch.parts, tallies, strict=True):
        report_merged(conn, contract, part.stretch, tally.accepted + tally.released)
    faults.point("tx.precommit")
    return tallies


def _enter(
    conn: Connection[TupleRow],
    contract: Contract,
    batch: Batch,
    merged: Merged,
    folded: FoldedFrame | None,
    noted: Sequence[Noted],
    worker: str,
    breaker: Breaker,
) -> list[Tally]:
    """Account for every record of each part, and move its position; what became of each."""
    leaving = leaving_of(merged)
    tallies = tallies_of(batch, merged, folded, leaving)
    for part, tally, about, older in zip(batch.parts, tallies, noted, older_of(batch, merged, folded), strict=True):
        letters.settle(conn, part, merged)
        _release(conn, part.stretch, leaving.pop(home_of(part), NONE))
        offsets.enter(conn, part.stretch, tally, worker, about)
        breaker.let_rest(conn, part.stretch)
        stale.note(conn, contract, part.stretch, older)
    for home, left in leaving.items():
        _release_elsewhere(conn, contract, home, left)
    return tallies


def _release_elsewhere(conn: Connection[TupleRow], contract: Contract, home: Home, leaving: Leaving) -> None:
    """Account for what had been parked from a partition that is not in the batch.

    Its position is locked behind the batch's own: two that meet crosswise are Contended, and one tries again.
    """
    row = conn.execute(offsets.SQL["topic_of_no"], {"topic_no": home[0]}).fetchone()
    if row is None:
        raise Halted(f"{contract.topic}: the hub knows no incarnation {home[0]} of it")
    parked = ParkedPartition(contract.topic, row[0], *home, frozenset())
    _release(conn, parked.stretch(), leaving)
    counts = {"released": len(leaving.released), "outdated": len(leaving.outdated)}
    offsets.settle_released(conn, parked.topic_id, parked.partition, **counts)


def _list_restated(conn: Connection[TupleRow], contract: Contract, merged: Merged) -> None:
    """Have rows published by their columns whose events say a text otherwise: of others the bytes are passed on."""
    keys = sorted(key for key, event in merged.rows.items() if event.restated)
    if keys and round_of(contract.topic) is None:
        listed = {"entity": contract.entity, "cause": "restated", "keys": keys}
        conn.execute(layouts.SQL["list_change"], listed)


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
        _release(conn, stretch, Leaving(merged.released, merged.outdated))
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


def _release(conn: Connection[TupleRow], stretch: Stretch, leaving: Leaving) -> None:
    if not leaving:
        return
    parking.unpark(conn, [*(each.event.place for each in leaving.released), *(each.place for each in leaving.outdated)])
    number = enter_release(conn, stretch, accepted=len(leaving.released), known=len(leaving.outdated))
    if not leaving.released:
        return
    keys = [each.event.key for each in leaving.released]
    conn.execute(SQL["add_release_keys"], {"release_id": number, "keys": keys})
    topic_nos, partitions, places = zip(*(each.event.place for each in leaving.released), strict=True)
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

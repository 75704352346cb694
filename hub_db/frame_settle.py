"""What a frame of events asks of the database and writes into it: a fixed number of statements, whatever its size.

Sets go to PostgreSQL as lines and come back as arrays in binary, so that no Python object is made for a key.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import polars as pl
from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import frame_contests, frame_merge, parking, reference_tables, row_updates
from hub_db.copying import copy_frame
from hub_db.event_frames import EventFrame, log_order
from hub_db.events import Event
from hub_db.frame_contests import Contests
from hub_db.frame_merge import Flags, FoldedFrame, KeyedFrame, MarkColumns, Numbers
from hub_db.key_lines import lines, lines_of_keys
from hub_db.layouts import Layout
from hub_db.merge import Need
from hub_db.parking import Reread
from hub_db.reference_tables import WARNINGS, TableStatements
from hub_db.row_updates import UpdateStatements
from hub_db.sandbox import tables_with
from hub_db.statements import load
from schemas.contract import Contract
from schemas.names import EventKey

SQL = load("hub_db", "sql/settle.sql")
_ARRAY_HEAD: Final = 20  # bytes of a one-dimensional array before its elements (PostgreSQL, array_send)
_ELEMENT: Final = {4: np.dtype([("size", ">i4"), ("value", ">i4")]), 8: np.dtype([("size", ">i4"), ("value", ">i8")])}


@dataclass(frozen=True, slots=True)
class Parted:
    """A frame after its fold, and its events that must be folded one by one."""

    folded: FoldedFrame
    one_by_one: Sequence[Event]
    contests: Contests


def part(
    conn: Connection[TupleRow],
    contract: Contract,
    layout: Layout,
    topic_no: int,
    frame: EventFrame,
    others: Sequence[Event],
    reread: Reread,
    day: date,
) -> Parted:
    """Fold a frame's events, but for the keys of `others`, those of which events wait, and those that miss a record.

    Where most keys have a row, rows are written here already (`row_updates`), otherwise by `add_rows`, `stage_rows`, as
    where events need records of their own document: a row written too early would look like one that is there.
    """
    taken_out: list[Event] = []
    apart = parking.some_of_keys(conn, contract, frame.marks["key"]) + [each.key for each in others]
    if apart:
        odd, frame = frame.split(frame.marks["key"].is_in(apart))
        taken_out += odd.events(topic_no)
    keyed, updates = KeyedFrame.of(frame), layout.updates
    if updates is not None and row_updates.is_habit(conn, updates) and not frame_merge.names_its_own(contract, keyed):
        found = _written_first(conn, contract, layout.rows, updates, topic_no, keyed)
    else:
        found = _asked_first(conn, contract, layout.rows, keyed)
    if updates is not None and len(keyed.keys):
        row_updates.note(conn, updates, float(found.marks.exists.mean()))
    fresh, equal = frame_merge.new_events(keyed, found.marks)
    gaps, contests = found.gaps, None
    while contests is None:
        contests = Contests()
        if (equal & ~gaps).any():
            contests = frame_contests.find(conn, reread, day, topic_no, keyed, found.marks, fresh, equal & ~gaps)
        if (lacking := _gaps_of_winners(conn, contract, keyed, fresh, contests) & ~gaps).any():
            gaps, contests = gaps | lacking, None
    fresh[list(contests.won)] = True
    if gaps.any():
        taken_out += keyed.events.take(pl.Series(np.flatnonzero(gaps))).events(topic_no)
    folded = frame_merge.fold(topic_no, keyed, fresh, ~gaps, found.marks, found.written)
    return Parted(folded, taken_out, contests)


class _Found(NamedTuple):
    marks: MarkColumns
    gaps: Flags  # for each event, whether one of its key misses a record
    written: Flags  # for each key, whether its row is written


def _asked_first(conn: Connection[TupleRow], contract: Contract, table: TableStatements, keyed: KeyedFrame) -> _Found:
    """The marks of all rows, then what new events miss."""
    marks = _marks(conn, contract, table, keyed.keys, np.zeros(0, np.int64), ())
    gaps = _gaps(conn, contract, keyed, frame_merge.new_events(keyed, marks)[0])
    return _Found(marks, gaps, np.zeros(len(keyed.keys), np.bool_))


def _written_first(
    conn: Connection[TupleRow],
    contract: Contract,
    table: TableStatements,
    updates: UpdateStatements,
    topic_no: int,
    keyed: KeyedFrame,
) -> _Found:
    """What any event misses; then each key's newest one is written into its row, and the marks of the rest are asked.

    A key of which only a known event misses a record is folded one by one, too: that comes to the same.
    """
    gaps = _gaps(conn, contract, keyed, np.ones(len(keyed.numbers), np.bool_))
    fresh, equal = frame_merge.versions_within(keyed)
    newest = frame_merge.newest_of_keys(keyed, fresh)
    newest = newest[~gaps[newest]]
    if equal.any():  # of one version that says two things, it is not known yet which one wins
        doubled = np.unique(keyed.numbers[frame_contests.doubled(keyed, fresh, equal)])
        newest = newest[~np.isin(keyed.numbers[newest], doubled)]
    written, changed, before = np.zeros(len(keyed.keys), np.bool_), np.zeros(0, np.int64), []
    if len(newest):
        rows = _rows(topic_no, keyed.events.take(pl.Series(newest)))
        row_updates.stage(conn, updates, rows, keyed.numbers[newest])
        changed, *before = _arrays(conn, updates.update, ())
        written[changed] = True
    return _Found(_marks(conn, contract, table, keyed.keys, changed, before), gaps, written)


def _gaps(conn: Connection[TupleRow], contract: Contract, keyed: KeyedFrame, fresh: Flags) -> Flags:
    """For each event, whether one of its key, among those of which `fresh` tells, misses a record."""
    absent = _absent(conn, contract, frame_merge.needed(contract, keyed, fresh))
    return frame_merge.keys_with_gaps(contract, keyed, fresh, absent)


def _gaps_of_winners(
    conn: Connection[TupleRow], contract: Contract, keyed: KeyedFrame, fresh: Flags, contests: Contests
) -> Flags:
    """`_gaps` once those have gone in that were not new, and so were not asked about, but won their contest."""
    if not contests.won:
        return np.zeros(len(fresh), np.bool_)
    with_winners = fresh.copy()
    with_winners[list(contests.won)] = True
    return _gaps(conn, contract, keyed, with_winners)


def write_history(conn: Connection[TupleRow], folded: FoldedFrame) -> None:
    """The new events with their bytes."""
    columns = folded.events.marks.select(
        pl.lit(folded.topic_no, pl.Int32).alias("topic_no"),
        *("partition", "offset", "key", "epoch", "sequence", "schema_id", "ce_id", "event_time", "load", "value"),
    )
    whole = pl.concat([columns, folded.before], how="horizontal")
    copy_frame(conn, SQL["copy_history"], whole[log_order(columns)])


def add_rows(conn: Connection[TupleRow], table: TableStatements, folded: FoldedFrame) -> None:
    """Rows of keys that had none, straight into the table."""
    chosen = folded.newest & folded.first
    if chosen.any():
        copy_frame(conn, table.copy_table, _rows(folded.topic_no, folded.events.only(chosen)))


def stage_rows(conn: Connection[TupleRow], table: TableStatements, folded: FoldedFrame) -> int:
    """The newest event of each other key whose row is not written, as a row of the stage; how many there are."""
    chosen = folded.newest & ~folded.first & ~folded.written
    if not chosen.any():
        return 0
    frame = _rows(folded.topic_no, folded.events.only(chosen))
    conn.execute(table.make_stage)
    copy_frame(conn, table.copy_stage, frame)
    return frame.height


def _rows(topic_no: int, events: EventFrame) -> pl.DataFrame:
    """Events as rows of the reference table, in their order."""
    marks = events.marks.select(
        pl.col("epoch").alias("_epoch"),
        pl.col("sequence").alias("_sequence"),
        pl.lit(value=False).alias("_deleted"),
        pl.lit(topic_no, pl.Int32).alias("_topic_no"),
        pl.col("partition").alias("_partition"),
        pl.col("offset").alias("_offset"),
        pl.col("event_time").alias("_event_time"),
        pl.col("warnings").alias(WARNINGS),
    )
    return pl.concat([events.rows, marks], how="horizontal")


def _marks(
    conn: Connection[TupleRow],
    contract: Contract,
    table: TableStatements,
    keys: pl.Series,
    known: Numbers,
    before: Sequence[Numbers],
) -> MarkColumns:
    """Version and place of the rows that exist for the keys, tombstones included. Those of `known` keys are told."""
    left = np.setdiff1d(np.arange(len(keys)), known)
    numbers, found = known, [*before] if len(known) else [known] * 5
    if len(left):
        asked = keys[pl.Series(left)] if len(known) else keys
        places, *more = _arrays(conn, table.marks_of_lines, lines_of_keys(len(contract.key), asked))
        numbers = np.concatenate((known, left[places - 1]))  # ordinality counts from 1
        found = [np.concatenate(each) for each in zip(found, more, strict=True)]
    return MarkColumns.of(len(keys), numbers, found)


def _absent(conn: Connection[TupleRow], contract: Contract, needed: dict[Need, pl.Series]) -> dict[Need, pl.Series]:
    """Those of the needed keys of whose records there is none that lives. An entity without a table has none."""
    absent: dict[Need, pl.Series] = {}
    for need, keys in needed.items():
        gone = keys
        for table in tables_with(conn, contract, need.entity, need.columns) if len(keys) else ():
            if len(gone):
                (numbers,) = _arrays(conn, reference_tables.absent_lines(table, need.columns), [lines(gone)])
                gone = gone[numbers - 1]
        absent[need] = gone
    return absent


def _arrays(conn: Connection[TupleRow], statement: Any, arguments: Sequence[str]) -> list[npt.NDArray[np.int64]]:
    """The one row of a query that returns arrays of int4 or int8 without nulls in them; a null is an empty one."""
    with conn.cursor(binary=True) as cursor:
        cursor.execute(statement, arguments)
        result = cursor.pgresult
        if result is None:
            raise LookupError("the query gave no result")
        return [_array(result.get_value(0, column)) for column in range(result.nfields)]


def _array(raw: bytes | None) -> npt.NDArray[np.int64]:
    if raw is None:
        return np.zeros(0, np.int64)
    count = int.from_bytes(raw[12:16], "big")
    element = _ELEMENT[(len(raw) - _ARRAY_HEAD) // count - 4]
    return np.frombuffer(raw, element, count, _ARRAY_HEAD)["value"].astype(np.int64)


def touched(folded: FoldedFrame) -> pl.Series:
    """The keys of the new events, each once."""
    return folded.events.marks["key"].filter(folded.newest)


def keys_among(folded: FoldedFrame, wanted: Sequence[EventKey]) -> set[EventKey]:
    """Those of the wanted keys that new events of the frame bring in."""
    found = folded.events.marks["key"]
    return set(found.filter(found.is_in(list(wanted)))) if wanted else set()

"""Events of a frame that have the version of what stands before them: which say something else, and who gives way.

As `merge.py` says it one by one. Events that were sent twice are found by their bytes; only what is left is read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

import numpy as np
import polars as pl
from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import contests
from hub_db.contents import content_of
from hub_db.events import Event, Place, Version
from hub_db.frame_merge import Flags, KeyedFrame, MarkColumns, Numbers
from hub_db.parking import Reread
from schemas.names import EventKey


@dataclass(frozen=True, slots=True)
class Contests:
    """What came of them; `won`: places in the frame of events that go in though their version is not new."""

    losers: Sequence[Event] = ()
    won: Sequence[int] = ()
    outranked: Mapping[EventKey, Place] = field(default_factory=dict)  # rows that give way to their own version


def doubled(keyed: KeyedFrame, fresh: Flags, equal: Flags) -> Flags:
    """For each event that is `equal` to an earlier one of the frame, whether their bytes differ."""
    places = np.flatnonzero(equal)
    before = _last(fresh)[places]
    values = keyed.events.marks["value"]
    differs: Flags = np.zeros(len(equal), np.bool_)
    differs[places] = (values.gather(places) != values.gather(before)).to_numpy()
    return differs


def find(
    conn: Connection[TupleRow],
    reread: Reread,
    day: date,
    topic_no: int,
    keyed: KeyedFrame,
    marks: MarkColumns,
    fresh: Flags,
    equal: Flags,
) -> Contests:
    """Hold events that are `equal` to what stands before them against that: an event of the frame or a row."""
    last, numbers = _last(fresh), keyed.numbers
    inside = equal & (last >= 0) & (numbers[last] == numbers)
    differs = doubled(keyed, fresh, inside)
    rows = np.flatnonzero(equal & ~inside)
    made = contests.made_by(
        conn,
        reread,
        [_place(marks, numbers[at]) for at in rows],
        keyed.events.marks["value"].gather(rows).to_list(),
        day,
    )
    stands = {int(numbers[rows[number]]): event for number, event in made.items()}
    differs[rows[list(made)]] = True
    return _settle(topic_no, keyed, marks, fresh, np.flatnonzero(differs), stands)


def _settle(
    topic_no: int, keyed: KeyedFrame, marks: MarkColumns, fresh: Flags, differing: Numbers, stands: dict[int, Event]
) -> Contests:
    """In the order of the log, each against what stands by then."""
    losers: list[Event] = []
    won: dict[int, int] = {}  # by key, the last event that won
    last, all_won = _last(fresh), []
    for at in differing.tolist():
        number, before = int(keyed.numbers[at]), int(last[at])
        is_inside = before >= 0 and int(keyed.numbers[before]) == number
        if number in won and not (is_inside and before > won[number]):
            holder = _event(keyed, topic_no, won[number])
        else:
            holder = _event(keyed, topic_no, before) if is_inside else stands[number]
        event = _event(keyed, topic_no, at)
        mine, other = content_of(event.row), content_of(holder.row)
        if mine.digest == other.digest:
            continue
        losers.append(holder if mine > other else event)
        if mine > other:
            won[number] = at
            all_won.append(at)
    ends = _last_of_keys(keyed, fresh)
    outranked = {
        EventKey(keyed.keys[number]): _place(marks, number)
        for number, at in won.items()
        if at > ends[number] and marks.exists[number] and _version(keyed, at) == _marked(marks, number)
    }
    return Contests(losers, all_won, outranked)


def _last(fresh: Flags) -> Numbers:
    """For each event the place of the newest one up to it, of whatever key; -1 where there is none."""
    found: Numbers = np.maximum.accumulate(np.where(fresh, np.arange(len(fresh)), -1))
    return found


def _last_of_keys(keyed: KeyedFrame, fresh: Flags) -> Numbers:
    """For each key the place of its newest event; -1 where it has no new one."""
    ends: Numbers = np.full(len(keyed.keys), -1, np.int64)
    places = np.flatnonzero(fresh)
    ends[keyed.numbers[places]] = places  # the last one stays
    return ends


def _event(keyed: KeyedFrame, topic_no: int, at: int) -> Event:
    return keyed.events.take(pl.Series([at])).events(topic_no)[0]


def _version(keyed: KeyedFrame, at: int) -> Version:
    return Version(keyed.events.marks["epoch"][at], keyed.events.marks["sequence"][at])


def _marked(marks: MarkColumns, number: int) -> Version:
    return Version(int(marks.epochs[number]), int(marks.sequences[number]))


def _place(marks: MarkColumns, number: int) -> Place:
    return Place(int(marks.topic_nos[number]), int(marks.partitions[number]), int(marks.offsets[number]))

"""Which events of a frame are new and which are known, as `merge.py` says it, for many keys at a time.

A pure fold over columns. It knows only keys of which nothing waits, and it parks nothing: a key of which an event
misses a record goes back whole, to be folded one by one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from hub_db.event_frames import EventFrame
from hub_db.merge import Need, brings_in, needs
from schemas.contract import Contract

Numbers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]
Counts = Mapping[int, int]


@dataclass(frozen=True, slots=True)
class MarkColumns:
    """Version and place of the rows that exist for some of the keys 0, 1, …; an entry per key, `exists` tells which."""

    exists: Flags
    epochs: Numbers
    sequences: Numbers
    topic_nos: Numbers
    partitions: Numbers
    offsets: Numbers

    @classmethod
    def of(cls, count: int, numbers: Numbers, found: Sequence[Numbers]) -> "MarkColumns":
        """Of `count` keys, of which those with these numbers have a row; `found` has the other columns of those."""
        exists: Flags = np.zeros(count, np.bool_)
        exists[numbers] = True
        columns = [np.zeros(count, np.int64) for _ in found]
        for column, values in zip(columns, found, strict=True):
            column[numbers] = values
        return cls(exists, *columns)


@dataclass(frozen=True, slots=True)
class KeyedFrame:
    """Events sorted by key and, within a key, in the order of the log; `numbers` counts the keys from 0."""

    events: EventFrame
    numbers: Numbers
    keys: pl.Series  # each key once, sorted by code point as PostgreSQL's "C" has it

    @classmethod
    def of(cls, frame: EventFrame) -> "KeyedFrame":
        """The frame, sorted."""
        order = frame.marks.select(pl.arg_sort_by("key", maintain_order=True)).to_series()
        events = frame.take(order)
        key = events.marks["key"]
        first = (key != key.shift(1)).fill_null(value=True)
        return cls(events, first.cum_sum().cast(pl.Int64).to_numpy() - 1, key.filter(first))


@dataclass(frozen=True, slots=True)
class FoldedFrame:
    """The new events of a frame, which all go in, sorted by key; and the number of known ones."""

    topic_no: int
    events: EventFrame
    before: pl.DataFrame  # topic_no, partition, offset of the key's previous accepted event, or nulls
    newest: pl.Series  # whether an event is the newest of its key here
    first: pl.Series  # whether its key had no row before
    written: pl.Series  # whether its key's row is written
    known: Counts  # by partition
    older: Counts  # of the known: those below their key's row


def new_events(keyed: KeyedFrame, marks: MarkColumns) -> tuple[Flags, Flags]:
    """Whether each event has a higher version than its key's row and than every earlier event of its key here; and
    whether it has the very version of what stands before it."""
    versions, of_marks = _ranks(keyed, marks)
    step = len(versions) + len(of_marks) + 2  # more than any rank: a key's numbers lie above those of the key before
    base = keyed.numbers * step
    found = base + versions
    highest = np.maximum.accumulate(found)
    earlier = np.concatenate(([-1], highest[:-1]))  # of another key: below this key's base
    before = np.maximum(earlier, base + of_marks[keyed.numbers])
    return found > before, found == before


def _ranks(keyed: KeyedFrame, marks: MarkColumns) -> tuple[Numbers, Numbers]:
    """All versions as ranks from 1, for events and for marks; 0 is a mark that does not exist."""
    columns = keyed.events.marks
    epochs = np.concatenate((columns["epoch"].to_numpy(), marks.epochs[marks.exists]))
    sequences = np.concatenate((columns["sequence"].to_numpy(), marks.sequences[marks.exists]))
    order = np.lexsort((sequences, epochs))
    higher = (np.diff(sequences[order]) != 0) | (np.diff(epochs[order]) != 0)
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.concatenate(([1], 1 + np.cumsum(higher)))
    of_marks = np.zeros(len(marks.exists), np.int64)
    of_marks[marks.exists] = ranks[columns.height :]
    return ranks[: columns.height], of_marks


def needed(contract: Contract, keyed: KeyedFrame, fresh: Flags) -> dict[Need, pl.Series]:
    """The keys of the records that new events need, each once."""
    chosen = pl.Series(fresh)
    return {need: _keys(need, keyed).filter(chosen).drop_nulls().unique() for need in needs(contract)}


def names_its_own(contract: Contract, keyed: KeyedFrame) -> bool:
    """Whether an event needs a record of a kind that the document itself brings in."""
    own = [need for need in needs(contract) if brings_in(contract, need)]
    return any(_keys(need, keyed).null_count() < len(keyed.numbers) for need in own)


def _keys(need: Need, keyed: KeyedFrame) -> pl.Series:
    """For each event the key of the record that it needs, or null."""
    return keyed.events.marks["key"] if need.of_key else keyed.events.rows[need.field].cast(pl.String)


def keys_with_gaps(contract: Contract, keyed: KeyedFrame, fresh: Flags, absent: Mapping[Need, pl.Series]) -> Flags:
    """For each event, whether a new event of its key misses a record.

    `absent` has, by need, the keys of which there are no records. Records that the frame's new events bring in
    count as present, those of their own key too, as in `merge`.
    """
    if all(keys.is_empty() for keys in absent.values()):
        return np.zeros(len(keyed.numbers), np.bool_)
    own = [need for need in needs(contract) if brings_in(contract, need)]
    columns = {need: _keys(need, keyed) for need in absent}
    missing = {need: _is_among(columns[need], keys) for need, keys in absent.items()}
    outside = [flags for need, flags in missing.items() if need not in own]
    unmet: Flags = np.logical_or.reduce(outside) if outside else np.zeros(len(fresh), np.bool_)
    key = keyed.events.marks["key"]
    inside = {need: missing[need] & (columns[need] != key).fill_null(value=False).to_numpy() for need in own}
    while True:
        gap: Flags = np.logical_or.reduce([unmet, *inside.values()])
        brought = key.filter(pl.Series(fresh & ~gap))
        still = {need: flags & ~_is_among(columns[need], brought) for need, flags in inside.items()}
        if all(np.array_equal(still[need], inside[need]) for need in own):
            break
        inside = still
    with_gap = np.zeros(len(keyed.keys), np.bool_)
    with_gap[keyed.numbers[fresh & gap]] = True
    return with_gap[keyed.numbers]


def _is_among(column: pl.Series, values: pl.Series) -> Flags:
    return column.is_in(values.implode()).fill_null(value=False).to_numpy()


def versions_within(keyed: KeyedFrame) -> tuple[Flags, Flags]:
    """`new_events` of the frame by itself."""
    nothing = MarkColumns.of(len(keyed.keys), np.zeros(0, np.int64), [np.zeros(0, np.int64)] * 5)
    return new_events(keyed, nothing)


def newest_of_keys(keyed: KeyedFrame, fresh: Flags) -> Numbers:
    """The place of each key's newest event, of equal versions the first. `fresh`: newer than all before it."""
    places = np.flatnonzero(fresh)
    numbers = keyed.numbers[places]
    return places[np.flatnonzero(np.concatenate((numbers[1:] != numbers[:-1], [True]))[: len(numbers)])]


def fold(
    topic_no: int, keyed: KeyedFrame, fresh: Flags, stay: Flags, marks: MarkColumns, written: Flags
) -> FoldedFrame:
    """The new events among those that stay, with the places before them. `written`: the keys whose row is."""
    places = np.flatnonzero(fresh & stay)
    numbers = keyed.numbers[places]
    partitions, offsets = (keyed.events.marks[name].to_numpy()[places] for name in ("partition", "offset"))
    follows = np.concatenate(([False], numbers[1:] == numbers[:-1]))[: len(numbers)]  # another new event of its key
    has_before = follows | marks.exists[numbers]
    before = pl.DataFrame(
        {
            "before_topic_no": np.where(follows, topic_no, marks.topic_nos[numbers]).astype(np.int32),
            "before_partition": np.where(follows, np.roll(partitions, 1), marks.partitions[numbers]).astype(np.int32),
            "before_offset": np.where(follows, np.roll(offsets, 1), marks.offsets[numbers]),
        }
    ).select(pl.when(pl.Series(has_before)).then(pl.all()))
    newest = np.concatenate((numbers[1:] != numbers[:-1], [True]))[: len(numbers)]
    known = stay & ~fresh
    return FoldedFrame(
        topic_no,
        keyed.events.take(pl.Series(places)),
        before,
        pl.Series(newest),
        pl.Series(~marks.exists[numbers]),
        pl.Series(written[numbers]),
        _by_partition(keyed, known),
        _by_partition(keyed, _older(keyed, known, marks)) if known.any() else {},
    )


def _older(keyed: KeyedFrame, known: Flags, marks: MarkColumns) -> Flags:
    """Which of the known events have a lower version than their key's row."""
    epochs, sequences = (keyed.events.marks[name].to_numpy() for name in ("epoch", "sequence"))
    theirs, numbers = marks.epochs[keyed.numbers], keyed.numbers
    lower = (epochs < theirs) | ((epochs == theirs) & (sequences < marks.sequences[numbers]))
    older: Flags = lower & marks.exists[numbers] & known
    return older


def _by_partition(keyed: KeyedFrame, chosen: Flags) -> Counts:
    """How many events were chosen, by partition; of those of which none was, nothing."""
    partitions, counts = np.unique(keyed.events.marks["partition"].to_numpy()[chosen], return_counts=True)
    return dict(zip(partitions.tolist(), counts.tolist(), strict=True))

"""The headers of many events at once, as columns.

Nearly all records of a batch carry the same headers in the same order, written as our adapters write them. Those are
read as columns; every other record is left to `headers.read`, which knows all that is allowed and words what is not.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from schemas.contract import Contract
from schemas.wire import headers, moments
from schemas.wire.ascii_texts import printable, whole_numbers
from schemas.wire.binary_texts import texts
from schemas.wire.cursor import Cursor, Flags, Places, Spans, rows_at

_READ: Final = frozenset({"ce_id", "ce_source", "ce_sequence", "ce_simpulepoch", "ce_time", "ce_simpulload"})
_OF_SENDER: Final = frozenset({"ce_source", "ce_simpulepoch", "ce_simpulload"})  # the same in what is sent together
_SHORT: Final = 2_048  # bytes of a region of which copies are made; ours have some 250
_AT_ONCE: Final = 2_000  # regions of which copies are made
_NOTHING: Final = (
    pl.lit(None, pl.String).alias("ce_id"),
    pl.lit(None, pl.Datetime("us", "UTC")).alias("event_time"),
    pl.lit(None, pl.Int32).alias("epoch"),
    pl.lit(None, pl.Int64).alias("sequence"),
    pl.lit(None, pl.String).alias("load"),
)


def read(regions: Spans, layout: Sequence[str], contract: Contract) -> pl.DataFrame:
    """For each record's headers a row: ce_id, event_time, epoch, sequence, load, and whether all that holds (`usual`).

    A region is what Kafka's record format has behind the value: a count, then names and values with their sizes.
    `layout` is the names that are expected.
    """
    if not _is_plain(layout, contract):
        return pl.DataFrame({"usual": np.zeros(len(regions), np.bool_)}).select(*_NOTHING, "usual")
    alike = _Alike.of(regions, len(regions) // 2, layout)
    if alike is None:
        return _frame(_walk(regions, layout), len(regions), contract)
    same, others = np.flatnonzero(alike.which), np.flatnonzero(~alike.which)
    frame = _frame(alike.values(regions.take(same)), len(same), contract)
    if not len(others):
        return frame
    frame = pl.concat([frame, _frame(_walk(regions.take(others), layout), len(others), contract)])
    return frame[np.argsort(np.concatenate((same, others)))]


def _is_plain(layout: Sequence[str], contract: Contract) -> bool:
    needed = {"ce_id", "ce_source"} | ({"ce_sequence"} if contract.sequence_required else set())
    return (
        len(layout) <= headers.MAX_HEADERS
        and len(set(layout)) == len(layout)
        and headers.LETTER not in layout  # a replay: its letter is looked up
        and needed <= set(layout)
        and all(name.isascii() for name in layout)
    )


def _walk(regions: Spans, layout: Sequence[str]) -> dict[str, Spans]:
    """The values by name, read from header to header; those of a record that is not as expected are nulls."""
    cursor = Cursor(regions)
    cursor.lose(regions.sizes > headers.MAX_BYTES)
    cursor.lose(cursor.number() != len(layout))
    found: dict[str, Spans] = {}
    for name in layout:
        raw = name.encode()
        cursor.lose(cursor.number() != len(raw))
        cursor.expect(raw)
        found[name] = cursor.spans()
    whole = cursor.whole()
    return found if whole.all() else {name: spans.with_nulls(~whole) for name, spans in found.items()}


@dataclass(frozen=True, slots=True)
class _Alike:
    """Records whose headers have the same names, sizes and sender as those of one of them: only that one is read."""

    which: Flags
    places: Mapping[str, tuple[int, int]]  # of each value in the region: its beginning and its size

    @classmethod
    def of(cls, regions: Spans, chosen: int, layout: Sequence[str]) -> "_Alike | None":
        """None where the chosen one is not as expected, or long."""
        one = regions.take(np.array([chosen])) if len(regions) else regions
        values = _walk(one, layout)
        if not len(one) or one.sizes[0] > _SHORT or any(spans.null is not None for spans in values.values()):
            return None
        start, size = int(one.starts[0]), int(one.sizes[0])
        places = {name: (int(spans.starts[0]) - start, int(spans.sizes[0])) for name, spans in values.items()}
        fixed = np.full(size, 0xFF, np.uint8)
        for name, (first, length) in places.items():
            if name not in _OF_SENDER:
                fixed[first : first + length] = 0
        # Copied side by side first: looking into each of the regions again and again would find none of them near. Some
        # at a time: they stay in the processor's cache, and their memory is used again.
        pattern = rows_at(regions.buffer, one.starts, size)
        same = np.flatnonzero(regions.sizes == size)
        which = np.zeros(len(regions), np.bool_)
        for at in range(0, len(same), _AT_ONCE):
            some = same[at : at + _AT_ONCE]
            found = rows_at(regions.buffer, regions.starts[some], size)
            found ^= pattern
            found &= fixed
            which[some] = ~found.any(axis=1)
        return cls(which, places)

    def values(self, regions: Spans) -> dict[str, Spans]:
        """The values of regions that are alike by name; of what is the sender's, that of the first one alone."""
        found = {}
        for name, (first, size) in self.places.items():
            starts = regions.starts[:1] if name in _OF_SENDER else regions.starts
            found[name] = Spans(regions.buffer, starts + first, np.full(len(starts), size, np.int64))
        return found


def _frame(values: Mapping[str, Spans], count: int, contract: Contract) -> pl.DataFrame:
    """The columns of `count` records out of the raw values: one of each, or one for all of them."""
    sequence, is_sequence = _number(values.get("ce_sequence"), headers.MAX_SEQUENCE)
    epoch, is_epoch = _number(values.get("ce_simpulepoch"), headers.MAX_EPOCH)
    good = [printable(values["ce_id"], headers.MAX_ID), _of_opd(values["ce_source"], contract), is_sequence, is_epoch]
    moment, load = _NOTHING[1], _NOTHING[4]
    if "ce_time" in values:
        milliseconds, timely = moments.milliseconds(values["ce_time"])
        micros = pl.Series("event_time", np.where(timely, milliseconds, 0) * 1_000)
        moment = pl.lit(micros).cast(pl.Datetime("us", "UTC"))
        good.append(timely)
    if "ce_simpulload" in values:
        told = texts(values["ce_simpulload"].column("load"))[0]
        load = pl.lit(told if len(told) == count else told.new_from_index(0, count))
        good.append(printable(values["ce_simpulload"], headers.MAX_ID))
    usual = np.logical_and.reduce([np.broadcast_to(each, count) for each in good])
    return pl.DataFrame({"usual": usual}).select(
        texts(values["ce_id"].column("ce_id"))[0],
        moment,
        pl.Series("epoch", np.broadcast_to(epoch, count).astype(np.int32)),
        pl.Series("sequence", np.broadcast_to(sequence, count)),
        load,
        "usual",
    )


def _number(spans: Spans | None, highest: int) -> tuple[Places, Flags]:
    """A header's whole number and whether it is one; 0 where the header is not sent."""
    if spans is None:
        return np.zeros(1, np.int64), np.ones(1, np.bool_)
    number, good = whole_numbers(spans)
    return np.where(good & (number <= highest), number, 0), good & (number <= highest)


def _of_opd(spans: Spans, contract: Contract) -> Flags:
    """Whether each source is a system of the contract's OPD."""
    if len(spans) == 1:  # one for all
        raw = spans.one(0)
        return np.array([bool(raw) and headers.source(raw, contract.opd) is not None])
    found = spans.column("ce_source")
    good = [raw for raw in found.unique() if raw and headers.source(raw, contract.opd) is not None]
    return found.is_in(good).fill_null(value=False).to_numpy()

"""The records of a stretch of one partition, read out of its batches as columns.

A record is, in Kafka's format of version 2: its size, attributes, a time and an offset counted from the batch's, key,
value, headers; all numbers are zigzag varints. Only the walk from record to record is a loop; the rest is read in all
records at once. Any single record can be had as an object, for the road on which events go one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import Final, Protocol

import numpy as np

from consumers.record_batches import RecordBatch
from consumers.unpacking import Opened
from schemas.wire.cursor import PADDING, Cursor, Places, Spans

_ATTRIBUTES: Final = 1  # bytes


class Record(Protocol):
    """One record of a partition."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int | None: ...  # milliseconds; LogAppendTime on the hub's topics
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes | None]]: ...


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """One record, by itself. A header's name that is not UTF-8 keeps its bytes (surrogateescape)."""

    offset: int
    timestamp: int | None
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


@dataclass(frozen=True, slots=True)
class Refused:
    """A batch of which no record was read, from a position on."""

    first_offset: int
    batch: RecordBatch

    @property
    def count(self) -> int:
        """Records in it; of a batch in which the position lies, those behind it."""
        return min(self.batch.count, self.batch.next_offset - self.first_offset)


@dataclass(frozen=True, slots=True)
class Records:
    """Records in offset order, and batches between them that were refused. `headers` are the regions behind the values,
    still unread."""

    offsets: Places
    timestamps: Places  # milliseconds
    keys: Spans
    values: Spans
    headers: Spans
    refused: Sequence[Refused] = ()

    def __len__(self) -> int:
        """How many were read."""
        return len(self.offsets)

    @property
    def total(self) -> int:
        """All records of the stretch, of refused batches too."""
        return len(self.offsets) + sum(each.count for each in self.refused)

    @property
    def first_offset(self) -> int:
        read = map(int, self.offsets[:1])
        return min([*read, *(each.first_offset for each in self.refused[:1])])

    @property
    def last_offset(self) -> int:
        read = map(int, self.offsets[-1:])
        return max([*read, *(each.batch.next_offset - 1 for each in self.refused[-1:])])

    def last_appended_at(self) -> datetime:
        """When the broker took the last one."""
        moments = [*self.timestamps[-1:].tolist(), *(each.batch.timestamp for each in self.refused[-1:])]
        return datetime.fromtimestamp(max(moments) / 1000, UTC)

    def until(self, offset: int) -> "Records":
        """Those that begin before an offset."""
        there = np.arange(np.searchsorted(self.offsets, offset))
        keys, values, headers = (each.take(there) for each in (self.keys, self.values, self.headers))
        refused = [each for each in self.refused if each.first_offset < offset]
        return Records(self.offsets[there], self.timestamps[there], keys, values, headers, refused)

    def at(self, offset: int) -> ReadRecord:
        """The record with an offset that is among them."""
        return self.one(int(np.searchsorted(self.offsets, offset)))

    def one(self, index: int) -> ReadRecord:
        """The record at a place in the stretch."""
        return ReadRecord(
            int(self.offsets[index]),
            int(self.timestamps[index]),
            self.keys.one(index),
            self.values.one(index),
            _headers(self.headers.one(index) or b"\x00"),
        )

    def first(self, most: int) -> "Records":
        """The first of them, no more than so many; a refused batch counts as one."""
        if len(self.offsets) + len(self.refused) <= most:
            return self
        ends = [*(self.offsets + 1).tolist(), *(each.batch.next_offset for each in self.refused)]
        end = sorted(ends)[most - 1]
        refused = [each for each in self.refused if each.batch.next_offset <= end]
        return self._take(np.flatnonzero(self.offsets < end), refused)

    def behind(self, position: int) -> "Records":
        """Those at or behind a position."""
        refused = [each for each in self.refused if each.batch.next_offset > position]
        cut = [Refused(max(each.first_offset, position), each.batch) for each in refused]
        return self._take(np.flatnonzero(self.offsets >= position), cut)

    def _take(self, which: Places, refused: Sequence[Refused]) -> "Records":
        parts = (self.keys.take(which), self.values.take(which), self.headers.take(which))
        return Records(self.offsets[which], self.timestamps[which], *parts, refused)

    def some(self, indexes: Sequence[int]) -> list[ReadRecord]:
        """The records at these places."""
        return [self.one(index) for index in indexes]

    def layout(self, index: int) -> list[str]:
        """The header names of a record."""
        return [name for name, _ in self.one(index).headers]


def joined(parts: Sequence[Records]) -> Records:
    """What was read of several partitions, one after the other, in one buffer. An offset may be there twice."""
    if len(parts) == 1:
        return parts[0]
    buffers = [each.values.buffer for each in parts]  # which keys and headers lie in, too
    buffer = np.concatenate(buffers)
    shifts = list(accumulate(map(len, buffers[:-1]), initial=0))
    return Records(
        np.concatenate([each.offsets for each in parts]),
        np.concatenate([each.timestamps for each in parts]),
        Spans.joined([each.keys for each in parts], buffer, shifts),
        Spans.joined([each.values for each in parts], buffer, shifts),
        Spans.joined([each.headers for each in parts], buffer, shifts),
    )


def read(opened: Sequence[Opened], position: int) -> Records:
    """The records of the batches at or after `position`. Raises ValueError for bytes that are no records."""
    batches = [each.batch for each in opened if each.records is not None]
    packed = [each.records for each in opened if each.records is not None]
    refused = [Refused(max(each.batch.base_offset, position), each.batch) for each in opened if each.records is None]
    joined = b"".join((PADDING, *packed, PADDING))
    starts: list[int] = []
    sizes: list[int] = []
    begin = len(PADDING)
    for batch, records in zip(batches, packed, strict=True):
        _walk(joined, begin, begin + len(records), batch.count, starts, sizes)
        begin += len(records)
    spans = Spans(np.frombuffer(joined, np.uint8), np.array(starts, np.int64), np.array(sizes, np.int64))
    cursor = Cursor(spans)
    cursor.move(cursor.at + _ATTRIBUTES)
    deltas, places = cursor.number(), cursor.number()
    keys, values = cursor.nullable_spans(), cursor.nullable_spans()
    if cursor.lost.any():
        raise ValueError("a record of the log ends inside a field")
    counts = [batch.count for batch in batches]
    bases = np.repeat(np.array([batch.base_offset for batch in batches], np.int64), counts)
    times = np.repeat(np.array([batch.timestamp for batch in batches], np.int64), counts)
    own_time = np.repeat(np.array([batch.log_timestamp is None for batch in batches], np.bool_), counts)
    offsets = bases + places
    headers = Spans(spans.buffer, cursor.at, cursor.ends - cursor.at)
    fresh = np.flatnonzero(offsets >= position)
    if len(fresh) == len(offsets):
        return Records(offsets, times + np.where(own_time, deltas, 0), keys, values, headers, refused)
    times = (times + np.where(own_time, deltas, 0))[fresh]
    return Records(offsets[fresh], times, keys.take(fresh), values.take(fresh), headers.take(fresh), refused)


def _walk(data: bytes, at: int, end: int, count: int, starts: list[int], sizes: list[int]) -> None:
    """Note where each of the records in `data[at:end]` begins behind its size, and that size."""
    for _ in range(count):
        size = data[at]
        at += 1
        if size >= 128:
            more = data[at]
            at += 1
            if more < 128:  # as nearly always: 64 to 8,191 bytes
                size = size & 127 | more << 7
            else:
                size, at = _varint(data, at - 2)
        size >>= 1
        starts.append(at)
        sizes.append(size)
        at += size
    if at != end:
        raise ValueError("a batch of the log does not end with its last record")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned varint and the place behind it."""
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, at
        shift += 7


def _headers(region: bytes) -> list[tuple[str, bytes | None]]:
    """The headers of one record, every byte of them kept."""
    count, at = _varint(region, 0)
    found: list[tuple[str, bytes | None]] = []
    for _ in range(count >> 1):
        size, at = _varint(region, at)
        name = region[at : at + (size >> 1)].decode("utf-8", "surrogateescape")
        size, at = _varint(region, at + (size >> 1))
        if size & 1:  # −1: no value
            found.append((name, None))
        else:
            found.append((name, region[at : at + (size >> 1)]))
            at += size >> 1
    return found

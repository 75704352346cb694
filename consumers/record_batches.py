"""Record batches as the fetcher hands them on: unread, as they stand in the log.

aiokafka makes some ten objects of each record; a settler reads a whole batch of them as columns (`records.py`), so
nothing of a batch is read here but its head. What aiokafka does for whole batches stays: checksums, aborted
transactions, control records.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatch, _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy

_HEAD = _DefaultRecordBatchPy.HEADER_STRUCT
_CODEC_MASK, _LOG_APPEND_TIME = 0x07, 0x08


@dataclass(frozen=True, slots=True)
class RecordBatch:
    """A batch of Kafka's record format, version 2 (magic 2), with its head read."""

    base_offset: int
    next_offset: int  # behind its last record, whether that is still there or was compacted
    count: int
    first_timestamp: int  # milliseconds; records add to it
    log_timestamp: int | None  # milliseconds; all records' time where the broker sets it (LogAppendTime)
    codec: int
    packed: bytes

    @property
    def timestamp(self) -> int:
        """Milliseconds; of all records where the broker sets it, else of the first one."""
        return self.first_timestamp if self.log_timestamp is None else self.log_timestamp


def read_head(raw: bytes) -> RecordBatch:
    """The batch in `raw`."""
    base, _, _, _, _, attributes, last_delta, first_ms, max_ms, _, _, _, count = _HEAD.unpack_from(raw)
    log_time = max_ms if attributes & _LOG_APPEND_TIME else None
    next_offset = base + last_delta + 1
    return RecordBatch(base, next_offset, count, first_ms, log_time, attributes & _CODEC_MASK, raw[_HEAD.size :])


class _Batch:
    """A batch for aiokafka's fetcher: iterating over it gives the batch itself."""

    def __init__(self, batch: Any, raw: bytes) -> None:
        self._batch, self._raw = batch, raw

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)  # a control record, which the fetcher reads itself

    def __iter__(self) -> Iterator[Any]:
        yield _Whole(read_head(self._raw))


class _Whole:
    """What the fetcher takes for one record: it passes on what ends at or behind the position."""

    __slots__ = ("batch", "offset")

    def __init__(self, batch: RecordBatch) -> None:
        self.batch, self.offset = batch, batch.next_offset - 1


class _Batches(_MemoryRecordsPy):  # type: ignore[misc]  # final by annotation only
    def next_batch(self, *limits: int) -> Any:
        piece = self._next_slice
        batch = super().next_batch(*limits)
        if piece is None or batch is None:
            return batch
        if not isinstance(batch, DefaultRecordBatch):
            raise CorruptRecordException("a record batch older than Kafka 0.11's")
        return _Batch(batch, bytes(piece))


class _WholeBatches(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka is not typed
    def __iter__(self) -> Any:
        return self._records_iterator

    def _consumer_record(self, tp: Any, record: _Whole) -> RecordBatch:
        return record.batch


def install() -> None:
    """Make aiokafka's fetcher hand on whole batches, in this process."""
    fetcher.MemoryRecords = _Batches
    fetcher.PartitionRecords = _WholeBatches


def count(batches: Sequence[RecordBatch]) -> int:
    """Records in all of them."""
    return sum(batch.count for batch in batches)

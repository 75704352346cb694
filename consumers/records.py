"""Records as the transport hands them on, and aiokafka's record reading where it stops at what an OPD may send.

Two changes to aiokafka 0.14:

- A record is the decoder's own light object, not a `ConsumerRecord` built again in Python (`INTAKE.md`, pitfall 1).
- A header whose name is not UTF-8 stops aiokafka's decoder, and with it the partition, for ever. Such a batch is
  read by its slower Python decoder with the name's bytes kept (surrogateescape).
"""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol

from aiokafka.consumer import fetcher
from aiokafka.record.default_records import _DefaultRecordBatchPy
from aiokafka.record.memory_records import _MemoryRecordsPy


class Record(Protocol):
    """One record of a partition."""

    offset: int
    timestamp: int | None  # milliseconds; LogAppendTime on the hub's topics
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes | None]]


class _KeptBytes(bytearray):
    """Bytes whose slices decode to text without loss, whatever they hold."""

    def __getitem__(self, index: Any) -> Any:
        part = super().__getitem__(index)
        return _KeptBytes(part) if isinstance(index, slice) else part

    def decode(self, encoding: str = "utf-8", errors: str = "surrogateescape") -> str:
        return super().decode(encoding, "surrogateescape")


class _PatientBatch(_DefaultRecordBatchPy):  # type: ignore[misc]  # final by annotation only
    _buffer: Any

    def _maybe_uncompress(self) -> None:
        super()._maybe_uncompress()
        if not isinstance(self._buffer, _KeptBytes):
            self._buffer = _KeptBytes(self._buffer)

    def __next__(self) -> Any:
        record = super().__next__()
        if isinstance(record.value, _KeptBytes):
            record._value = bytes(record.value)
        return record


class _Batch:
    """A record batch that falls back to the patient decoder; all else is the wrapped batch's."""

    def __init__(self, batch: Any, piece: bytes) -> None:
        self._batch, self._piece = batch, piece

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        read = -1
        try:
            for record in self._batch:
                read = record.offset
                yield record
        except UnicodeDecodeError:
            for record in _PatientBatch(self._piece):
                if record.offset > read:
                    yield record


class _Records(_MemoryRecordsPy):  # type: ignore[misc]  # final by annotation only
    def next_batch(self, *limits: int) -> Any:
        piece = self._next_slice
        batch = super().next_batch(*limits)
        return _Batch(batch, bytes(piece)) if piece is not None and batch is not None else batch


class _LightRecords(fetcher.PartitionRecords):  # type: ignore[misc]  # aiokafka is not typed
    def __iter__(self) -> Any:
        return self._records_iterator

    def _consumer_record(self, tp: Any, record: Any) -> Any:
        return record


def install() -> None:
    """Make aiokafka's fetcher read records our way, in this process."""
    fetcher.MemoryRecords = _Records
    fetcher.PartitionRecords = _LightRecords

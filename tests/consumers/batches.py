"""Record batches as a broker would hand them out, made without one."""

import struct
from collections.abc import Sequence

from aiokafka.record.default_records import DefaultRecordBatchBuilder

from consumers.record_batches import RecordBatch, read_head
from consumers.unpacking import Opened, open_some

Event = tuple[bytes | None, bytes | None, Sequence[tuple[str, bytes | None]]]  # key, value, headers
TIME_MS = 1_767_596_700_000
LZ4 = 3


def batches(
    events: Sequence[Event], *, at_once: int = 60, first_offset: int = 0, codec: int = LZ4
) -> list[RecordBatch]:
    """The events in batches of `at_once` records, each record a millisecond after the one before."""
    return [
        batch(events[first : first + at_once], first_offset + first, codec=codec)
        for first in range(0, len(events), at_once)
    ]


def batch(events: Sequence[Event], base_offset: int, *, codec: int = LZ4) -> RecordBatch:
    """One batch."""
    builder = DefaultRecordBatchBuilder(
        magic=2,
        compression_type=codec,
        is_transactional=0,
        producer_id=-1,
        producer_epoch=-1,
        base_sequence=-1,
        batch_size=2**30,
    )
    for place, (key, value, headers) in enumerate(events):
        builder.append(place, TIME_MS + base_offset + place, key, value, list(headers))
    raw = bytearray(builder.build())
    struct.pack_into(">q", raw, 0, base_offset)
    return read_head(bytes(raw))


def opened(batches: Sequence[RecordBatch]) -> list[Opened]:
    """All of them, unpacked."""
    found, left = open_some(batches, room=2**40)
    assert not left
    return found

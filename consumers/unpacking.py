"""Unpacking record batches within bounds: 32 KB of zstd can hold a gigabyte, and a client's own codecs would make it.

A batch that is larger than any producer of ours makes is refused whole, unread: its records become one dead letter
(`RELIABILITY.md` §4). The broker has checked the bytes of a compressed batch before it took them.
"""

import struct
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import cramjam
import numpy as np

from consumers.record_batches import RecordBatch

BATCH_BYTES: Final = 64 * 1024 * 1024  # unpacked; the broker takes 1 MB packed
BATCH_RECORDS: Final = 100_000  # ten times what librdkafka puts into one
STRETCH_BYTES: Final = 64 * 1024 * 1024  # unpacked at a time, or one larger batch
GZIP, SNAPPY, LZ4, ZSTD = 1, 2, 3, 4
CODECS: Final[Mapping[int, str]] = {0: "tanpa pemampatan", GZIP: "gzip", SNAPPY: "snappy", LZ4: "lz4", ZSTD: "zstd"}
_USUAL_BYTES, _USUAL_RATIO = 32 * 1024, 12
_GZIP_WINDOW: Final = 31  # zlib's: a gzip header and the largest window
_XERIAL: Final = b"\x82SNAPPY\x00"  # snappy-java's stream: 16 bytes of head, then blocks with their sizes
_XERIAL_HEAD: Final = 16
_BLOCK_SIZE: Final = struct.Struct(">i")


class TooLarge(Exception):
    """A batch that holds more than is taken, or that cannot be unpacked."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A batch with its records' bytes; None when it was refused."""

    batch: RecordBatch
    records: bytes | None


def open_some(batches: Sequence[RecordBatch], room: int = STRETCH_BYTES) -> tuple[list[Opened], Sequence[RecordBatch]]:
    """The first batches, opened, as many as fit into `room` (at least one), and those that are left."""
    opened: list[Opened] = []
    for place, batch in enumerate(batches):
        if room <= 0:
            return opened, batches[place:]
        opened.append(_open(batch))
        room -= len(opened[-1].records or b"")
    return opened, ()


def _open(batch: RecordBatch) -> Opened:
    if batch.count > BATCH_RECORDS:
        return Opened(batch, None)
    try:
        return Opened(batch, unpack(batch.codec, batch.packed))
    except TooLarge:
        return Opened(batch, None)


def unpack(codec: int, packed: bytes, most: int = BATCH_BYTES) -> bytes:
    """The bytes that were packed. Raises TooLarge for more than `most` of them, and for what is no such packing."""
    if not codec:
        return packed
    try:
        return _UNPACK[codec](packed, most)
    except (KeyError, ValueError, zlib.error, struct.error, cramjam.DecompressionError) as error:
        raise TooLarge(CODECS.get(codec, "unknown codec")) from error


def _gzip(packed: bytes, most: int) -> bytes:
    found, left = b"", packed
    while left or not found:
        stream = zlib.decompressobj(_GZIP_WINDOW)
        found += stream.decompress(left, most + 1 - len(found))
        if len(found) > most or not stream.eof:
            raise ValueError("more than fits, or cut off")
        left = stream.unused_data
    return found


def _snappy(packed: bytes, most: int) -> bytes:
    if not packed.startswith(_XERIAL):
        return _block(packed, most)
    found: list[bytes] = []
    at = _XERIAL_HEAD
    while at < len(packed):
        (size,) = _BLOCK_SIZE.unpack_from(packed, at)
        at += _BLOCK_SIZE.size
        if size <= 0:
            raise ValueError("a block without a size")
        found.append(_block(packed[at : at + size], most))
        most -= len(found[-1])
        at += size
    return b"".join(found)


def _block(packed: bytes, most: int) -> bytes:
    if cramjam.snappy.decompress_raw_len(packed) > most:  # it says so itself, and is held to it
        raise ValueError("more than fits")
    return bytes(cramjam.snappy.decompress_raw(packed))


def _into(unpack_into: Callable[[bytes, memoryview], int], packed: bytes, most: int) -> bytes:
    """Into a buffer that is large enough for what is usual, else into one of the largest size."""
    usual = min(most, max(_USUAL_BYTES, _USUAL_RATIO * len(packed)))
    for size in (usual, most):
        buffer = np.empty(size, np.uint8).data
        try:
            return bytes(buffer[: unpack_into(packed, buffer)])
        except cramjam.DecompressionError:
            if size == most:
                raise
    raise AssertionError("the last size returns or raises")


_UNPACK: Final[Mapping[int, Callable[[bytes, int], bytes]]] = {
    GZIP: _gzip,
    SNAPPY: _snappy,
    LZ4: lambda packed, most: _into(cramjam.lz4.decompress_into, packed, most),
    ZSTD: lambda packed, most: _into(cramjam.zstd.decompress_into, packed, most),
}

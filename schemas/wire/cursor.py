"""Reading many byte strings at once: one cursor that stands in the same field of each of them.

The byte strings lie in one buffer, with at least PADDING bytes of anything before the first and behind the last. A
string that leaves the road is marked as lost, its place stays inside the buffer, and its neighbours are read on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import numpy as np
import numpy.typing as npt
import polars as pl

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.int64]  # places in a buffer, or sizes; one per byte string
Flags = npt.NDArray[np.bool_]

PADDING: Final = bytes(16)  # a vector reads up to 12 bytes around a value, wherever it lies
MAX_BUFFER: Final = 2**30  # bytes; a view's place has 31 bits
_INSIDE: Final = 12  # bytes that a view holds itself (Arrow columnar format, "variable-size binary view")
_HEAD: Final = 4  # of them those that every view has
_LONGEST_VARINT: Final = 10
_LAST_SHIFT: Final = 63  # of a varint's tenth byte, which holds one bit
_VIEW: Final = np.dtype([("size", "<i4"), ("head", "<u4"), ("rest", "<u8")])
# entry n keeps the first n bytes of a little-endian number
_KEEP_4: Final = np.array([256**size - 1 for size in range(5)], np.uint32)
KEEP_8: Final = np.array([256**size - 1 for size in range(9)], np.uint64)
_ZIGZAG: Final = np.array([byte >> 1 ^ -(byte & 1) for byte in range(128)], np.int64)  # numbers of one byte


@dataclass(frozen=True, slots=True)
class Spans:
    """Byte strings in a buffer, each `[starts, starts + sizes)`; `null` says which are not there at all."""

    buffer: Bytes
    starts: Places
    sizes: Places
    null: Flags | None = None

    @classmethod
    def of(cls, parts: Sequence[bytes]) -> "Spans":
        """The parts, joined into a buffer of their own."""
        buffer = np.frombuffer(b"".join((PADDING, *parts, PADDING)), np.uint8)
        sizes = np.fromiter(map(len, parts), np.int64, len(parts))
        return cls(buffer, np.cumsum(sizes) - sizes + len(PADDING), sizes)

    @classmethod
    def joined(cls, parts: Sequence["Spans"], buffer: Bytes, shifts: Sequence[int]) -> "Spans":
        """All parts in one buffer, where each part's own one begins so many bytes further."""
        starts = np.concatenate([each.starts + shift for each, shift in zip(parts, shifts, strict=True)])
        sizes = np.concatenate([each.sizes for each in parts])
        if all(each.null is None for each in parts):
            return cls(buffer, starts, sizes)
        null = [np.zeros(len(each), np.bool_) if each.null is None else each.null for each in parts]
        return cls(buffer, starts, sizes, np.concatenate(null))

    def __len__(self) -> int:
        return len(self.starts)

    def take(self, which: Places) -> "Spans":
        """Some of them, in the order of `which`."""
        null = None if self.null is None else self.null[which]
        return Spans(self.buffer, self.starts[which], self.sizes[which], null)

    def with_nulls(self, null: Flags) -> "Spans":
        """The same without those that are not there."""
        return Spans(self.buffer, np.where(null, len(PADDING), self.starts), np.where(null, 0, self.sizes), null)

    def one(self, index: int) -> bytes | None:
        """A copy of one."""
        if self.null is not None and self.null[index]:
            return None
        return self.buffer[self.starts[index] : self.starts[index] + self.sizes[index]].tobytes()

    def column(self, name: str) -> pl.Series:
        """As a column of views into the buffer: nothing is copied, and the buffer lives as long as the column.

        A view is a size, then the bytes or their first four, the buffer's number and the place.
        """
        import pyarrow as pa  # here, so that no process loads it that reads no columns

        least, most = (int(self.sizes.min()), int(self.sizes.max())) if len(self) else (0, 0)
        # Codes and numbers have one size: then nothing is looked up by it.
        sizes = most if least == most else self.sizes
        views = np.empty(len(self), _VIEW)
        views["size"] = sizes
        views["head"] = at_each_byte(self.buffer, "<u4")[self.starts] & _KEEP_4[np.minimum(sizes, _HEAD)]
        if most <= _HEAD:
            views["rest"] = 0
        elif least > _INSIDE:
            views["rest"] = self.starts << 32  # buffer 0, place
        else:
            eights = at_each_byte(self.buffer, "<u8")[self.starts + _HEAD]
            views["rest"] = eights & KEEP_8[np.clip(sizes - _HEAD, 0, _INSIDE - _HEAD)]
            long = np.flatnonzero(self.sizes > _INSIDE)
            views["rest"][long] = self.starts[long] << 32
        valid = None if self.null is None else pa.py_buffer(np.packbits(~self.null, bitorder="little"))
        buffers = [valid, pa.py_buffer(views), pa.py_buffer(self.buffer)]
        return pl.Series(name, pa.Array.from_buffers(pa.binary_view(), len(self), buffers))


def at_each_byte(buffer: Bytes, number: str) -> npt.NDArray[Any]:
    """The buffer as numbers of several bytes, one beginning at each byte."""
    size = np.dtype(number).itemsize
    return np.ndarray((len(buffer) - size + 1,), number, cast("Any", buffer), strides=(1,))


def rows_at(buffer: Bytes, starts: Places, size: int) -> Bytes:
    """The `size` bytes from each place on, copied as a row each."""
    rows = np.ndarray((len(buffer) - size + 1, size), np.uint8, cast("Any", buffer), strides=(1, 1))
    found: Bytes = rows[starts]
    return found


class Cursor:
    """Stands before the same field of every byte string."""

    def __init__(self, spans: Spans) -> None:
        self.buffer = spans.buffer
        self.at = spans.starts
        self.ends = spans.starts + spans.sizes
        self.lost: Flags = np.zeros(len(spans), np.bool_)

    def whole(self) -> Flags:
        """Which byte strings were read to their last byte and no further."""
        whole: Flags = ~self.lost & (self.at == self.ends)
        return whole

    def lose(self, which: Flags) -> None:
        """Mark byte strings as lost."""
        if which.any():
            self.lost = self.lost | which
            self.at = np.where(self.lost, self.ends, self.at)

    def move(self, behind: Places) -> None:
        """Stand at other places; who would stand behind the end is lost."""
        self.at = behind
        self.lose(behind > self.ends)

    def byte(self) -> Bytes:
        """The byte before which the cursor stands."""
        return self.buffer[self.at]

    def number(self) -> npt.NDArray[np.int64]:
        """Zigzag numbers of up to 64 bits (Avro's long, Kafka's varint)."""
        found, behind = self.look_number()
        self.move(behind)
        return found

    def spans(self) -> Spans:
        """Byte strings with their sizes before them."""
        found, behind = self.look_spans()
        self.move(behind)
        return found

    def nullable_spans(self) -> Spans:
        """The same, where the size −1 says null."""
        sizes, starts = self.look_number()
        null = sizes == -1
        sizes = np.where(null, 0, self._sane(sizes))
        self.move(starts + sizes)
        found = Spans(self.buffer, starts, sizes)
        return found.with_nulls(null) if null.any() else found

    def expect(self, text: bytes) -> None:
        """Read exactly these bytes; who has others is lost."""
        eights = at_each_byte(self.buffer, "<u8")
        for first in range(0, len(text), 8):
            piece = text[first : first + 8]
            places = np.minimum(self.at + first, len(eights) - 1)
            self.lose((eights[places] & KEEP_8[len(piece)]) != int.from_bytes(piece, "little"))
        self.move(np.where(self.lost, self.at, self.at + len(text)))

    def look_spans(self) -> tuple[Spans, Places]:
        """Byte strings with their sizes before them, and the places behind them. The cursor stays."""
        sizes, starts = self.look_number()
        sizes = self._sane(sizes)
        return Spans(self.buffer, starts, sizes), starts + sizes

    def look_number(self) -> tuple[npt.NDArray[np.int64], Places]:
        """Numbers and the places behind them; one of more than 64 bits ends behind every end. The cursor stays."""
        byte, behind = self.buffer[self.at], self.at + 1
        more = np.flatnonzero(byte & 128)
        if not more.size:
            return _ZIGZAG[byte], behind
        number = (byte & 127).astype(np.uint64)
        for place in range(1, _LONGEST_VARINT):
            if not more.size:
                break
            byte = self.buffer[np.minimum(behind[more], len(self.buffer) - 1)]
            shift = 7 * place
            number[more] |= (byte & 127).astype(np.uint64) << np.uint64(shift)
            behind[more] += 1
            if shift == _LAST_SHIFT:
                behind[more[byte > 1]] = len(self.buffer)
            more = more[byte >= 128]
        one = np.uint64(1)
        return ((number >> one) ^ (~(number & one) + one)).astype(np.int64), behind

    def _sane(self, sizes: npt.NDArray[np.int64]) -> Places:
        """A size that is negative or beyond everything ends behind every end."""
        if len(sizes) and sizes.min() >= 0 and sizes.max() <= len(self.buffer):
            return sizes
        return np.where((sizes >= 0) & (sizes <= len(self.buffer)), sizes, len(self.buffer))

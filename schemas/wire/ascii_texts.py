"""Short texts of ASCII, many at once: which are printable, and the numbers that they spell."""

from typing import Final

import numpy as np
import numpy.typing as npt

from schemas.wire.cursor import KEEP_8, Bytes, Flags, Places, Spans, at_each_byte

_ZERO: Final = np.uint8(ord("0"))
_SURE_DIGITS: Final = 18  # that every number of 64 bits can have
_WORD: Final = 8  # bytes
_LOW, _TOP = np.uint64(0x2020202020202020), np.uint64(0x8080808080808080)  # a space, the highest bit, in each byte
_ONE: Final = np.uint64(0x0101010101010101)


def printable(spans: Spans, longest: int) -> Flags:
    """Which of them have 1 to `longest` characters, all from space to "~"."""
    good: Flags = (spans.sizes > 0) & (spans.sizes <= longest)
    starts, sizes = np.where(good, spans.starts, 0), np.where(good, spans.sizes, 0)
    words = at_each_byte(spans.buffer, "<u8")
    for first in range(0, int(sizes.max(initial=0)), _WORD):
        inside = KEEP_8[np.clip(sizes - first, 0, _WORD)]
        # a text that has ended already stays where it began: of its word nothing is kept
        word = words[np.where(sizes > first, starts + first, 0)]
        word = (word & inside) | (_LOW & ~inside)
        # below a space the subtraction borrows into the top bit, from 127 on there is one or the addition makes it
        good &= ((((word - _LOW) & ~word) | (word + _ONE) | word) & _TOP) == 0
    return good


def whole_numbers(spans: Spans) -> tuple[Places, Flags]:
    """The numbers that up to 18 digits spell, and which of them are such."""
    good: Flags = (spans.sizes > 0) & (spans.sizes <= _SURE_DIGITS)
    starts, sizes = np.where(good, spans.starts, 0), np.where(good, spans.sizes, 0)
    number = np.zeros(len(spans), np.int64)
    longest = int(sizes.max(initial=0))
    for place in range(longest):
        digit, there = spans.buffer[np.where(sizes > place, starts + place, 0)] - _ZERO, sizes > place
        good &= ~there | (digit <= 9)
        number = np.where(there, number * 10 + digit, number)
    return number, good


def number_at(buffer: Bytes, starts: Places, good: Flags, first: int, size: int) -> Places:
    """The number that `size` digits from a place on spell; where they are none, `good` becomes false."""
    number: npt.NDArray[np.int64] = np.zeros(len(starts), np.int64)
    for place in range(first, first + size):
        digit = buffer[starts + place] - _ZERO  # what is less than "0" wraps round to much
        good &= digit <= 9
        number = number * 10 + digit
    return number

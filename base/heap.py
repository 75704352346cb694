"""What a process does with memory that is free again."""

import ctypes
from typing import Final

MIB: Final = 1024 * 1024
# Numbers of glibc's <malloc.h>, and what they are set to.
_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
_TOLD: Final = ((_ARENA_MAX, 1), (_MMAP_THRESHOLD, 2 * MIB), (_TRIM_THRESHOLD, 32 * MIB))


def give_back() -> bool:
    """Let the C library give freed memory back to the system; whether it is one that can be told.

    By itself glibc raises its thresholds with the sizes that it sees, and keeps for each thread what was once used: a
    worker that settles batches of some ten MiB in several threads then holds a quarter more than it needs. To be called
    before threads begin.
    """
    tell = getattr(ctypes.CDLL(None), "mallopt", None)
    return tell is not None and all(tell(number, value) == 1 for number, value in _TOLD)

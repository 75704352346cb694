"""Records that end the process that reads them, as a crash in a decoder's native code does, or a value that takes all
memory. No such value is known (those that were are guarded against), so the decoder is told of one."""

import ctypes
import resource
from collections.abc import Callable
from typing import Any

from consumers import judge, settling

ROOM = 256 * 2**20  # bytes that the worker may still take when it meets the record
PIECE = 16 * 2**20


def put(word: bytes, deed: str) -> None:
    """From now on a value that holds the word is poison: `segv` or `memory`."""
    ordinary, act = judge.judge_batch, DEEDS[deed]

    def judge_batch(*arguments: Any) -> Any:
        for _, records in arguments[2]:
            if any(word in (records.values.one(place) or b"") for place in range(len(records))):
                act()
        return ordinary(*arguments)

    vars(settling)["judge_batch"] = judge_batch


def crash() -> None:
    """Read where nothing is: a real SIGSEGV."""
    ctypes.string_at(0)


def take_all_memory() -> None:
    """Run into a real limit."""
    with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123
        taken = int(file.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (taken + ROOM, taken + ROOM))
    held = []
    while True:
        held.append(bytearray(PIECE))


DEEDS: dict[str, Callable[[], None]] = {"segv": crash, "memory": take_all_memory}

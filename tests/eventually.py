"""Wait for a condition with a deadline; on expiry the last value seen is shown."""

import time
from collections.abc import Callable
from threading import Event
from typing import TypeVar

T = TypeVar("T")
POLL_S = 0.02
PAUSE = Event()  # nobody sets it


def eventually(see: Callable[[], T], *, until: Callable[[T], bool], within_s: float = 20) -> T:
    """The first value of `see()` that satisfies `until`. Raises AssertionError with the last value otherwise."""
    deadline = time.monotonic() + within_s
    while True:
        value = see()
        if until(value):
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s} s; last value seen: {value!r}")
        PAUSE.wait(POLL_S)

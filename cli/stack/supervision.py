"""Runs a stack in the foreground until it is told to stop: orderly at the first signal, at once at the second."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

from cli.stack.local import Stack

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interrupted(KeyboardInterrupt):
    """A signal asked us to stop while we were starting something."""


class StopRequest:
    """Whether, and how often, we were asked to stop."""

    def __init__(self, stack: Stack) -> None:
        self.stack = stack
        self.asked = Event()
        self.waiting = False

    def __call__(self, number: int, _frame: FrameType | None) -> None:
        if self.asked.is_set():
            self.stack.kill()
            os._exit(128 + number)
        self.asked.set()
        self.stack.stopping.set()
        if not self.waiting:
            raise Interrupted  # breaks off whatever is being started; the `finally` stops it

    def wait(self) -> None:
        """Until the first signal, which ends the waiting without an error."""
        self.waiting = True
        # With a limit, as a wait without one is deaf to signals in some Pythons.
        while not self.asked.wait(timeout=3600):
            pass


@contextmanager
def stopping_orderly(stack: Stack) -> Iterator[StopRequest]:
    """In the block signals stop the stack; at its end, however it comes, nothing of the stack runs."""
    request = StopRequest(stack)
    heard = [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]  # as nohup wants it
    before = {number: signal.signal(number, request) for number in heard}
    try:
        yield request
    finally:
        request.waiting = True  # from now on the first signal only notes, the second kills
        stack.stop()
        for number, handler in before.items():
            signal.signal(number, handler)

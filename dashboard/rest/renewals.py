"""What is kept for a moment is asked again before it is too old to be believed, so that no request waits for it."""

import asyncio
import contextlib
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep
from typing import Final

from dashboard.errors import DashboardError
from hub_db.errors import HubDbError

MOST: Final = 8  # that wait or are asked; what finds no place is asked when somebody needs it
REST: Final = 3.0  # times as long as a question took, before the next one
LONGEST_REST_S: Final = 0.02


class Renewals:
    """Questions that run beside the event loop, each once at a time. For the loop alone.

    One at a time, with a rest after it: what came together is due together, and would hold up those who are answered.
    """

    def __init__(self) -> None:
        self._running: set[Hashable] = set()
        self._thread = ThreadPoolExecutor(1, "renewal")

    def begin(self, thing: Hashable, ask: Callable[[], object]) -> None:
        """Ask, unless that is being done. Whoever asks next is told of an error."""
        if thing in self._running or len(self._running) >= MOST:
            return
        self._running.add(thing)
        asked = asyncio.get_running_loop().run_in_executor(self._thread, _quietly, ask)
        asked.add_done_callback(lambda _: self._running.discard(thing))

    def close(self) -> None:
        """What has not begun is left."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def _quietly(ask: Callable[[], object]) -> None:
    began = monotonic()
    with contextlib.suppress(DashboardError, HubDbError):
        ask()
    sleep(min((monotonic() - began) * REST, LONGEST_REST_S))

"""What is kept for a moment is asked again before it is too old to be believed, so that no request waits for it."""

import asyncio
import contextlib
from collections.abc import Callable, Hashable
from typing import Final

from dashboard.errors import DashboardError
from hub_db.errors import HubDbError

MOST: Final = 8  # at once; what finds no place is asked when somebody needs it


class Renewals:
    """Questions that run in threads, each once at a time. For the event loop alone."""

    def __init__(self) -> None:
        self._running: set[Hashable] = set()

    def begin(self, thing: Hashable, ask: Callable[[], object]) -> None:
        """Ask, unless that is being done. Whoever asks next is told of an error."""
        if thing in self._running or len(self._running) >= MOST:
            return
        self._running.add(thing)
        asked = asyncio.get_running_loop().run_in_executor(None, _quietly, ask)
        asked.add_done_callback(lambda _: self._running.discard(thing))


def _quietly(ask: Callable[[], object]) -> None:
    with contextlib.suppress(DashboardError, HubDbError):
        ask()

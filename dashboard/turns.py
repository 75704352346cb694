"""A few at once, the others wait without a thread or a connection, and too many are sent away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from dashboard.errors import Crowded

MOST_WAITING = 400


class Turns:
    """Turns on the event loop, in the order of coming."""

    def __init__(self, at_once: int) -> None:
        self._free = asyncio.Semaphore(at_once)
        self._waiting = 0

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Raises Crowded when too many wait already."""
        if self._waiting >= MOST_WAITING:
            raise Crowded(f"{self._waiting} wait already")
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._free.release()

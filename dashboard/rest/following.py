"""Changes since a round for programs: pages, a page that waits for something to tell, and a stream of them."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from dashboard.rest.answers import plain_values, row
from dashboard.rest.problems import Problem
from identity.changes import Change, Changes, Mark
from schemas.contract import Contract

EVENTS: Final = "text/event-stream"
LONGEST_WAIT_S: Final = 30.0
LOOK_EVERY_S: Final = 0.25  # how soon a new round is told
KEEP_ALIVE_S: Final = 15.0  # a comment at least so often, or proxies close a quiet connection
RETRY_S: Final = 10
Page = Callable[[Mark], Changes]  # reads the database


@dataclass
class Seats:
    """How many wait at a time, in all and of one token. For the event loop alone."""

    most: int
    each: int
    taken: Counter[int] = field(default_factory=Counter)

    def take(self, token: int) -> None:
        """A seat. Raises Problem when there is none."""
        if self.taken.total() >= self.most or self.taken[token] >= self.each:
            raise Problem("terlalu-sering", headers={"Retry-After": str(RETRY_S)})
        self.taken[token] += 1

    def give(self, token: int) -> None:
        """It back."""
        self.taken[token] -= 1
        self.taken += Counter()  # forgets who has none


class SeatedStream(StreamingResponse):
    """A stream whose seat is given back at its end: also when the reader has left before the first piece."""

    def __init__(self, pieces: AsyncIterator[bytes], give_back: Callable[[], None]) -> None:
        super().__init__(pieces, media_type=EVENTS)
        self._give_back = give_back

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._give_back()


def told(contract: Contract, found: Changes) -> dict[str, Any]:
    """A page as JSON. With `next` null, all that is in rounds up to `round` is told."""
    return {
        "changes": [_change(contract, each) for each in found.found],
        "round": found.round,
        "next": None if found.onward is None else found.onward.write(),
    }


def _change(contract: Contract, change: Change) -> dict[str, Any]:
    if change.record is None:
        return {"key": change.key, "round": change.round, "deleted": True, "values": None, "masked": []}
    shown = row(contract, change.record)
    values = plain_values(contract, change.record)
    return {"key": change.key, "round": change.round, "deleted": False, "values": values, "masked": shown["masked"]}


async def wait_for(page: Page, after: Mark, wait_s: float) -> Changes:
    """The changes behind a place; when there are none, those that come within so many seconds."""
    until = monotonic() + wait_s
    while True:
        found = await run_in_threadpool(page, after)
        if found.found or found.onward is not None or monotonic() >= until:
            return found
        after = Mark(found.round)
        await asyncio.sleep(min(LOOK_EVERY_S, max(until - monotonic(), 0)))


async def stream(
    contract: Contract, page: Page, after: Mark, *, life_s: float, still: Callable[[], bool], recheck_s: float
) -> AsyncIterator[bytes]:
    """The same as server-sent events. An event has an `id`, for `Last-Event-ID`, when it ends what is told up to a
    round. It ends after `life_s`, and when `still` says no."""
    yield f"retry: {RETRY_S * 1000}\n\n".encode()
    end, quiet_since, checked = monotonic() + life_s, monotonic(), monotonic()
    while monotonic() < end:
        if monotonic() - checked >= recheck_s:
            if not await run_in_threadpool(still):
                return
            checked = monotonic()
        found = await run_in_threadpool(page, after)
        if found.found:
            data = json.dumps(told(contract, found), ensure_ascii=True, separators=(",", ":"))
            mark = f"id: {found.round}\n" if found.onward is None else ""
            yield f"{mark}event: changes\ndata: {data}\n\n".encode()
            quiet_since = monotonic()
        after = found.onward or Mark(found.round)
        if found.onward is None:
            if monotonic() - quiet_since >= KEEP_ALIVE_S:
                yield b": masih tersambung\n\n"
                quiet_since = monotonic()
            await asyncio.sleep(LOOK_EVERY_S)

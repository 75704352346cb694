"""Live figures: server-sent events. One rendering for all readers; a reader gets the regions that changed."""

import asyncio
import json
import logging
import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

from dashboard.errors import StreamsFull
from dashboard.settings import Settings

log = logging.getLogger(__name__)

KEEP_ALIVE_S = 15.0  # a comment at least so often, or proxies close a quiet connection
RETRY_MS = 2000  # the browser connects again after this
_MARK = re.compile(r"([0-9a-f]{16})-([0-9]{1,15})")  # <this process>-<revision>, our `id:`


class Broadcast:
    """The newest text of each region. Written by any one thread, read on the event loop."""

    def __init__(self, *, limit: int, each: int) -> None:
        """At most `limit` readers in all, and `each` of one person."""
        self._limit, self._each = limit, each
        self._process = secrets.token_hex(8)
        self._revision = 0
        self._regions: dict[str, tuple[int, str]] = {}  # name: revision of the last change, HTML
        self._seats: set[asyncio.Event] = set()
        self._taken: Counter[int] = Counter()  # seats by person
        self._loop: asyncio.AbstractEventLoop | None = None
        self._closed = False

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def close(self) -> None:
        """End every stream. On the event loop."""
        self._closed = True
        self._wake()

    @property
    def closed(self) -> bool:
        return self._closed

    @property
    def readers(self) -> int:
        return len(self._seats)

    def publish(self, regions: Mapping[str, str]) -> None:
        """Take the regions' new texts; those that are as before cost nobody anything."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._take, dict(regions))

    @contextmanager
    def seat(self, reader: int) -> Iterator[asyncio.Event]:
        """A place among the readers: an event that is set at every change. Raises StreamsFull."""
        if len(self._seats) >= self._limit or self._taken[reader] >= self._each:
            raise StreamsFull(f"{self._taken[reader]} live connections of one person, {len(self._seats)} in all")
        event = asyncio.Event()
        self._seats.add(event)
        self._taken[reader] += 1
        try:
            yield event
        finally:
            self._seats.discard(event)
            self._taken[reader] -= 1
            self._taken += Counter()  # forgets who has none

    def resume(self, mark: str | None) -> int:
        """The revision after which a reader goes on; 0 (everything) unless this process wrote the mark."""
        match = _MARK.fullmatch(mark or "")
        if match is None or match[1] != self._process:
            return 0
        revision = int(match[2])
        return revision if revision <= self._revision else 0

    def changes(self, after: int) -> tuple[int, bytes]:
        """The revision now, and one event with the regions that changed after `after`; empty if none did."""
        changed = {name: html for name, (revision, html) in self._regions.items() if revision > after}
        if not changed:
            return self._revision, b""
        data = json.dumps(changed, ensure_ascii=True, separators=(",", ":"))  # one line, whatever is in it
        return self._revision, f"id: {self._process}-{self._revision}\ndata: {data}\n\n".encode("ascii")

    def _take(self, regions: dict[str, str]) -> None:
        changed = {name: html for name, html in regions.items() if self._regions.get(name, (0, None))[1] != html}
        if changed:
            self._revision += 1
            self._regions |= {name: (self._revision, html) for name, html in changed.items()}
            self._wake()

    def _wake(self) -> None:
        for event in self._seats:
            event.set()


class EventStream(Response):
    """The stream of one reader. A reader who does not take a piece within `send_timeout_s` is dropped.

    It ends after `stream_life_s`, and as soon as `still_allowed` (asked in a thread every `recheck_s`) says no; the
    browser then connects again and passes every check of a new request.
    """

    def __init__(
        self,
        broadcast: Broadcast,
        mark: str | None,
        *,
        reader: int,
        still_allowed: Callable[[], bool],
        settings: Settings,
    ) -> None:
        super().__init__(media_type="text/event-stream; charset=utf-8")
        del self.headers["content-length"]
        self._broadcast, self._mark, self._reader = broadcast, mark, reader
        self._still_allowed = still_allowed
        self._send_timeout_s, self._life_s = settings.send_timeout_s, settings.stream_life_s
        self._recheck_s = settings.recheck_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._serve(receive, send)
        except StreamsFull:
            text = "Terlalu banyak halaman langsung terbuka. Halaman tetap dapat dimuat ulang."
            await PlainTextResponse(text, 503, {"Retry-After": "30"})(scope, receive, send)

    async def _serve(self, receive: Receive, send: Send) -> None:
        with self._broadcast.seat(self._reader) as changed:
            writing = asyncio.ensure_future(self._write(send, changed))
            leaving = asyncio.ensure_future(_until_gone(receive))
            allowed = asyncio.ensure_future(self._until_forbidden())
            parts = (writing, leaving, allowed)
            try:
                await asyncio.wait(parts, timeout=self._life_s, return_when=asyncio.FIRST_COMPLETED)
            finally:
                gone = leaving.done()
                for part in parts:
                    part.cancel()
                outcome, *_ = await asyncio.gather(*parts, return_exceptions=True)
        if isinstance(outcome, TimeoutError):
            log.info("a reader of the live figures was too slow and was dropped")
        elif isinstance(outcome, Exception):
            raise outcome
        elif not gone:
            await self._piece(send, b"", more=False)

    async def _write(self, send: Send, changed: asyncio.Event) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await self._piece(send, f"retry: {RETRY_MS}\n\n".encode("ascii"))
        revision = self._broadcast.resume(self._mark)
        while not self._broadcast.closed:
            changed.clear()
            revision, piece = self._broadcast.changes(revision)
            if piece:
                await self._piece(send, piece)
                continue
            try:
                await asyncio.wait_for(changed.wait(), KEEP_ALIVE_S)
            except TimeoutError:
                await self._piece(send, b": masih tersambung\n\n")

    async def _until_forbidden(self) -> None:
        """Ends when the reader may no longer see this; PostgreSQL's absence is no answer."""
        while True:
            await asyncio.sleep(self._recheck_s)
            if not await run_in_threadpool(self._still_allowed):
                return

    async def _piece(self, send: Send, body: bytes, *, more: bool = True) -> None:
        piece = {"type": "http.response.body", "body": body, "more_body": more}
        await asyncio.wait_for(send(piece), self._send_timeout_s)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

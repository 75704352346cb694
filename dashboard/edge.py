"""What every request passes: the host check, the security headers, and the last net for a fault of ours."""

import logging
from collections.abc import Callable, Mapping
from typing import Final

from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000"}  # seconds: a year; over plain HTTP it may not be sent


class Edge:
    """Outermost layer of the application."""

    def __init__(self, app: ASGIApp, *, hosts: frozenset[str], fault: Callable[[str], Response]) -> None:
        self._app, self._hosts, self._fault = app, hosts, fault

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_with_headers(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                told = TOLD_BY_HTTPS if scope["scheme"] == "https" else TOLD
                given = [each for each in message["headers"] if each[0] not in OURS]
                keeps = any(name == CACHING[0] for name, _ in given)
                message["headers"] = [*given, *told] if keeps else [*given, *told, CACHING]
            await send(message)

        if not self._is_ours([value for name, value in scope["headers"] if name == b"host"]):
            refusal = PlainTextResponse("Alamat ini tidak dilayani.", status_code=400)
            await refusal(scope, receive, send_with_headers)
            return
        try:
            await self._app(scope, receive, send_with_headers)
        except Exception:
            log.exception("a page could not be drawn", extra={"path": scope["path"]})
            if started:
                raise
            await self._fault(scope["path"])(scope, receive, send_with_headers)

    def _is_ours(self, hosts: list[bytes]) -> bool:
        """One `Host`, a name of ours, with any port."""
        return len(hosts) == 1 and hosts[0].decode("latin-1").rsplit(":", 1)[0].lower() in self._hosts


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


# Once, as every answer has them.
TOLD: Final = _raw(HEADERS)
TOLD_BY_HTTPS: Final = _raw(HEADERS | HTTPS_ONLY)
OURS: Final = frozenset(name for name, _ in TOLD_BY_HTTPS)
CACHING: Final = (b"cache-control", b"no-store")  # where a route says nothing of it

"""What the services read of a request: broken, doubtful and endless ones are refused, and none waits in memory."""

import socket
import threading
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from cli.bounded_http import MOST_BYTES, BoundedHttp
from tests.eventually import eventually

HEAD = b"POST / HTTP/1.1\r\nHost: x\r\n"
GET = b"GET / HTTP/1.1\r\nHost: x\r\n"
REFUSED, TAKEN = b"HTTP/1.1 400", b"HTTP/1.1 200"
# What comes, and how the answer begins; b"" where the line is closed without one.
SAID = {
    "a request": (GET + b"\r\n", TAKEN),
    "long cookies": (GET + b"Cookie: " + b"a" * 30_000 + b"\r\n\r\n", TAKEN),
    "a body in pieces": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\na\r\n" * 40_000 + b"0\r\n\r\n", TAKEN),
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", REFUSED),
    "two lengths": (HEAD + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", REFUSED),
    "a length and pieces": (
        HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", REFUSED,
    ),
    "a length that is none": (HEAD + b"Content-Length: +1\r\n\r\na", REFUSED),
    "a blank before the colon": (GET + b"Content-Length : 1\r\n\r\n", REFUSED),
    "a folded line": (GET + b"X: a\r\n b\r\n\r\n", REFUSED),
    "a control character in a value": (GET + b"X: a\x00b\r\n\r\n", REFUSED),
    "pieces of a length that is none": (HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\n", REFUSED),
    "an endless line": (GET + b"X: " + b"a" * 4 * MOST_BYTES, REFUSED),
    "endless lines": (GET + b"X: a\r\n" * MOST_BYTES, REFUSED),
    "an endless address": (b"GET /" + b"a" * 4 * MOST_BYTES, REFUSED),
    "endless lines behind a body": (
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n" + b"X: a\r\n" * MOST_BYTES, REFUSED,
    ),
}  # fmt: skip


async def length(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    app = Starlette(routes=[Route("/", length, methods=["GET", "POST"])])
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, http=BoundedHttp, loop="asyncio", log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    eventually(lambda: server.started, until=bool)
    yield int(listener.getsockname()[1])
    server.should_exit = True
    thread.join(timeout=10)
    listener.close()


def answer_to(port: int, said: bytes) -> bytes:
    """What comes back until the line is closed or an answer's head is there; nothing where the server just hangs up."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as line:
        got = b""
        try:
            line.sendall(said)
            while b"\r\n\r\n" not in got and (piece := line.recv(4096)):
                got += piece
        except ConnectionError:  # closed while much more was still on its way
            return got or REFUSED
        return got


@pytest.mark.parametrize("about", SAID)
def test_a_request_is_taken_or_refused(port: int, about: str) -> None:
    said, begins = SAID[about]

    assert answer_to(port, said)[: len(begins)] == begins


def test_the_service_goes_on_after_all_of_them(port: int) -> None:
    for said, _ in SAID.values():
        answer_to(port, said)

    assert answer_to(port, GET + b"\r\n").startswith(TAKEN)

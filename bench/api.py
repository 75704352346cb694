"""Speed of the reference API: single rows at a steady rate, and all rows as one file."""

import re
import select
import socket
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil

CONNECTIONS = 16
PERCENTILES = {"p50": 0.50, "p99": 0.99, "p99.9": 0.999, "max": 1.0}
MIB = 1_048_576
FIRST_S = 1.0  # connections are opened and tokens looked up, for all clients at once; told by itself
PATIENCE_S = 30.0  # for an answer
_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Load:
    """Requests for one row each, at a steady rate, over connections that stay open."""

    url: str  # of the web process
    tokens: Sequence[str]  # used in turn, as one token may not ask so often
    paths: Sequence[str]
    rate: int  # requests a second
    seconds: float

    @property
    def requests(self) -> int:
        return int(self.rate * self.seconds)


def run(load: Load) -> dict[str, Any]:
    """Latencies in milliseconds from the moment at which each request was due, so that a stall is not left out."""
    taken, late = _all(load)
    first = int(load.rate * FIRST_S)
    return {
        "requests": load.requests,
        "per_second": load.rate,
        "first_second_ms": _percentiles(taken[:first]),
        "latency_ms": _percentiles(taken[first:]),  # of those after it
        "sent_late_ms": _percentiles(late[first:]),  # of it: before the client had a core and a free connection
    }


def _percentiles(seconds: Sequence[float]) -> dict[str, float]:
    ordered = sorted(seconds)
    return {
        name: round(ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000, 2)
        for name, part in PERCENTILES.items()
    }


def _all(load: Load) -> tuple[list[float], list[float]]:
    """Seconds from when each request was due until its answer was there; and until it was sent: the client had no core
    then, or no connection was free. Raises RuntimeError for an answer that is not 200.

    One thread and plain sockets, as each microsecond that this takes is taken from the server on the same machine.
    """
    where = urlsplit(load.url)
    free = deque(_Wire(where.hostname or "", where.port or 80) for _ in range(CONNECTIONS))
    every, busy = [*free], dict[int, _Wire]()
    taken, late = list[float](), list[float]()
    sent, start = 0, time.perf_counter() + 0.2
    try:
        while len(taken) < load.requests:
            now = time.perf_counter()
            while free and sent < load.requests and start + sent / load.rate <= now:
                wire, due = free.popleft(), start + sent / load.rate
                wire.ask(_request(load, where.netloc, sent), due)
                late.append(time.perf_counter() - due)
                busy[wire.number], sent = wire, sent + 1
            next_due = start + sent / load.rate - time.perf_counter()
            wait_s = max(0.0, next_due) if free and sent < load.requests else PATIENCE_S
            ready, _, _ = select.select(busy, [], [], wait_s)
            if not ready and wait_s == PATIENCE_S:
                raise RuntimeError(f"no answer within {PATIENCE_S:.0f} s")
            for number in ready:
                if busy[number].has_answer():
                    wire = busy.pop(number)
                    taken.append(time.perf_counter() - wire.due)
                    free.append(wire)
    finally:
        for wire in every:
            wire.close()
    return taken, late


def _request(load: Load, host: str, number: int) -> bytes:
    path, token = load.paths[number % len(load.paths)], load.tokens[number % len(load.tokens)]
    return f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n".encode()


class _Wire:
    """One connection that stays open, with one request at a time."""

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.number = self._socket.fileno()
        self.due = 0.0
        self._got = b""

    def ask(self, request: bytes, due: float) -> None:
        self.due, self._got = due, b""
        self._socket.sendall(request)

    def has_answer(self) -> bool:
        """Takes what is there; whether the answer is whole."""
        piece = self._socket.recv(65_536)
        self._got += piece
        head, found, body = self._got.partition(b"\r\n\r\n")
        if not piece or (found and not head.startswith(b"HTTP/1.1 200 ")):
            raise RuntimeError(f"the API answered {head[:12].decode('latin-1')}")
        return bool(found) and len(body) >= _length(head)

    def close(self) -> None:
        self._socket.close()


def _length(head: bytes) -> int:
    match = _LENGTH.search(head)
    if match is None:
        raise RuntimeError("an answer without its length")
    return int(match[1])


def export(url: str, token: str, path: str, pid: int) -> dict[str, Any]:
    """All rows as NDJSON: rows a second, and how much the web process's memory grew meanwhile at most."""
    process = psutil.Process(pid)
    before = most = process.memory_info().rss
    rows, size = 0, 0
    began = time.perf_counter()
    with httpx.stream(
        "GET", url.rstrip("/") + path, headers={"Authorization": f"Bearer {token}"}, timeout=120
    ) as answer:
        if answer.status_code != 200:
            raise RuntimeError(f"the API answered {answer.status_code}: {answer.read().decode()}")
        for piece in answer.iter_bytes():
            rows, size = rows + piece.count(b"\n"), size + len(piece)
            most = max(most, process.memory_info().rss)
    seconds = time.perf_counter() - began
    return {
        "rows": rows,
        "rows_per_second": round(rows / seconds),
        "mib": round(size / MIB, 1),
        "memory_grew_mib": round((most - before) / MIB, 1),
    }

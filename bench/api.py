"""Speed of the reference API: single rows at a steady rate, and all rows as one file."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import psutil

CONNECTIONS = 16
PERCENTILES = {"p50": 0.50, "p99": 0.99, "max": 1.0}
MIB = 1_048_576


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
    latencies = asyncio.run(_all(load))
    ordered = sorted(latencies)
    return {
        "requests": load.requests,
        "per_second": load.rate,
        "latency_ms": {
            name: round(ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000, 2)
            for name, part in PERCENTILES.items()
        },
    }


async def _all(load: Load) -> list[float]:
    numbers = iter(range(load.requests))
    start = time.perf_counter() + 0.2
    parts = await asyncio.gather(*(_connection(load, numbers, start) for _ in range(CONNECTIONS)))
    return [each for part in parts for each in part]


async def _connection(load: Load, numbers: Any, start: float) -> list[float]:
    """Takes the next request that is due, until there is none. Raises RuntimeError for an answer that is not 200."""
    where = urlsplit(load.url)
    reader, writer = await asyncio.open_connection(where.hostname, where.port)
    taken: list[float] = []
    for number in numbers:
        due = start + number / load.rate
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        path, token = load.paths[number % len(load.paths)], load.tokens[number % len(load.tokens)]
        writer.write(f"GET {path} HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer {token}\r\n\r\n".encode())
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"the API answered {head[:12].decode('latin-1')}")
        await reader.readexactly(_length(head))
        taken.append(time.perf_counter() - due)
    writer.close()
    await writer.wait_closed()
    return taken


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    raise RuntimeError("an answer without its length")


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

"""Speed of the registry: look-ups by id over kept connections, with a token; and a version that has many before it."""

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

import httpx

LINES: Final = 4
ENOUGH_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class Door:
    """Where the registry is, and how one signs in."""

    url: str
    token: str  # of a service, for look-ups
    writer: tuple[str, str]  # name and password of who may register


def look_up(door: Door, schema_id: int, count: int) -> float:
    """Ask `count` times for a schema over one connection, one question after the other; the seconds it took."""
    where = urlsplit(door.url)
    question = (
        f"GET /schemas/ids/{schema_id} HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer {door.token}\r\n"
        "Accept: application/vnd.schemaregistry.v1+json\r\n\r\n"
    ).encode()
    with socket.create_connection((where.hostname, where.port)) as line:
        line.sendall(question)
        size = len(_one_answer(line))
        began = time.monotonic()
        for _ in range(count):
            line.sendall(question)
            _expect(line, size)
        return time.monotonic() - began


def look_up_side_by_side(door: Door, schema_id: int, count: int) -> float:
    """The same over LINES connections at once, `count` questions in all."""
    began = time.monotonic()
    with ThreadPoolExecutor(LINES) as lines:
        list(lines.map(lambda share: look_up(door, schema_id, share), [count // LINES] * LINES))
    return time.monotonic() - began


def _one_answer(line: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += line.recv(ENOUGH_BYTES)
    head, _, body = data.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        raise ValueError(head.decode("latin-1"))
    length = next(
        int(each.split(b":")[1]) for each in head.lower().split(b"\r\n") if each.startswith(b"content-length")
    )
    while len(body) < length:
        body += line.recv(ENOUGH_BYTES)
    return head + b"\r\n\r\n" + body


def _expect(line: socket.socket, size: int) -> None:
    """Take an answer of `size` bytes that is a 200."""
    data = bytearray()
    while len(data) < size:
        data += line.recv(ENOUGH_BYTES)
    if len(data) != size or not data.startswith(b"HTTP/1.1 200 "):
        raise ValueError("an answer differs from the first")


def last_of_many(door: Door, subject: str, schema: dict[str, Any], versions: int) -> float:
    """Make `versions - 1` versions of a subject, then one more that is held against them all: its seconds.

    Each has another optional field than the others, so that the level FULL_TRANSITIVE takes it.
    """
    with httpx.Client(base_url=door.url, auth=door.writer, timeout=60, trust_env=False) as client:
        _put_level(client, subject, "NONE")
        for number in range(1, versions):
            _register(client, subject, schema, number)
        _put_level(client, subject, "FULL_TRANSITIVE")
        began = time.monotonic()
        _register(client, subject, schema, versions)
        return time.monotonic() - began


def _put_level(client: httpx.Client, subject: str, level: str) -> None:
    client.put(f"/config/{subject}", json={"compatibility": level}).raise_for_status()


def _register(client: httpx.Client, subject: str, schema: dict[str, Any], number: int) -> None:
    more = {"name": f"tambahan_{number}", "type": ["null", "string"], "default": None}
    text = json.dumps({**schema, "fields": [*schema["fields"], more]})
    client.post(f"/subjects/{subject}/versions", json={"schema": text}).raise_for_status()

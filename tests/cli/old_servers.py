"""Servers of earlier times, as far as a client sees them before it has signed in."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# ListOffsets, the request by which Kafka 3.0 is known, as Kafka 2.8 had it.
KAFKA_2_8 = ((3, 0, 11), (2, 0, 6), (18, 0, 3))


def old_kafka(link: socket.socket) -> None:
    """Answers what requests it knows."""
    (size,) = struct.unpack("!i", link.recv(4))
    number = struct.unpack("!hhi", link.recv(size)[:8])[2]
    rows = b"".join(struct.pack("!hhh", *row) for row in KAFKA_2_8)
    answer = struct.pack("!ihi", number, 0, len(KAFKA_2_8)) + rows
    link.sendall(struct.pack("!i", len(answer)) + answer)


def old_postgres(link: socket.socket) -> None:
    """Refuses encryption, lets everybody in, and says that it is PostgreSQL 15."""
    while (request := link.recv(4096)) and struct.unpack("!ii", request[:8])[1] in (80877103, 80877104):
        link.sendall(b"N")
    told = {"server_version": "15.4", "client_encoding": "UTF8", "standard_conforming_strings": "on"}
    said = message(b"R", struct.pack("!i", 0))
    for name, value in told.items():
        said += message(b"S", f"{name}\0{value}\0".encode())
    link.sendall(said + message(b"K", struct.pack("!ii", 1, 1)) + message(b"Z", b"I"))
    link.recv(4096)


def message(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("!i", len(content) + 4) + content


@contextmanager
def answering(answer: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server that answers each connection so; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=serve, args=(server, answer), daemon=True).start()
        yield server.getsockname()[1]


def serve(server: socket.socket, answer: Callable[[socket.socket], None]) -> None:
    while True:
        try:
            link, _ = server.accept()
        except OSError:
            return
        with link:
            try:
                answer(link)
            except OSError:
                continue

"""TLS in front of a PostgreSQL that was built without, as a connection pooler offers it."""

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

REQUEST_BYTES = 8  # SSLRequest: length and code


@contextmanager
def door(certificate: Path, postgres: int) -> Iterator[int]:
    """Asks for TLS, then hands everything through to the server on port `postgres`; gives its own port."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=admit, args=(server, context, postgres), daemon=True).start()
        yield server.getsockname()[1]


def admit(server: socket.socket, context: ssl.SSLContext, postgres: int) -> None:
    while True:
        try:
            link, _ = server.accept()
        except OSError:
            return
        threading.Thread(target=lead, args=(link, context, postgres), daemon=True).start()


def lead(link: socket.socket, context: ssl.SSLContext, postgres: int) -> None:
    """One client: TLS with it, none with the server, each direction in a thread of its own."""
    with link:
        try:
            if len(link.recv(REQUEST_BYTES, socket.MSG_WAITALL)) < REQUEST_BYTES:
                return
            link.sendall(b"S")
            with (
                context.wrap_socket(link, server_side=True) as inside,
                socket.create_connection(("127.0.0.1", postgres)) as behind,
            ):
                back = threading.Thread(target=pump, args=(behind, inside), daemon=True)
                back.start()
                pump(inside, behind)
                back.join()
        except OSError:
            return


def pump(source: socket.socket, target: socket.socket) -> None:
    """Until one side ends; then both do."""
    try:
        while data := source.recv(1 << 16):
            target.sendall(data)
    except OSError:
        pass
    for each in (source, target):
        try:
            each.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue

"""A TCP relay in front of PostgreSQL that a test closes (connections refused, open ones cut) and opens again."""

import contextlib
import socket
import threading


class Relay:
    """Forwards 127.0.0.1:`port` to `target` while it is open. Starts closed."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target = target
        with socket.create_server(("127.0.0.1", 0)) as reserved:
            self.port: int = reserved.getsockname()[1]
        self._listener: socket.socket | None = None
        self._open: list[socket.socket] = []
        self._changing = threading.Lock()

    def open(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def close(self) -> None:
        with self._changing:
            listener, self._listener = self._listener, None
            sockets, self._open = self._open, []
        if listener is not None:
            _cut(listener)
        for each in sockets:
            _cut(each)

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
                server = socket.create_connection(self._target)
            except OSError:
                return
            with self._changing:
                late = self._listener is not listener  # taken while it closed: nobody else would cut it
                if not late:
                    self._open += [client, server]
            if late:
                _cut(client)
                _cut(server)
                return
            for source, sink in ((client, server), (server, client)):
                threading.Thread(target=_pump, args=(source, sink), daemon=True).start()


def _cut(each: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the other side was faster
        each.shutdown(socket.SHUT_RDWR)
    each.close()


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):  # cut: what the test wants
        while data := source.recv(65_536):
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)

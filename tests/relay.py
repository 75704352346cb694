"""A TCP relay in front of a server that a test closes (connections refused, open ones cut), opens again, lets fall
silent, or has cut a connection at certain bytes."""

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
        self._cut_at: tuple[bytes, bool] | None = None
        self._talks = threading.Event()
        self._talks.set()
        self.cuts = 0

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

    def cut_at(self, words: bytes, *, passed_on: bool) -> None:
        """Cut the next connection whose client says these words: before the server hears them, or, `passed_on`, after
        that and before the client hears the answer. Once; `cuts` counts."""
        self._cut_at = words, passed_on

    def fall_silent(self) -> None:
        """Keep every connection open and pass nothing on, as a broken line does."""
        self._talks.clear()

    def talk(self) -> None:
        """Pass everything on again."""
        self._talks.set()

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
                threading.Thread(target=self._pump, args=(source, sink, client), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, client: socket.socket) -> None:
        with contextlib.suppress(OSError):  # cut: what the test wants
            while data := source.recv(65_536):
                self._talks.wait()
                if source is client and self._cut_at is not None and self._cut_at[0] in data:
                    passed_on, self._cut_at = self._cut_at[1], None
                    client.shutdown(socket.SHUT_RDWR)
                    if passed_on:
                        sink.sendall(data)
                    self.cuts += 1
                    break
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)


def _cut(each: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the other side was faster
        each.shutdown(socket.SHUT_RDWR)
    each.close()

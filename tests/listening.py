"""A free port for a server in a thread of the test run."""

import socket


def free_port() -> socket.socket:
    """A socket bound to one, for uvicorn to listen on.

    With the protocol named: asyncio switches Nagle's algorithm off only then, and each request on a connection that
    stays open waits 40 ms with it.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    return listener

"""Reading requests for the services: httptools, with a limit to what a request may say beside its body.

uvicorn's protocol over httptools keeps header lines as they come, however many there are; its one over h11 does not.
"""

from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_BYTES: Final = 65_536  # of a request's head, of what frames its body, or of what comes behind it, as h11 had it
TOO_MUCH: Final = "Request head too large."


class BoundedHttp(HttpToolsProtocol):
    """Ends a connection on which so much came without a head that ends or a body that goes on."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._without_progress = 0  # bytes

    def data_received(self, data: bytes) -> None:
        """From the socket: at most 64 KiB or so at a time."""
        self._without_progress += len(data)
        super().data_received(data)
        if self._without_progress > MOST_BYTES and not self.transport.is_closing():
            self.send_400_response(TOO_MUCH)

    def on_headers_complete(self) -> None:
        """The head has ended."""
        self._without_progress = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """The body goes on."""
        self._without_progress = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The next head may come."""
        self._without_progress = 0
        super().on_message_complete()

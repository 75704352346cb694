"""Schemas by their id, remembered for a moment as they were answered: the one thing that every client asks often.

What an id stands for never changes. That it is no longer there is seen at once by the process that removes it, and by
the others when the moment is over.
"""

import re
from time import monotonic
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from identity.bearer import bearer_of
from identity.token_cache import BELIEVED_S
from registry.accounts import Accounts, Tokens

MAX_BYTES: Final = 32 << 20  # of all bodies that are remembered
_PATH: Final = re.compile(rb"/schemas/ids/[0-9]{1,10}")
_Answer = tuple[float, Message, Message]  # until when, head, body


class Remembered:
    """Answers such a question itself when it has the answer and knows who asks; else the application does."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._answers: dict[tuple[bytes, bytes, bytes], _Answer] = {}
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif scope["method"] not in ("GET", "HEAD"):
            await self._app(scope, receive, send)
            self._forget()  # it may have removed something
        elif scope["method"] == "GET" and _PATH.fullmatch(scope.get("raw_path") or b""):
            headers = dict(scope["headers"])
            question = (scope["raw_path"], scope["query_string"], headers.get(b"accept", b""))
            until, head, body = self._answers.get(question, (0.0, {}, {}))
            if monotonic() < until and _is_known(scope, headers.get(b"authorization", b"").decode("latin-1")):
                await send(head)
                await send(body)
            else:
                await self._app(scope, receive, self._listening(question, send))
        else:
            await self._app(scope, receive, send)

    def _listening(self, question: tuple[bytes, bytes, bytes], send: Send) -> Send:
        """Passes an answer on and remembers it when it is a good one in one piece."""
        head: Message | None = None

        async def listening(message: Message) -> None:
            nonlocal head
            if message["type"] == "http.response.start":
                head = message if message["status"] == 200 else None
            elif head is not None and not message.get("more_body"):
                self._keep(question, head, message)
            await send(message)

        return listening

    def _keep(self, question: tuple[bytes, bytes, bytes], head: Message, body: Message) -> None:
        self._bytes += len(body.get("body", b"")) + sum(map(len, question))
        if self._bytes > MAX_BYTES:
            self._forget()
        self._answers[question] = (monotonic() + BELIEVED_S, head, body)

    def _forget(self) -> None:
        self._answers.clear()
        self._bytes = 0


def _is_known(scope: Scope, authorization: str) -> bool:
    """Whether this asker may read, as far as can be said without the database."""
    state = scope["app"].state
    tokens: Tokens = state.tokens
    accounts: Accounts = state.accounts
    token = bearer_of(authorization)
    return (accounts.caller(authorization) if token is None else tokens.known(token)) is not None

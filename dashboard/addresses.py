"""How the addresses of one subject are written down: none without what it needs."""

from collections.abc import Callable
from typing import Any, TypeVar

from fastapi import APIRouter, Depends

from dashboard.guard import Guard, Need

Handler = TypeVar("Handler", bound=Callable[..., Any])


class Addresses:
    """Routes of one subject; `router` holds them."""

    def __init__(self) -> None:
        self.router = APIRouter()

    def page(self, path: str, need: Need, *, for_programs: bool = False) -> Callable[[Handler], Handler]:
        """A page to look at; it changes nothing."""
        return self._route(path, ["GET", "HEAD"], Guard(need, for_programs=for_programs))

    def stream(self, path: str, need: Need) -> Callable[[Handler], Handler]:
        """A page's live part: whoever has no right to it gets a status instead of a page."""
        return self._route(path, ["GET"], Guard(need, for_programs=True))

    def act(self, path: str, need: Need, *, with_file: bool = False) -> Callable[[Handler], Handler]:
        """What a form of ours may send; `with_file`: also one that brings a file."""
        return self._route(path, ["POST"], Guard(need, with_file=with_file))

    def read(self, path: str, guard: Guard) -> Callable[[Handler], Handler]:
        """What a program reads, with a guard that knows programs."""
        return self._route(path, ["GET", "HEAD"], guard)

    def _route(self, path: str, methods: list[str], guard: Guard) -> Callable[[Handler], Handler]:
        return self.router.api_route(path, methods=methods, dependencies=[Depends(guard)])

"""Which program calls: the guard of addresses that are opened by a service token instead of a session."""

import math
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from dashboard.guard import Guard
from dashboard.rest.problems import Problem
from dashboard.site import site_of
from identity.bearer import bearer_of
from identity.permissions import Permission
from identity.principals import TokenPrincipal

API: Final = "/api/"  # below it every answer is for programs


class TokenGuard(Guard):
    """The first dependency of a route for programs: a valid token with the permission, not too often."""

    def __init__(self, need: Permission) -> None:
        super().__init__(need, for_programs=True)
        self._permission = need

    async def __call__(self, request: Request) -> None:
        token = bearer_of(request.headers.get("authorization"))
        if token is None:
            raise Problem("token-diperlukan")
        rest = site_of(request).rest
        found = rest.tokens.known(token) or await run_in_threadpool(rest.tokens.principal, token)
        if found is None:
            raise Problem("token-tidak-berlaku")
        wait = rest.buckets.wait(found.token_id)
        if wait > 0:
            raise Problem("terlalu-sering", headers={"Retry-After": str(math.ceil(wait))})
        if not found.may(self._permission):
            raise Problem("token-tanpa-hak", f"Token ini tidak diterbitkan untuk {self._permission}.")
        request.state.program = found


async def _program(request: Request) -> TokenPrincipal:
    program: TokenPrincipal = request.state.program
    return program


Program = Annotated[TokenPrincipal, Depends(_program)]

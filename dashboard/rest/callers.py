"""Which program calls: the guard of addresses that are opened by a service token instead of a session."""

import math
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import Depends, Request
from starlette.concurrency import run_in_threadpool

from dashboard.database import Pool, writing
from dashboard.guard import Guard
from dashboard.rest.problems import Problem
from dashboard.site import site_of
from identity.bearer import bearer_of
from identity.permissions import Permission
from identity.principals import TokenPrincipal
from identity.tokens import principal_of_token

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
        site = site_of(request)
        found = site.tokens.known(token) or await run_in_threadpool(site.tokens.principal, token)
        if found is None:
            raise Problem("token-tidak-berlaku")
        wait = site.buckets.wait(found.token_id)
        if wait > 0:
            raise Problem("terlalu-sering", headers={"Retry-After": str(math.ceil(wait))})
        if not found.may(self._permission):
            raise Problem("token-tanpa-hak", f"Token ini tidak diterbitkan untuk {self._permission}.")
        request.state.program = found


def principal_of(writers: Pool, token: str) -> TokenPrincipal | None:
    """Whom the token is of, as the database says; it notes that the token was used."""
    with writing(writers) as conn:
        return principal_of_token(conn, token, now=datetime.now(UTC))


async def _program(request: Request) -> TokenPrincipal:
    program: TokenPrincipal = request.state.program
    return program


Program = Annotated[TokenPrincipal, Depends(_program)]

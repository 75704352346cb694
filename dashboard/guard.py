"""Who may pass: every route says what it needs, and this decides for each request.

An unsafe request must moreover come from a page of ours (`Sec-Fetch-Site` or `Origin`) and bring back the token that
was written into that page for this session.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from enum import Enum
from typing import Annotated

from fastapi import Depends, Request
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Mount

from dashboard import cookies, forms, news, sessions, uploads
from dashboard.errors import Forbidden, NotOurForm, NotSignedIn, Undeclared
from dashboard.forms import Form
from dashboard.site import site_of
from dashboard.uploads import Upload
from dashboard.visit import Visit
from identity.permissions import Permission

SAFE = frozenset({"GET", "HEAD"})
MAX_BODY = 1_000_000  # bytes of a form (RELIABILITY §5)
FORM = "application/x-www-form-urlencoded"


class Open(Enum):
    """What stands in the place of a permission: for everybody, or for whoever is signed in, with or without a role."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"


PUBLIC, SIGNED_IN = Open.PUBLIC, Open.SIGNED_IN
Need = Permission | Open
OPEN_MOUNTS = frozenset({"/static"})  # style sheet, script and mark


class Guard:
    """The first dependency of a route. `for_programs`: refusals are a status, not a page. `with_file`: its form may
    bring one.
    """

    def __init__(self, need: Need, *, for_programs: bool = False, with_file: bool = False) -> None:
        self.need, self.for_programs, self.with_file = need, for_programs, with_file

    async def __call__(self, request: Request) -> None:
        unsafe = request.method not in SAFE
        if unsafe:
            must_be_ours(request)
            request.state.upload = None
            if self.with_file and kind_of(request) == uploads.KIND:
                request.state.form, request.state.upload = await uploads.read(request)
            else:
                request.state.form = await posted(request)
        visit = await self.visit(request)
        request.state.visit = visit
        if unsafe and not sessions.csrf_valid(visit.token, request.state.form["csrf"]):
            raise NotOurForm("the form's token is not this session's")
        if isinstance(self.need, Permission) and not visit.principal.may(self.need):
            raise Forbidden(self.need, for_programs=self.for_programs)

    async def visit(self, request: Request) -> Visit:
        """Raises NotSignedIn where a person is needed and none is there."""
        now = datetime.now(UTC)
        if self.need is PUBLIC:
            token = cookies.read(request, cookies.BEFORE) or cookies.fresh()
            return Visit(now, request.url.path, csrf=sessions.csrf_token(token), token=token)
        cookie = cookies.read(request, cookies.SESSION)
        found = await run_in_threadpool(sessions.find, site_of(request), cookie, request.url.path, now)
        if found is None:
            raise NotSignedIn(ended=cookie is not None, for_programs=self.for_programs)
        return replace(found, news=news.of(request.query_params.get(news.PARAMETER)))


def must_be_ours(request: Request) -> None:
    """Raises NotOurForm unless the browser says that a page of this very origin sends the request.

    Our pages send no referrer, for which browsers write `Origin: null`; `Sec-Fetch-Site` then has to say it alone.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    ours = f"{request.url.scheme}://{request.headers['host']}"
    if site is None and origin is None:
        raise NotOurForm("neither Sec-Fetch-Site nor Origin")
    if site not in (None, "same-origin"):
        raise NotOurForm("from another site")
    if origin not in ((ours,) if site is None else (ours, "null", None)):
        raise NotOurForm("from another origin")


def kind_of(request: Request) -> str:
    """The media type of the body, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def posted(request: Request) -> Form:
    """The form in the body; too much of it is 413, anything else than a form 415 or 400."""
    if kind_of(request) != FORM:
        raise HTTPException(415)
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY:
            raise HTTPException(413)
    try:
        return forms.read(bytes(body))
    except forms.NotAForm:
        raise HTTPException(400) from None


async def _visit(request: Request) -> Visit:
    visit: Visit = request.state.visit
    return visit


async def _form(request: Request) -> Form:
    form: Form = request.state.form
    return form


async def _upload(request: Request) -> Upload | None:
    upload: Upload | None = request.state.upload
    return upload


CurrentVisit = Annotated[Visit, Depends(_visit)]
Posted = Annotated[Form, Depends(_form)]
PostedFile = Annotated[Upload | None, Depends(_upload)]


def need_of(route: APIRoute) -> Need:
    """What a route needs. Raises Undeclared."""
    guards = [each.call for each in route.dependant.dependencies if isinstance(each.call, Guard)]
    if len(guards) != 1:
        raise Undeclared(f"{route.path} must say once what it needs: a permission, or PUBLIC")
    return guards[0].need


def must_be_declared(routes: Iterable[BaseRoute]) -> None:
    """Raises Undeclared for a route without a need."""
    for route in routes:
        if isinstance(route, APIRoute):
            need_of(route)
        elif not (isinstance(route, Mount) and route.path in OPEN_MOUNTS):
            raise Undeclared(f"{route} is neither a guarded route nor one of {sorted(OPEN_MOUNTS)}")

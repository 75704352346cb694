"""Kafka passwords of an agency's systems: fetched by its programmer, or with a code, and shown once.

The password is drawn here and is in this process's memory alone, until the keeper has told Kafka of it.
"""

from threading import Event
from time import monotonic
from typing import Annotated

from fastapi import Path, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from dashboard import cookies
from dashboard.addresses import Addresses
from dashboard.database import snapshot, writing
from dashboard.forms import Form
from dashboard.guard import PUBLIC, CurrentVisit, Posted
from dashboard.site import CurrentSite, Site
from dashboard.visit import Visit
from identity.actors import Actor
from identity.errors import LinkGone, Unknown
from identity.permissions import Permission
from registry.provisioning import credentials
from registry.provisioning.credentials import Asked, FetchableSystem

WAY = "/kredensial"
WAY_BY_CODE = f"{WAY}/kode"
LONGEST_CODE = 100
ASK_EVERY_S = 0.2
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
addresses = Addresses()


@addresses.page(WAY, Permission.FETCH_CREDENTIALS)
def overview(site: CurrentSite, visit: CurrentVisit) -> Response:
    with snapshot(site.pool) as conn:
        found = credentials.fetchable(conn, visit.principal.scope(Permission.FETCH_CREDENTIALS))
    return site.pages.page("credentials.html", visit, found=found)


@addresses.page(WAY_BY_CODE, PUBLIC)
def with_code(request: Request, site: CurrentSite, visit: CurrentVisit) -> Response:
    return _code_form(request, site, visit, Form())


@addresses.act(WAY_BY_CODE, PUBLIC)
def fetch_with_code(request: Request, site: CurrentSite, visit: CurrentVisit, form: Posted) -> Response:
    code = form.text("kode", "Kode", longest=LONGEST_CODE)
    if form.good:
        try:
            with writing(site.writers) as conn:
                asked = credentials.ask_by_code(conn, code, site.settings.credential_seal, now=visit.now)
        except LinkGone:
            form.refuse("kode", "Kode ini tidak berlaku. Mohon periksa ketikannya, atau minta kode baru.")
        else:
            if _told(site, visit, asked):
                return site.pages.page(
                    "credential_shown_by_code.html", visit, asked=asked, plain_http=is_plain(request)
                )
            return _not_told(site, visit, WAY_BY_CODE)
    return _code_form(request, site, visit, form)


@addresses.page(WAY + "/{number}", Permission.FETCH_CREDENTIALS)
def wanted(site: CurrentSite, visit: CurrentVisit, number: Number) -> Response:
    return site.pages.page("credential_fetch.html", visit, system=_system(site, visit, number))


@addresses.act(WAY + "/{number}", Permission.FETCH_CREDENTIALS)
def fetch(site: CurrentSite, visit: CurrentVisit, number: Number) -> Response:
    system = _system(site, visit, number)
    by = Actor.person(visit.principal, Permission.FETCH_CREDENTIALS, system.opd)
    try:
        with writing(site.writers) as conn:
            asked = credentials.ask(conn, system.id, site.settings.credential_seal, by=by, now=visit.now)
    except Unknown:
        raise HTTPException(404) from None
    if _told(site, visit, asked):
        return site.pages.page("credential_shown.html", visit, asked=asked, system=system)
    return _not_told(site, visit, f"{WAY}/{number}")


def _system(site: Site, visit: Visit, number: int) -> FetchableSystem:
    with snapshot(site.pool) as conn:
        found = credentials.fetchable(conn, visit.principal.scope(Permission.FETCH_CREDENTIALS))
    for each in found:
        if each.id == number and each.active:
            return each
    raise HTTPException(404)


def _told(site: Site, visit: Visit, asked: Asked) -> bool:
    """Whether Kafka has the password; waits for the keeper, and gives up in time for an answer."""
    pause, deadline = Event(), monotonic() + site.settings.credential_wait_s
    while monotonic() < deadline:
        with snapshot(site.pool) as conn:
            said = credentials.is_done(conn, asked)
        if said != "waiting":
            return said == "done"
        pause.wait(ASK_EVERY_S)
    with writing(site.writers) as conn:
        return not credentials.give_up(conn, asked, now=visit.now)


def _not_told(site: Site, visit: Visit, way: str) -> Response:
    text = (
        "Kafka belum menerima kata sandi baru, sehingga tidak ada yang diganti. Mohon coba lagi beberapa saat lagi; "
        "bila program Anda mulai ditolak, ambil kata sandi sekali lagi."
    )
    return site.pages.fault(visit, "Kata sandi belum diganti", text, status=409, act="Coba lagi", way=way)


def is_plain(request: Request) -> bool:
    """Whether anybody on the way may read along."""
    return request.url.scheme != "https"


def _code_form(request: Request, site: Site, visit: Visit, form: Form) -> Response:
    page = site.pages.page(
        "credential_code.html",
        visit,
        status=200 if form.good else 422,
        form=form,
        longest=LONGEST_CODE,
        plain_http=is_plain(request),
    )
    cookies.give(page, request, cookies.BEFORE, visit.token)
    return page

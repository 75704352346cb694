"""Signing in and out, and the one-time links. Looking at any of these pages changes nothing."""

from typing import Annotated

from fastapi import Path, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from base.indonesian import duration
from dashboard import cookies, onward
from dashboard.addresses import Addresses
from dashboard.database import lending, snapshot, writing
from dashboard.forms import Form
from dashboard.guard import PUBLIC, SIGNED_IN, CurrentVisit, Posted
from dashboard.new_password import matching
from dashboard.site import CurrentSite, Site
from dashboard.visit import Visit
from identity import links
from identity.accounts import set_password_by_link
from identity.demo import enter_demo
from identity.errors import LinkGone, WeakPassword
from identity.links import Link, Purpose
from identity.passwords import LONGEST
from identity.sessions import IDLE, end_session
from identity.sign_in import Refusal, SignedIn, SignInRefused, sign_in

WAY = "/masuk"
Reason = Annotated[str, Query(pattern="^(berakhir|keluar|disimpan|)$")]
Secret = Annotated[str, Path(pattern="^[A-Za-z0-9_-]{20,128}$")]
LONGEST_USER_AGENT = 500
addresses = Addresses()


@addresses.page(WAY, PUBLIC)
def door(
    request: Request,
    site: CurrentSite,
    visit: CurrentVisit,
    lanjut: Annotated[str, Query(max_length=2000)] = "",
    sebab: Reason = "",
) -> Response:
    return _door(request, site, visit, Form.of(lanjut=lanjut), reason=sebab)


@addresses.act(WAY, PUBLIC)
async def enter(request: Request, site: CurrentSite, visit: CurrentVisit, form: Posted) -> Response:
    async with site.sign_ins.turn():
        return await run_in_threadpool(_enter, request, site, visit, form)


def _enter(request: Request, site: Site, visit: Visit, form: Form) -> Response:
    device = cookies.read(request, cookies.DEVICE)
    with lending(site.writers) as conn:
        outcome = sign_in(
            conn,
            form["nama"],
            form["sandi"],
            code=form["kode"] or None,
            address=address_of(request),
            device=device,
            user_agent=user_agent_of(request),
            now=visit.now,
        )
    if isinstance(outcome, SignInRefused):
        return _refused(request, site, visit, form, outcome)
    response = admitted(request, site, visit, outcome.session, onward.safe(form["lanjut"]))
    if form["kenal"]:
        _remember(response, request, outcome, device)
    return response


def _remember(response: Response, request: Request, outcome: SignedIn, device: str | None) -> None:
    known = outcome.device or device
    if known is not None:
        cookies.give(response, request, cookies.DEVICE, known, lasts_s=cookies.DEVICE_S)


def _refused(request: Request, site: Site, visit: Visit, form: Form, outcome: SignInRefused) -> Response:
    match outcome.reason:
        case Refusal.WRONG:
            text = "Nama pengguna atau kata sandi tidak cocok. Mohon periksa tombol Caps Lock, lalu coba lagi."
            form.refuse("sandi", text)
        case Refusal.WAIT:
            form.refuse("nama", f"Terlalu banyak percobaan. Mohon tunggu {duration(outcome.wait_s)}, lalu coba lagi.")
        case Refusal.CODE_WANTED:
            text = "Akun ini memakai verifikasi dua langkah. Mohon isi kodenya, dan ketik lagi kata sandi."
            form.refuse("kode", text)
        case Refusal.CODE_WRONG:
            text = "Kode tidak cocok atau sudah dipakai. Mohon tunggu kode berikutnya, dan ketik lagi kata sandi."
            form.refuse("kode", text)
    code_due = outcome.reason in (Refusal.CODE_WANTED, Refusal.CODE_WRONG)
    response = _door(request, site, visit, form, code_due=code_due, status=429 if outcome.wait_s else 401)
    if outcome.wait_s:
        response.headers["Retry-After"] = str(outcome.wait_s)
    return response


def _door(
    request: Request,
    site: Site,
    visit: Visit,
    form: Form,
    *,
    reason: str = "",
    code_due: bool = False,
    status: int = 200,
) -> Response:
    response = site.pages.page(
        "sign_in.html",
        visit,
        status=status,
        form=form,
        onward=onward.safe(form["lanjut"]),
        reason=reason,
        code_due=code_due,
        idle=duration(IDLE.total_seconds()),
        longest=LONGEST,
        plain_http=request.url.scheme != "https",
    )
    cookies.give(response, request, cookies.BEFORE, visit.token)
    return response


def admitted(request: Request, site: Site, visit: Visit, session: str, way: str) -> Response:
    """On to `way` in the new session; the one that this browser had before ends."""
    before = cookies.read(request, cookies.SESSION)
    if before is not None:
        with writing(site.writers) as conn:
            end_session(conn, before, now=visit.now)
    response = RedirectResponse(way, status_code=303)
    cookies.give(response, request, cookies.SESSION, session)
    cookies.take_back(response, request, cookies.BEFORE)
    return response


@addresses.act("/keluar", SIGNED_IN)
def leave(request: Request, site: CurrentSite, visit: CurrentVisit) -> Response:
    with writing(site.writers) as conn:
        end_session(conn, visit.token, now=visit.now)
    response = RedirectResponse(f"{WAY}?sebab=keluar", status_code=303)
    cookies.take_back(response, request, cookies.SESSION)
    return response


@addresses.page(links.PATH + "{secret}", PUBLIC)
def link_page(request: Request, site: CurrentSite, visit: CurrentVisit, secret: Secret) -> Response:
    try:
        with snapshot(site.pool) as conn:
            link = links.look_at(conn, secret, now=visit.now)
    except LinkGone as gone:
        return _gone(site, visit, gone)
    return _link(request, site, visit, link, secret, Form())


@addresses.act(links.PATH + "{secret}", PUBLIC)
async def use_link(request: Request, site: CurrentSite, visit: CurrentVisit, form: Posted, secret: Secret) -> Response:
    async with site.sign_ins.turn():
        return await run_in_threadpool(_use_link, request, site, visit, form, secret)


def _use_link(request: Request, site: Site, visit: Visit, form: Form, secret: str) -> Response:
    try:
        with snapshot(site.pool) as conn:
            link = links.look_at(conn, secret, now=visit.now)
        if link.purpose is Purpose.DEMO:
            with writing(site.writers) as conn:
                session = enter_demo(
                    conn, secret, address=address_of(request), user_agent=user_agent_of(request), now=visit.now
                )
            return admitted(request, site, visit, session, onward.HOME)
        return _set_password(request, site, visit, form, link, secret)
    except LinkGone as gone:
        return _gone(site, visit, gone)


def _set_password(request: Request, site: Site, visit: Visit, form: Form, link: Link, secret: str) -> Response:
    password = matching(form)
    if form.good:
        try:
            with writing(site.writers) as conn:
                set_password_by_link(
                    conn,
                    secret,
                    password,
                    policy=site.settings.password_policy,
                    region=site.settings.words_of_region,
                    now=visit.now,
                )
        except WeakPassword as weak:
            form.refuse("baru", str(weak))
    if form.good:
        return RedirectResponse(f"{WAY}?sebab=disimpan", status_code=303)
    return _link(request, site, visit, link, secret, form, status=422)


def _link(
    request: Request, site: Site, visit: Visit, link: Link, secret: str, form: Form, *, status: int = 200
) -> Response:
    response = site.pages.page(
        "link.html",
        visit,
        status=status,
        link=link,
        way=links.PATH + secret,
        form=form,
        policy=site.settings.password_policy,
        longest=LONGEST,
        plain_http=request.url.scheme != "https",
    )
    cookies.give(response, request, cookies.BEFORE, visit.token)
    return response


def _gone(site: Site, visit: Visit, gone: LinkGone) -> Response:
    title = "Tautan tidak berlaku"
    return site.pages.fault(visit, title, str(gone), status=404, act="Ke halaman masuk", way=WAY)


def address_of(request: Request) -> str:
    return request.client.host if request.client else ""


def user_agent_of(request: Request) -> str:
    return request.headers.get("user-agent", "")[:LONGEST_USER_AGENT]

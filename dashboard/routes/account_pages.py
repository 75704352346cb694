"""The own account: password, second factor, sessions, and how one wants to be told."""

from typing import Annotated

import segno
from fastapi import Path, Request
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from dashboard import cookies, news
from dashboard.addresses import Addresses
from dashboard.database import lending, snapshot, writing
from dashboard.forms import Form
from dashboard.guard import SIGNED_IN, CurrentVisit, Posted
from dashboard.new_password import matching
from dashboard.site import CurrentSite, Site
from dashboard.visit import Visit
from identity import second_factor, sessions
from identity.accounts import change_password
from identity.errors import IdentityError, Unknown
from identity.passwords import LONGEST
from identity.people import find_person
from identity.permissions import ROLE_TITLES
from jobs.notices_offices import MailWish, Preference, prefer, preference

WAY = "/akun"
MAIL_WORDS = {
    MailWish.EACH: "Satu surel untuk tiap pemberitahuan",
    MailWish.DIGEST: "Satu ringkasan sehari",
    MailWish.NONE: "Tidak lewat surel, kecuali yang mendesak",
}
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
addresses = Addresses()


@addresses.page(WAY, SIGNED_IN)
def account(site: CurrentSite, visit: CurrentVisit) -> Response:
    return _page(site, visit, Form())


@addresses.act(WAY + "/sandi", SIGNED_IN)
async def password(request: Request, site: CurrentSite, visit: CurrentVisit, form: Posted) -> Response:
    async with site.sign_ins.turn():
        return await run_in_threadpool(_password, request, site, visit, form)


def _password(request: Request, site: Site, visit: Visit, form: Form) -> Response:
    new = matching(form)
    if form.good:
        try:
            with lending(site.writers) as conn:
                token = change_password(
                    conn,
                    visit.own_session,
                    had=form["sandi"],
                    password=new,
                    policy=site.settings.password_policy,
                    region=site.settings.words_of_region,
                    now=visit.now,
                )
            return _renewed(request, token, "sandi")
        except IdentityError as refusal:
            form.refuse("baru", str(refusal))
    return _page(site, visit, form)


@addresses.act(WAY + "/langkah-kedua", SIGNED_IN)
def begin(site: CurrentSite, visit: CurrentVisit, form: Posted) -> Response:
    """A new secret, shown this once; it counts when a code of it was given back."""
    try:
        with writing(site.writers) as conn:
            issuer = f"Simpul {site.settings.instance.nama_pendek}"
            enrolment = second_factor.begin(conn, visit.principal.person_id, issuer=issuer)
    except IdentityError as refusal:
        form.refuse("", str(refusal))
        return _page(site, visit, form)
    picture = segno.make(enrolment.uri, error="m").svg_data_uri(scale=4, border=2, light="white")
    return site.pages.page("second_factor.html", visit, secret=enrolment.secret, picture=picture, form=Form())


@addresses.act(WAY + "/langkah-kedua/sah", SIGNED_IN)
def confirm(request: Request, site: CurrentSite, visit: CurrentVisit, form: Posted) -> Response:
    """With the right code: the recovery codes, this once, in a session that counts as signed in with both."""
    codes: list[str] | None = None
    token = ""
    try:
        with writing(site.writers) as conn:
            codes = second_factor.confirm(conn, visit.principal.person_id, form["kode"], now=visit.now)
            if codes is not None:
                token = sessions.renew(conn, visit.own_session, second_factor=True, now=visit.now)
    except IdentityError as refusal:
        form.refuse("kode", str(refusal))
    if codes is None:
        form.refuse("kode", "Kode tidak cocok. Mohon mulai lagi, pindai gambarnya, lalu ketik kode yang tampil.")
        return _page(site, visit, form)
    response = site.pages.page("recovery_codes.html", visit, codes=codes)
    cookies.give(response, request, cookies.SESSION, token)
    return response


@addresses.act(WAY + "/sesi/akhiri", SIGNED_IN)
def end_others(site: CurrentSite, visit: CurrentVisit) -> Response:
    with writing(site.writers) as conn:
        sessions.end_others(conn, visit.principal, visit.token, now=visit.now)
    return RedirectResponse(news.after(WAY, "sesi"), status_code=303)


@addresses.act(WAY + "/sesi/{number}/akhiri", SIGNED_IN)
def end_one(site: CurrentSite, visit: CurrentVisit, number: Number) -> Response:
    try:
        with writing(site.writers) as conn:
            sessions.end_one(conn, visit.principal, number, now=visit.now)
    except Unknown:
        raise HTTPException(404) from None
    return RedirectResponse(news.after(WAY, "sesi"), status_code=303)


@addresses.act(WAY + "/pemberitahuan", SIGNED_IN)
def wish(site: CurrentSite, visit: CurrentVisit, form: Posted) -> Response:
    mail = form.choice("surel", "Cara diberi tahu", [str(each) for each in MailWish])
    if not form.good:
        return _page(site, visit, form)
    with writing(site.writers) as conn:
        had = preference(conn, visit.principal.person_id)
        new = Preference(MailWish(mail), had.digest_hour, had.quiet)
        prefer(conn, visit.principal.person_id, new, now=visit.now)
    return RedirectResponse(news.after(WAY, "tersimpan"), status_code=303)


def _renewed(request: Request, token: str, word: str) -> Response:
    response = RedirectResponse(news.after(WAY, word), status_code=303)
    cookies.give(response, request, cookies.SESSION, token)
    return response


def _page(site: Site, visit: Visit, form: Form) -> Response:
    with snapshot(site.pool) as conn:
        values = _standing(conn, visit)
    return site.pages.page(
        "account.html",
        visit,
        status=200 if form.good else 422,
        form=form,
        policy=site.settings.password_policy,
        longest=LONGEST,
        mail_words=MAIL_WORDS,
        titles=ROLE_TITLES,
        **values,
    )


def _standing(conn: Connection[TupleRow], visit: Visit) -> dict[str, object]:
    person_id = visit.principal.person_id
    return {
        "me": find_person(conn, person_id),
        "sessions": sessions.sessions_of(conn, person_id, now=visit.now),
        "preference": preference(conn, person_id),
    }

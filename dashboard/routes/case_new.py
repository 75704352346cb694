"""A new integration request: an agency's admin names the documents and who is to be called; the letter follows."""

import re
import secrets
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from dashboard import desk, news, own_act
from dashboard.addresses import Addresses
from dashboard.case_signing_acts import moment_of
from dashboard.database import snapshot, writing
from dashboard.forms import Form
from dashboard.guard import CurrentVisit, Posted
from dashboard.routes.case_pages import CASES, Number, Text, page_of
from dashboard.site import CurrentSite, Site
from dashboard.visit import Visit
from identity.opds import opds
from identity.permissions import Permission
from schemas.formats import FORMATS
from sop.errors import Forbidden, Rule, UnknownCase
from sop.setting import setting_of
from sop.store import Contact

NEW: Final = CASES + "/baru"
MOST_DOCUMENTS: Final = 20
LONGEST_NAME: Final = 100
_DOCUMENT: Final = re.compile(r"[a-z][a-z0-9-]{0,59}")
_PLACES: Final = {Rule.DOCUMENT_UNKNOWN: "dokumen", Rule.FOLLOWS_NOTHING: "lanjutan"}
addresses = Addresses()


@addresses.page(NEW, Permission.BEGIN_CASES)
def new(site: CurrentSite, visit: CurrentVisit, opd: Text = "", dokumen: Text = "", lanjutan: Text = "") -> Response:
    """`lanjutan`: number of the request whose integration the new one changes."""
    fresh = secrets.token_urlsafe(16)
    return _page(site, visit, Form.of(perintah=fresh, opd=opd, dokumen=dokumen, lanjutan=lanjutan))


@addresses.act(NEW, Permission.BEGIN_CASES)
def begin(site: CurrentSite, visit: CurrentVisit, form: Posted) -> Response:
    opd, documents, contact = form["opd"], _documents(form), contact_in(form)
    if form.good:
        now = moment_of(site, visit)
        try:
            with writing(site.writers) as conn:
                decision = desk.begin(
                    conn,
                    visit.principal,
                    opd,
                    [f"{opd}.{each}" for each in documents],
                    command_id=form["perintah"][:64],
                    now=now,
                    setting=setting_of(conn, site.settings.instance),
                    instance=site.settings.instance,
                    follows=form["lanjutan"].strip() or None,
                )
                number = decision.case.number
                if not decision.repeated:
                    desk.set_contact(conn, visit.principal, number, contact, now=now)
            word = own_act.word_of(site, decision.case, "kasus")
            return RedirectResponse(news.after(f"{CASES}/{number}", word), status_code=303)
        except UnknownCase as error:
            form.refuse("lanjutan", str(error))
        except Forbidden as refusal:
            form.refuse(_PLACES.get(refusal.rule, ""), refusal.sentence)
    return _page(site, visit, form)


@addresses.act(CASES + "/{number}/narahubung", Permission.BEGIN_CASES)
def call(site: CurrentSite, visit: CurrentVisit, number: Number, form: Posted) -> Response:
    """Whom to call is changed, by the agency's admin."""
    contact = contact_in(form)
    if form.good:
        try:
            with writing(site.writers) as conn:
                desk.set_contact(conn, visit.principal, number, contact, now=moment_of(site, visit))
            return RedirectResponse(news.after(f"{CASES}/{number}", "narahubung"), status_code=303)
        except UnknownCase:
            raise HTTPException(404) from None
        except Forbidden as refusal:
            form.refuse("", refusal.sentence)
    return page_of(site, visit, number, form=form)


def contact_in(form: Form) -> Contact:
    """Who is to be called; the number as E.164, whatever way it was typed."""
    name = form.text("narahubung", "Narahubung", longest=LONGEST_NAME)
    known = FORMATS["telepon"]
    phone = known.normalise(form.text("telepon", "Telepon", longest=30))
    if known.pattern is None or not re.fullmatch(known.pattern, phone, re.ASCII):
        form.refuse("telepon", f"Nomor telepon itu bukan {known.expected}. Mohon periksa angkanya.")
    return Contact(name, phone)


def _documents(form: Form) -> list[str]:
    """Names of documents, one a line or with commas between; each a slug."""
    text = form.text("dokumen", "Dokumen", longest=2_000)
    names = [each for each in re.split(r"[\s,;]+", text.lower()) if each]
    wrong = [each for each in names if not _DOCUMENT.fullmatch(each)]
    if wrong:
        form.refuse(
            "dokumen",
            f"Nama {wrong[0][:60]!r} memuat tanda lain. Mohon pakai huruf kecil, angka, dan tanda hubung saja.",
        )
    if len(names) > MOST_DOCUMENTS:
        form.refuse("dokumen", f"Paling banyak {MOST_DOCUMENTS} dokumen dalam satu permohonan.")
    return list(dict.fromkeys(names))


def _page(site: Site, visit: Visit, form: Form) -> Response:
    with snapshot(site.pool) as conn:
        setting = setting_of(conn, site.settings.instance)
        own = desk.agencies_to_begin_for(conn, visit.principal, now=moment_of(site, visit), setting=setting)
        names = {each.code: each.name for each in opds(conn)}
    return site.pages.page(
        "case_new.html",
        visit,
        status=200 if form.good else 422,
        form=form,
        agencies=[(code, names.get(code, code)) for code in own],
        longest_name=LONGEST_NAME,
    )

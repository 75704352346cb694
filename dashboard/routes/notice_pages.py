"""Notices: what is not in order, who has it in hand, what it means and what to do."""

from typing import Annotated

from fastapi import Path, Query, Request
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from dashboard import news
from dashboard.addresses import Addresses
from dashboard.database import snapshot, writing
from dashboard.forms import Form
from dashboard.guard import CurrentVisit, Posted
from dashboard.routes.watch_pages import rule_of
from dashboard.site import CurrentSite, Site
from dashboard.visit import Visit
from identity.actors import Actor
from identity.permissions import Permission
from jobs.errors import NoSuchNotice, NotPossible
from jobs.notices import SHORTEST_REASON, NoticeId, State, acknowledge, silence
from jobs.notices_settings import NoticeSettings
from jobs.notices_texts import Told, office_title, short_text
from jobs.notices_views import NoticeRow, NoticeView, list_notices, notice

SHOWN = 50
WAY = "/pemberitahuan"
LONGEST_NOTE = 500
NOT_CLOSED = (State.OPEN, State.ACKNOWLEDGED)
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
addresses = Addresses()


@addresses.page(WAY, Permission.VIEW_NOTICES)
def overview(
    site: CurrentSite,
    visit: CurrentVisit,
    keadaan: Annotated[str, Query(pattern="^(terbuka|selesai)$")] = "terbuka",
    halaman: Annotated[int, Query(ge=1, le=1000)] = 1,
) -> Response:
    closed = keadaan == "selesai"
    states = (State.CLOSED,) if closed else NOT_CLOSED
    scope = visit.principal.scope(Permission.VIEW_NOTICES)
    with snapshot(site.pool) as conn:
        found = list_notices(conn, scope, states=states, limit=SHOWN + 1, skip=SHOWN * (halaman - 1))
    return site.pages.page(
        "notices.html",
        visit,
        found=found[:SHOWN],
        more=len(found) > SHOWN,
        closed=closed,
        number_of_page=halaman,
        office_title=office_title,
    )


@addresses.page(WAY + "/{number}", Permission.VIEW_NOTICES)
def one(request: Request, site: CurrentSite, visit: CurrentVisit, number: Number) -> Response:
    return _page(request, site, visit, number, Form())


@addresses.act(WAY + "/{number}/tangani", Permission.ACK_NOTICES)
def take_in_hand(request: Request, site: CurrentSite, visit: CurrentVisit, number: Number, form: Posted) -> Response:
    note = form.text("catatan", "Catatan", least=0, longest=LONGEST_NOTE)
    with writing(site.writers) as conn:
        _must_reach(conn, visit, Permission.ACK_NOTICES, number)
        try:
            if form.good:
                by = Actor.person(visit.principal, Permission.ACK_NOTICES)
                acknowledge(conn, NoticeId(number), by=by, note=note, now=visit.now)
        except NotPossible as refusal:
            form.refuse("", str(refusal))
    return _outcome(request, site, visit, number, form, "ditangani")


@addresses.act(WAY + "/{number}/bisukan", Permission.SILENCE_NOTICES)
def hold_tongue(request: Request, site: CurrentSite, visit: CurrentVisit, number: Number, form: Posted) -> Response:
    until = form.moment("sampai", "Batas waktu", site.settings.instance.zone)
    note = form.text("alasan", "Alasan", least=SHORTEST_REASON, longest=LONGEST_NOTE)
    with writing(site.writers) as conn:
        _must_reach(conn, visit, Permission.SILENCE_NOTICES, number)
        try:
            if form.good and until is not None:
                by = Actor.person(visit.principal, Permission.SILENCE_NOTICES)
                silence(conn, NoticeId(number), until=until, by=by, note=note, now=visit.now)
        except NotPossible as refusal:
            form.refuse("sampai", str(refusal))
    return _outcome(request, site, visit, number, form, "dibisukan")


def _must_reach(conn: Connection[TupleRow], visit: Visit, permission: Permission, number: int) -> NoticeView:
    """The notice, if it is for this person; else there is no such page."""
    try:
        return notice(conn, NoticeId(number), visit.principal.scope(permission))
    except NoSuchNotice:
        raise HTTPException(404) from None


def _outcome(request: Request, site: Site, visit: Visit, number: int, form: Form, word: str) -> Response:
    if form.good:
        return RedirectResponse(news.after(f"{WAY}/{number}", word), status_code=303)
    return _page(request, site, visit, number, form, status=422)


def _page(request: Request, site: Site, visit: Visit, number: int, form: Form, *, status: int = 200) -> Response:
    with snapshot(site.pool) as conn:
        view = _must_reach(conn, visit, Permission.VIEW_NOTICES, number)
    row = view.row
    opds = {row.office.opd, row.now_at.opd}
    instance = site.settings.instance
    told = NoticeSettings(
        zone_name=instance.zona_waktu,
        walidata=instance.sop.walidata,
        place=instance.nama_pendek,
        public_url=f"{request.url.scheme}://{request.headers['host']}",
    )
    return site.pages.page(
        "notice.html",
        visit,
        status=status,
        view=view,
        found=row,
        form=form,
        short=short_text(_told(row), told),
        office_title=office_title,
        rule=rule_of(row.kind),
        may_take=any(visit.principal.may(Permission.ACK_NOTICES, each) for each in opds),
        may_silence=any(visit.principal.may(Permission.SILENCE_NOTICES, each) for each in opds),
    )


def _told(row: NoticeRow) -> Told:
    return Told(
        row.id, row.severity, row.state, row.now_at, row.title, row.body, row.count, row.raised_at, row.last_seen_at
    )

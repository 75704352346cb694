"""Sources of data: in which state each one is, since when and why; the Walidata changes it."""

from typing import Annotated

from fastapi import Path
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from dashboard import news
from dashboard.addresses import Addresses
from dashboard.database import snapshot, writing
from dashboard.forms import Form
from dashboard.guard import CurrentVisit, Posted
from dashboard.site import CurrentSite, Site
from dashboard.visit import Visit
from hub_db import epochs, sources
from hub_db.errors import NoSuchMove
from hub_db.sources import LONGEST_REASON, MOVES, SHORTEST_REASON, SourceState
from identity.actors import Actor
from identity.permissions import Permission
from registry.provisioning.recount_job import ask_effect, newest_effect
from registry.provisioning.state_changes import change_state
from schemas.names import DocumentName, OpdCode, TopicName
from schemas.sandbox import PRODUCTION

WAY = "/sumber"
Opd = Annotated[str, Path(pattern="^[a-z][a-z0-9]{2,23}$")]
Document = Annotated[str, Path(pattern="^[a-z][a-z0-9-]{0,59}$")]
# What a state is for who reads the page, and what going there brings about.
MEANINGS = {
    SourceState.UJI: "OPD mengirim data buatan ke tempat uji saja.",
    SourceState.PRATINJAU: "OPD mengirim data sebenarnya, yang belum dihitung dalam Data Induk.",
    SourceState.AKTIF: "Datanya dihitung dalam Data Induk, yang terbuka bagi pembaca dengan Hak Akses.",
    SourceState.DITANGGUHKAN: "OPD tidak dapat mengirim; datanya tersimpan, tetapi tidak dihitung dalam Data Induk.",
    SourceState.DITARIK: "Sumber berakhir untuk seterusnya; datanya tidak dihitung lagi.",
}
addresses = Addresses()


@addresses.page(WAY, Permission.VIEW_SOURCES)
def overview(site: CurrentSite, visit: CurrentVisit) -> Response:
    scope = visit.principal.scope(Permission.VIEW_SOURCES)
    with snapshot(site.pool) as conn:
        found = [each for each in sources.current(conn).values() if scope.covers(each.opd)]
    return site.pages.page("sources.html", visit, found=found)


@addresses.page(WAY + "/{opd}/{document}", Permission.VIEW_SOURCES)
def one(site: CurrentSite, visit: CurrentVisit, opd: Opd, document: Document) -> Response:
    if not visit.principal.may(Permission.VIEW_SOURCES, opd):
        raise HTTPException(404)
    return _page(site, visit, opd, document, Form())


@addresses.act(WAY + "/{opd}/{document}", Permission.CHANGE_SOURCES)
def change(site: CurrentSite, visit: CurrentVisit, form: Posted, opd: Opd, document: Document) -> Response:
    state = form.choice("keadaan", "Keadaan", list(SourceState))
    if form["dampak"] and form.good:
        with writing(site.writers) as conn:
            counts = SourceState(state) is SourceState.AKTIF
            ask_effect(conn, f"{opd}.{document}", counts=counts, by=visit.principal.name)
        return RedirectResponse(f"{WAY}/{opd}/{document}", status_code=303)
    reason = form.text("alasan", "Alasan", least=SHORTEST_REASON, longest=LONGEST_REASON)
    if form.good:
        by = Actor.person(visit.principal, Permission.CHANGE_SOURCES, opd)
        names = OpdCode(opd), DocumentName(document)
        with writing(site.writers) as conn:
            try:
                change_state(conn, *names, SourceState(state), reason=reason, by=by, now=visit.now)
            except NoSuchMove as refusal:  # before anything is written; past the block it would be our fault
                form.refuse("", str(refusal))
    if form.good:
        return RedirectResponse(news.after(f"{WAY}/{opd}/{document}", "sumber"), status_code=303)
    return _page(site, visit, opd, document, form)


def _page(site: Site, visit: Visit, opd: str, document: str, form: Form) -> Response:
    with snapshot(site.pool) as conn:
        past = sources.history(conn, opd, document)
        effect = newest_effect(conn, f"{opd}.{document}")
        begun = epochs.epochs(conn, TopicName(f"{PRODUCTION}{opd}.{document}"))
    if not past:
        raise HTTPException(404)
    onward = sorted(MOVES[past[-1].state], key=list(SourceState).index)
    return site.pages.page(
        "source.html",
        visit,
        status=200 if form.good else 422,
        form=form,
        past=past[::-1],
        now_in=past[-1],
        meanings=MEANINGS,
        effect=effect,
        epochs=begun[::-1],
        onward=onward if visit.principal.may(Permission.CHANGE_SOURCES, opd) else [],
        shortest=SHORTEST_REASON,
        longest=LONGEST_REASON,
    )

"""Loads: what was announced and what arrived; a yes or no, withdrawing, restoring. And partitions at rest."""

from typing import Annotated
from urllib.parse import quote

from fastapi import Path
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from dashboard import load_reading, news, reading
from dashboard.addresses import Addresses
from dashboard.database import snapshot, writing
from dashboard.forms import Form
from dashboard.guard import CurrentVisit, Posted
from dashboard.routes.source_pages import Document, Opd
from dashboard.site import CurrentSite, Site
from dashboard.visit import Visit
from hub_db import announced, loads, pauses
from hub_db.errors import NoSuchMove
from hub_db.reasons_given import LONGEST_REASON, SHORTEST_REASON
from identity.actors import Actor
from identity.permissions import Permission
from jobs import load_job, load_preview, load_verdicts, pause_ends
from jobs.errors import NotPossible
from schemas.names import TopicName

WAY = "/muatan"
SHOWN = 50  # loads of a document
Name = Annotated[str, Path(pattern=r"^[!-~]{1,128}$")]
Number = Annotated[int, Path(ge=1, le=2**62)]
VERDICTS = ("setujui", "tolak")
addresses = Addresses()


@addresses.page(WAY, Permission.VIEW_LOADS)
def overview(site: CurrentSite, visit: CurrentVisit) -> Response:
    return _overview(site, visit, Form())


@addresses.act(WAY + "/jeda/{number}", Permission.END_PAUSES)
def resume(site: CurrentSite, visit: CurrentVisit, form: Posted, number: Number) -> Response:
    reason = form.text(f"alasan-{number}", "Alasan", least=SHORTEST_REASON, longest=LONGEST_REASON)
    if form.good:
        by = Actor.person(visit.principal, Permission.END_PAUSES)
        with writing(site.writers) as conn:
            try:
                pause_ends.end(conn, number, reason=reason, by=by, now=visit.now)
            except NoSuchMove as refusal:  # before anything is written
                form.refuse("", str(refusal))
    if form.good:
        return RedirectResponse(news.after(WAY, "jeda"), status_code=303)
    return _overview(site, visit, form)


@addresses.page(WAY + "/{opd}/{document}", Permission.VIEW_LOADS)
def of_document(site: CurrentSite, visit: CurrentVisit, opd: Opd, document: Document) -> Response:
    _must_see(visit, opd)
    with snapshot(site.pool) as conn:
        topic = _topic(conn, visit, opd, document)
        found = loads.loads(conn, topic, limit=SHOWN)
    name = f"{opd}.{document}"
    return site.pages.page("loads_of_document.html", visit, name=name, found=found, words=load_reading, most=SHOWN)


@addresses.page(WAY + "/{opd}/{document}/{load}", Permission.VIEW_LOADS)
def one(site: CurrentSite, visit: CurrentVisit, opd: Opd, document: Document, load: Name) -> Response:
    _must_see(visit, opd)
    return _page(site, visit, opd, document, load, Form())


@addresses.act(WAY + "/{opd}/{document}/{load}", Permission.DECIDE_LOADS)
def decide(site: CurrentSite, visit: CurrentVisit, form: Posted, opd: Opd, document: Document, load: Name) -> Response:
    if not visit.principal.may(Permission.DECIDE_LOADS, opd):
        raise HTTPException(404)
    act = form.choice("putus", "Keputusan", (*VERDICTS, "tarik", "pulihkan"))
    way = f"{WAY}/{opd}/{document}/{quote(load, safe='')}"
    if form["dampak"] and form.good:
        with writing(site.writers) as conn:
            topic = _topic(conn, visit, opd, document)
            load_preview.ask(conn, topic, load, withdrawn=act == "tarik", by=visit.principal.name)
        return RedirectResponse(news.after(way, "dampak"), status_code=303)
    asked = "alasan" if act in VERDICTS else "alasan-tarik"  # each form has its own, as both may stand on the page
    reason = form.text(asked, "Alasan", least=SHORTEST_REASON, longest=LONGEST_REASON)
    if form.good:
        by = Actor.person(visit.principal, Permission.DECIDE_LOADS, opd)
        with writing(site.writers) as conn:
            topic = _topic(conn, visit, opd, document)
            now = visit.now
            try:
                if act in VERDICTS:
                    load_verdicts.decide(conn, topic, load, approved=act == "setujui", reason=reason, by=by, now=now)
                else:
                    load_job.decide(conn, topic, load, withdrawn=act == "tarik", reason=reason, by=by, now=now)
            except (NoSuchMove, NotPossible) as refusal:  # before anything is written
                form.refuse("", str(refusal))
    if form.good:
        return RedirectResponse(news.after(way, "muatan"), status_code=303)
    return _page(site, visit, opd, document, load, form)


def _overview(site: Site, visit: Visit, form: Form) -> Response:
    scope = visit.principal.scope(Permission.VIEW_LOADS)
    with snapshot(site.pool) as conn:
        documents = reading.documents(conn, scope=scope)
        waiting = [each for each in announced.waiting(conn) if scope.covers(each.topic.split(".")[1])]
        resting = pauses.pauses(conn, ended=True, opds=None if scope.everywhere else scope.opds, limit=SHOWN)
    return site.pages.page(
        "loads.html",
        visit,
        status=200 if form.good else 422,
        form=form,
        documents=documents,
        waiting=[(each, load_reading.why(each)) for each in waiting],
        resting=[(each, pauses.why(each)) for each in resting if each.ended_at is None],
        ended=[(each, pauses.why(each)) for each in resting if each.ended_at is not None],
        may_resume=visit.principal.may(Permission.END_PAUSES),
        shortest=SHORTEST_REASON,
        longest=LONGEST_REASON,
    )


def _page(site: Site, visit: Visit, opd: str, document: str, load: str, form: Form) -> Response:
    may_decide = visit.principal.may(Permission.DECIDE_LOADS, opd)
    with snapshot(site.pool) as conn:
        topic = _topic(conn, visit, opd, document)
        found = loads.one(conn, topic, load)
        if found is None:
            raise HTTPException(404)
        said = announced.verdicts(conn, topic, load)
        steps, outcomes = loads.steps(conn, topic, load), loads.outcomes(conn, topic, load)
        asked = load_preview.newest(conn, topic, load) if may_decide else None
    return site.pages.page(
        "load.html",
        visit,
        status=200 if form.good else 422,
        form=form,
        name=f"{opd}.{document}",
        way=f"{WAY}/{opd}/{document}",
        found=found,
        why="" if found.announced is None else load_reading.why(found.announced),
        said=said[::-1],
        steps=[(each, [(what, keys) for no, what, keys in outcomes if no == each.number]) for each in steps[::-1]],
        asked=asked,
        preview=None if asked is None else load_preview.Preview.of(asked),
        may_decide=may_decide,
        words=load_reading,
        shortest=SHORTEST_REASON,
        longest=LONGEST_REASON,
    )


def _must_see(visit: Visit, opd: str) -> None:
    if not visit.principal.may(Permission.VIEW_LOADS, opd):
        raise HTTPException(404)


def _topic(conn: Connection[TupleRow], visit: Visit, opd: str, document: str) -> TopicName:
    """The topic of a document that the hub takes and the person may see."""
    name = TopicName(f"opd.{opd}.{document}")
    seen = reading.documents(conn, scope=visit.principal.scope(Permission.VIEW_LOADS))
    if name not in {each.topic for each in seen}:
        raise HTTPException(404)
    return name

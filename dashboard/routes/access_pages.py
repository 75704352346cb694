"""Requests for access: the list, one with its time line, the form of who asks, and the decision of each desk."""

from collections.abc import Callable
from typing import Annotated

from fastapi import Path, Query
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from dashboard import news
from dashboard.access_reading import BADGES, at_the_desk_of, awaits, desk_title, document_contract, knots
from dashboard.addresses import Addresses
from dashboard.database import snapshot, writing
from dashboard.forms import Form
from dashboard.guard import CurrentVisit, Posted
from dashboard.record_reading import title
from dashboard.site import CurrentSite, Site
from dashboard.visit import Visit
from identity import access_requests
from identity.access_reading import AccessRequest, desk_of, find, missing, requests, steps
from identity.access_requests import SHORTEST_REASON
from identity.access_states import deciding
from identity.actors import Actor
from identity.deletions import deletion_of, due, unused
from identity.errors import IdentityError, NotAllowed, Unknown
from identity.grants import SHORTEST_BASIS, Grant, all_grants
from identity.opds import EVERYWHERE, opds
from identity.permissions import Permission
from identity.principals import Scope

WAY = "/permohonan-akses"
LONGEST = 500
VIEWS = ("", "putuskan", "kami", "tidak-dipakai", "penghapusan")
YES, NO = "setuju", "tidak"
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
Text = Annotated[str, Query(max_length=64)]
addresses = Addresses()


@addresses.page(WAY, Permission.VIEW_ACCESS)
def overview(site: CurrentSite, visit: CurrentVisit, tampil: Text = "") -> Response:
    if tampil not in VIEWS:
        raise HTTPException(404)
    person, scope = visit.principal, visit.principal.scope(Permission.VIEW_ACCESS)
    mine = person.scope(Permission.REQUEST_ACCESS)
    with snapshot(site.pool) as conn:
        every = requests(conn, scope)
        desk = at_the_desk_of(conn, person)
        idle, tasks = unused(conn, scope, now=visit.now), due(conn, scope, now=visit.now)
        over = {each.id for each in all_grants(conn, EVERYWHERE) if each.is_over(visit.now)}
        names = {each.code: each.short_name for each in opds(conn)}
    waiting = {each.id for each in desk}
    ours = [each for each in every if each.reader in mine.opds]
    shown = {"putuskan": desk, "kami": ours}.get(tampil, sorted(every, key=lambda each: each.id not in waiting))
    return site.pages.page(
        "access.html",
        visit,
        view=tampil,
        every=every,
        shown=[(each, BADGES[each.state], each.id in waiting) for each in shown],
        over=over,
        waiting=len(desk),
        undecided=sum(each.undecided for each in every),
        ours=len(ours),
        unused=idle,
        tasks=[(each, mine.covers(each.reader)) for each in tasks],
        names=names,
        may_decide=person.may(Permission.DECIDE_ACCESS),
        may_ask=not mine.is_empty,
    )


@addresses.page(WAY + "/{number}", Permission.VIEW_ACCESS)
def one(site: CurrentSite, visit: CurrentVisit, number: Number) -> Response:
    return _page(site, visit, number, Form())


@addresses.act(WAY + "/{number}/putuskan", Permission.DECIDE_ACCESS)
def decide(site: CurrentSite, visit: CurrentVisit, number: Number, form: Posted) -> Response:
    answer = form.choice("putusan", "Putusan", (YES, NO))
    reason = form.text("alasan", "Alasan", least=SHORTEST_REASON, longest=LONGEST)

    def act(conn: Connection[TupleRow], request: AccessRequest) -> None:
        held, side = desk_of(visit.principal, request), deciding(request.state)
        if held is None or side is None:
            raise NotAllowed(f"Bukan giliran Anda: {BADGES[request.state].word.lower()}.")
        by = Actor(visit.principal.name, "person", held.role, held.opd)
        if answer == NO:
            access_requests.refuse(conn, number, side=side, by=by, reason=reason, now=visit.now)
            return
        contract = document_contract(conn, *request.document.split(".", 1))
        if contract is None:
            raise NotAllowed(f"Dokumen {request.document} tidak lagi dipertukarkan.")
        zone = site.settings.instance.zone
        access_requests.agree(conn, contract, number, side=side, by=by, reason=reason, zone=zone, now=visit.now)

    return _do(site, visit, number, form, Permission.DECIDE_ACCESS, "putusan", act)


@addresses.act(WAY + "/{number}/pks", Permission.REQUEST_ACCESS)
def name_agreement(site: CurrentSite, visit: CurrentVisit, number: Number, form: Posted) -> Response:
    told = form.text("pks", "Nomor PKS", least=SHORTEST_BASIS)

    def act(conn: Connection[TupleRow], request: AccessRequest) -> None:
        by = Actor.person(visit.principal, Permission.REQUEST_ACCESS, request.reader)
        access_requests.name_agreement(conn, number, told, by=by, now=visit.now)

    return _do(site, visit, number, form, Permission.REQUEST_ACCESS, "pks", act)


@addresses.act(WAY + "/{number}/tarik", Permission.REQUEST_ACCESS)
def withdraw(site: CurrentSite, visit: CurrentVisit, number: Number, form: Posted) -> Response:
    def act(conn: Connection[TupleRow], request: AccessRequest) -> None:
        by = Actor.person(visit.principal, Permission.REQUEST_ACCESS, request.reader)
        access_requests.withdraw(conn, number, by=by, now=visit.now)

    return _do(site, visit, number, form, Permission.REQUEST_ACCESS, "tarik", act)


_NEWS = {"putusan": "diputus", "pks": "pks-disebut", "tarik": "permohonan-ditarik"}


def _do(
    site: Site,
    visit: Visit,
    number: int,
    form: Form,
    permission: Permission,
    place: str,
    act: Callable[[Connection[TupleRow], AccessRequest], None],
) -> Response:
    """An act on a request: the owner's or the Walidata's to decide, else the reader's; 404 for everybody else's."""
    with snapshot(site.pool) as conn:
        request = _seen(conn, visit.principal.scope(Permission.VIEW_ACCESS), number)
    side = request.owner if permission is Permission.DECIDE_ACCESS else request.reader
    if not visit.principal.may(permission, side):
        raise HTTPException(404)
    if form.good:
        try:
            with writing(site.writers) as conn:
                act(conn, find(conn, number))
            return RedirectResponse(news.after(f"{WAY}/{number}", _NEWS[place]), status_code=303)
        except IdentityError as refusal:
            form.refuse(place, str(refusal))
    return _page(site, visit, number, form)


def _seen(conn: Connection[TupleRow], scope: Scope, number: int) -> AccessRequest:
    """A request whose reader or owner is within the scope; 404 for any other."""
    try:
        found = find(conn, number)
    except Unknown:
        raise HTTPException(404) from None
    if not found.concerns(scope):
        raise HTTPException(404)
    return found


def _page(site: Site, visit: Visit, number: int, form: Form) -> Response:
    person, zone = visit.principal, site.settings.instance.zone
    with snapshot(site.pool) as conn:
        request = _seen(conn, person.scope(Permission.VIEW_ACCESS), number)
        contract = document_contract(conn, *request.document.split(".", 1))
        lacks = missing(conn, contract, request.wanted, zone=zone, now=visit.now) if contract else []
        happened, grant = steps(conn, number), _grant_of(conn, request)
        deletion = deletion_of(conn, grant.id) if grant else None
        tasks = due(conn, Scope(everywhere=False, opds=frozenset({request.reader})), now=visit.now)
        agencies = opds(conn)
    names = {each.code: each.name for each in agencies}
    desk = desk_title(request, next((each.code for each in agencies if each.walidata), ""), names)
    titles = {field.name: title(field) for field in contract.fields} if contract else {}
    reads = person.may(Permission.REQUEST_ACCESS, request.reader)
    return site.pages.page(
        "access_one.html",
        visit,
        status=200 if form.good else 422,
        request=request,
        badge_of=BADGES[request.state],
        names=names,
        desk=desk,
        fields=[(name, titles.get(name, "")) for name in request.fields],
        lacks=lacks if request.undecided else [],
        knots=knots(request, happened, grant, deletion, desk, visit.now),
        grant=grant,
        to_delete=any(each.id == request.grant_id for each in tasks),
        form=form,
        may_decide=awaits(person, request),
        asked_it=person.name == request.asked_by and desk_of(person, request) is not None,
        may_change=reads and request.undecided,
        may_delete=reads,
        may_issue=person.may(Permission.MANAGE_TOKENS, request.reader),
        shortest=SHORTEST_REASON,
        longest=LONGEST,
    )


def _grant_of(conn: Connection[TupleRow], request: AccessRequest) -> Grant | None:
    within = Scope(everywhere=False, opds=frozenset({request.reader}))
    return next((each for each in all_grants(conn, within) if each.id == request.grant_id), None)

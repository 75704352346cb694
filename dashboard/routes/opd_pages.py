"""Agencies and the systems in which they keep their data."""

from typing import Annotated

from fastapi import Path
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response

from dashboard import news, reading
from dashboard.addresses import Addresses
from dashboard.database import snapshot, writing
from dashboard.forms import Form
from dashboard.guard import CurrentVisit, Posted
from dashboard.site import CurrentSite, Site
from dashboard.visit import Visit
from identity import opds
from identity.actors import Actor
from identity.errors import IdentityError, Unknown
from identity.opds import OpdSeed
from identity.permissions import Permission
from identity.principals import Scope

WAY = "/opd"
Code = Annotated[str, Path(pattern="^[a-z][a-z0-9]{2,23}$")]
SystemCode = Annotated[str, Path(pattern="^[a-z][a-z0-9-]{1,39}$")]
Switch = Annotated[str, Path(pattern="^(aktif|nonaktif)$")]
addresses = Addresses()


@addresses.page(WAY, Permission.VIEW_OPDS)
def overview(site: CurrentSite, visit: CurrentVisit) -> Response:
    return _overview(site, visit, Form())


@addresses.act(WAY, Permission.MANAGE_OPDS)
def add(site: CurrentSite, visit: CurrentVisit, form: Posted) -> Response:
    seed = OpdSeed(
        form.text("kode", "Kode OPD", longest=24),
        form.text("nama", "Nama OPD"),
        form.text("singkatan", "Singkatan", longest=60),
    )
    if form.good:
        try:
            with writing(site.writers) as conn:
                opds.add_opd(conn, seed, by=_by(visit), now=visit.now)
            return RedirectResponse(news.after(f"{WAY}/{seed.code}", "opd"), status_code=303)
        except IdentityError as refusal:
            form.refuse("kode", str(refusal))
    return _overview(site, visit, form)


@addresses.page(WAY + "/{code}", Permission.VIEW_OPDS)
def one(site: CurrentSite, visit: CurrentVisit, code: Code) -> Response:
    return _page(site, visit, code, Form())


@addresses.act(WAY + "/{code}/sistem", Permission.MANAGE_OPDS)
def add_system(site: CurrentSite, visit: CurrentVisit, code: Code, form: Posted) -> Response:
    system, name = form.text("sistem", "Kode sistem", longest=40), form.text("nama_sistem", "Nama sistem", longest=100)
    if form.good:
        try:
            with writing(site.writers) as conn:
                opds.add_system(conn, code, system, name, by=_by(visit), now=visit.now)
            return RedirectResponse(news.after(f"{WAY}/{code}", "sistem"), status_code=303)
        except Unknown:
            raise HTTPException(404) from None
        except IdentityError as refusal:
            form.refuse("sistem", str(refusal))
    return _page(site, visit, code, form)


@addresses.act(WAY + "/{code}/{switch}", Permission.MANAGE_OPDS)
def switch(site: CurrentSite, visit: CurrentVisit, code: Code, switch: Switch) -> Response:
    try:
        with writing(site.writers) as conn:
            opds.switch_opd(conn, code, active=switch == "aktif", by=_by(visit), now=visit.now)
    except Unknown:
        raise HTTPException(404) from None
    return RedirectResponse(news.after(f"{WAY}/{code}", "tersimpan"), status_code=303)


@addresses.act(WAY + "/{code}/sistem/{system}/{switch}", Permission.MANAGE_OPDS)
def switch_system(site: CurrentSite, visit: CurrentVisit, code: Code, system: SystemCode, switch: Switch) -> Response:
    try:
        with writing(site.writers) as conn:
            opds.switch_system(conn, code, system, active=switch == "aktif", by=_by(visit), now=visit.now)
    except Unknown:
        raise HTTPException(404) from None
    return RedirectResponse(news.after(f"{WAY}/{code}", "tersimpan"), status_code=303)


def _by(visit: Visit) -> Actor:
    return Actor.person(visit.principal, Permission.MANAGE_OPDS)


def _overview(site: Site, visit: Visit, form: Form) -> Response:
    scope = visit.principal.scope(Permission.VIEW_OPDS)
    with snapshot(site.pool) as conn:
        found, systems = opds.opds(conn, scope), opds.systems(conn, scope)
        documents = reading.documents(conn, scope=scope)
    return site.pages.page(
        "opds.html",
        visit,
        status=200 if form.good else 422,
        form=form,
        found=found,
        systems={opd.code: sum(each.opd == opd.code for each in systems) for opd in found},
        documents={opd.code: sum(each.opd == opd.code for each in documents) for opd in found},
        may_manage=visit.principal.may(Permission.MANAGE_OPDS),
    )


def _page(site: Site, visit: Visit, code: str, form: Form) -> Response:
    scope = visit.principal.scope(Permission.VIEW_OPDS)
    only = Scope(everywhere=False, opds=frozenset({code}) if scope.covers(code) else frozenset())
    with snapshot(site.pool) as conn:
        found, systems, documents = opds.opds(conn, only), opds.systems(conn, only), reading.documents(conn, scope=only)
    if not found:
        raise HTTPException(404)
    return site.pages.page(
        "opd.html",
        visit,
        status=200 if form.good else 422,
        opd=found[0],
        systems=systems,
        documents=documents,
        form=form,
        may_manage=visit.principal.may(Permission.MANAGE_OPDS),
    )

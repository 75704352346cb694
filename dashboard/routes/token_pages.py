"""Service tokens: issued and shown once, told apart by their first letters, revoked at once."""

from datetime import datetime, time, timedelta
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
from identity.actors import Actor
from identity.errors import IdentityError, Unknown
from identity.opds import System, systems
from identity.permissions import TITLES, TOKEN_PERMISSIONS, Permission
from identity.tokens import LONGEST, NewToken, issue_token, revoke, tokens

WAY = "/token"
Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
addresses = Addresses()


@addresses.page(WAY, Permission.VIEW_TOKENS)
def overview(site: CurrentSite, visit: CurrentVisit) -> Response:
    with snapshot(site.pool) as conn:
        found = tokens(conn, visit.principal.scope(Permission.VIEW_TOKENS))
    managed = visit.principal.scope(Permission.MANAGE_TOKENS)
    return site.pages.page("tokens.html", visit, found=found, managed=managed, titles=TITLES)


@addresses.page(WAY + "/baru", Permission.MANAGE_TOKENS)
def wanted(site: CurrentSite, visit: CurrentVisit) -> Response:
    return _form(site, visit, Form())


@addresses.act(WAY, Permission.MANAGE_TOKENS)
def issue(site: CurrentSite, visit: CurrentVisit, form: Posted) -> Response:
    system = form.choice("sistem", "Sistem", [str(each.id) for each in _systems(site, visit)])
    purpose = form.text("keperluan", "Keperluan", longest=40)
    permissions = form.choices("hak", "Hak", [str(each) for each in TOKEN_PERMISSIONS])
    if not all(_may_give(visit, Permission(each)) for each in permissions):
        form.refuse("hak", "Token yang membuka nilai tersamar diterbitkan oleh Admin OPD.")
    documents = form.text("dokumen", "Dokumen", least=0, longest=1000)
    until = form.date("sampai", "Berlaku sampai")
    if form.good and until is not None:
        end = datetime.combine(until + timedelta(days=1), time(), tzinfo=site.settings.instance.zone)
        new = NewToken(
            int(system),
            purpose,
            frozenset(map(Permission, permissions)),
            frozenset(documents.replace(",", " ").split()) or None,
            end,
        )
        try:
            by = Actor.person(visit.principal, Permission.MANAGE_TOKENS)
            with writing(site.writers) as conn:
                number, secret = issue_token(conn, new, by=by, now=visit.now)
            return site.pages.page("token_shown.html", visit, number=number, secret=secret, expires_at=end)
        except IdentityError as refusal:
            form.refuse("", str(refusal))
    return _form(site, visit, form)


@addresses.act(WAY + "/{number}/cabut", Permission.MANAGE_TOKENS)
def take_back(site: CurrentSite, visit: CurrentVisit, number: Number) -> Response:
    scope = visit.principal.scope(Permission.MANAGE_TOKENS)
    by = Actor.person(visit.principal, Permission.MANAGE_TOKENS)
    try:
        with writing(site.writers) as conn:
            revoke(conn, number, by=by, within=scope, now=visit.now)
    except Unknown:
        raise HTTPException(404) from None
    return RedirectResponse(news.after(WAY, "dicabut"), status_code=303)


def _systems(site: Site, visit: Visit) -> list[System]:
    """The systems for which this person may issue."""
    with snapshot(site.pool) as conn:
        found = systems(conn, visit.principal.scope(Permission.MANAGE_TOKENS))
    return [each for each in found if each.active]


def _may_give(visit: Visit, permission: Permission) -> bool:
    """Who may not open values may not let a program open them either."""
    return permission is not Permission.UNMASK or visit.principal.may(permission)


def _form(site: Site, visit: Visit, form: Form) -> Response:
    return site.pages.page(
        "token_new.html",
        visit,
        status=200 if form.good else 422,
        form=form,
        systems=[(str(each.id), f"{each.opd}: {each.name}") for each in _systems(site, visit)],
        permissions=[(str(each), TITLES[each]) for each in sorted(TOKEN_PERMISSIONS) if _may_give(visit, each)],
        longest_days=LONGEST.days,
    )

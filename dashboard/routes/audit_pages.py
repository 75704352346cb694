"""The audit: who did what, when, for which purpose, and whether the chain stands."""

from datetime import datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Query
from starlette.responses import Response

from dashboard.addresses import Addresses
from dashboard.audit_reading import Wanted, entries
from dashboard.database import snapshot
from dashboard.forms import Form
from dashboard.guard import CurrentVisit
from dashboard.site import CurrentSite, Site
from identity.acts import TITLES
from identity.audit_chain import head, unsealed
from identity.permissions import ROLE_TITLES, Permission

SHOWN = 50
WAY = "/jejak-audit"
NEWEST_ID = 2**63 - 1
Text = Annotated[str, Query(max_length=200)]
addresses = Addresses()


@addresses.page(WAY, Permission.VIEW_AUDIT)
def overview(
    site: CurrentSite,
    visit: CurrentVisit,
    pelaku: Text = "",
    perbuatan: Text = "",
    opd: Text = "",
    subjek: Text = "",
    sejak: Text = "",
    sampai: Text = "",
    sebelum: Annotated[int, Query(ge=1, le=NEWEST_ID)] = NEWEST_ID,
) -> Response:
    asked = {
        "pelaku": pelaku, "perbuatan": perbuatan, "opd": opd, "subjek": subjek, "sejak": sejak, "sampai": sampai,
    }  # fmt: skip
    asked = {name: value.strip().replace("\0", "") for name, value in asked.items() if value.strip()}
    form = Form.of(**asked)
    wanted = _wanted(site, form)
    scope = visit.principal.scope(Permission.VIEW_AUDIT)
    with snapshot(site.pool) as conn:
        found = entries(conn, scope, wanted, before=sebelum, limit=SHOWN + 1) if form.good else []
        last, waiting = head(conn), unsealed(conn)
    older = {**asked, "sebelum": found[SHOWN - 1].id} if len(found) > SHOWN else None
    return site.pages.page(
        "audit.html",
        visit,
        status=200 if form.good else 422,
        form=form,
        found=found[:SHOWN],
        filters=[(f"{name}: {value}", _way(asked, name)) for name, value in asked.items()],
        first=_way(asked) if sebelum != NEWEST_ID else "",
        older=f"{WAY}?{urlencode(older)}" if older else "",
        head=last,
        waiting=waiting,
        acts=sorted((str(act), title) for act, title in TITLES.items()),
        act_titles={str(act): title for act, title in TITLES.items()},
        role_titles={str(role): title for role, title in ROLE_TITLES.items()},
    )


def _wanted(site: Site, form: Form) -> Wanted:
    """The filters; a day that is none becomes a fault of the form."""
    zone = site.settings.instance.zone
    since, until = form.date("sejak", "Sejak", needed=False), form.date("sampai", "Sampai", needed=False)
    return Wanted(
        actor=form["pelaku"] or None,
        act=form["perbuatan"] or None,
        opd=form["opd"] or None,
        subject=form["subjek"] or None,
        since=datetime.combine(since, time(), tzinfo=zone) if since else None,
        until=datetime.combine(until + timedelta(days=1), time(), tzinfo=zone) if until else None,
    )


def _way(asked: dict[str, str], without: str = "") -> str:
    kept = {name: value for name, value in asked.items() if name != without}
    return WAY + (f"?{urlencode(kept)}" if kept else "")

"""What the hub watches in itself, when it last looked, and for each rule what a finding means and what to do."""

from typing import Annotated

from fastapi import Path
from starlette.exceptions import HTTPException
from starlette.responses import Response

from dashboard.addresses import Addresses
from dashboard.database import snapshot
from dashboard.guard import CurrentVisit
from dashboard.plain_text import read_page
from dashboard.site import CurrentSite
from identity.permissions import ROLE_TITLES, Permission
from jobs.notices_views import looks
from jobs.watch import BLIND, PREFIX, Rule, page
from jobs.watch_rules import RULES

WAY = "/pengawasan"
Name = Annotated[str, Path(pattern="^[a-z][a-z-]{0,59}$")]
BY_NAME: dict[str, Rule] = {rule.name: rule for rule in RULES}
addresses = Addresses()


def rule_of(kind: str) -> str:
    """The rule whose page explains a notice of this kind; "" when there is none."""
    name = kind.removeprefix(f"{PREFIX}.")
    return name if name in BY_NAME or name == BLIND else ""


@addresses.page(WAY, Permission.VIEW_NOTICES)
def overview(site: CurrentSite, visit: CurrentVisit) -> Response:
    with snapshot(site.pool) as conn:
        looked = {each.name: each for each in looks(conn)}
    return site.pages.page("watch.html", visit, rules=RULES, looked=looked, roles=ROLE_TITLES)


@addresses.page(WAY + "/{name}", Permission.VIEW_NOTICES)
def one(site: CurrentSite, visit: CurrentVisit, name: Name) -> Response:
    if not rule_of(name):
        raise HTTPException(404)
    title = BY_NAME[name].title if name in BY_NAME else "Pengawasan tidak dapat melihat"
    owner = ROLE_TITLES[BY_NAME[name].owner] if name in BY_NAME else ""
    return site.pages.page("rule.html", visit, title=title, owner=owner, blocks=read_page(page(name)))

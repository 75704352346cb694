"""Where the values of one row come from, and what they were before: masked, and told by the audit where personal."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from starlette.responses import Response

from dashboard.addresses import Addresses
from dashboard.database import snapshot
from dashboard.guard import CurrentVisit
from dashboard.pasts import entity_of, told_past
from dashboard.record_reading import viewer
from dashboard.routes.record_pages import WAY, Address, Entity, helpers, seen_entity, seen_row
from dashboard.site import CurrentSite
from hub_db.why import Origin, Why
from identity.actors import Actor
from identity.pasts import Depth, Sight, seen_why
from identity.permissions import Permission
from schemas.contract import Field

addresses = Addresses()


@dataclass(frozen=True, slots=True)
class Change:
    """What one field became at a moment; nothing where no source said anything of it from then on."""

    since: datetime
    field: Field
    origin: Origin | None


@addresses.page(WAY + "/{entity}/asal", Permission.VIEW_RECORDS)
def past(site: CurrentSite, visit: CurrentVisit, entity: Entity, alamat: Address) -> Response:
    with snapshot(site.pool) as conn:
        entry = seen_entity(conn, site, visit, entity)
        row = seen_row(conn, visit, entry, alamat)
        sight = Sight(entry.contract, viewer(conn, visit.principal, visit.now))
    folded = entity_of(site, entry.contract)
    found: Why | None = None
    if folded is not None:
        by = Actor.person(visit.principal, Permission.VIEW_RECORDS)
        told = told_past(site, entry.contract, folded, alamat, Depth(), by=by)
        found = seen_why(sight, folded, told) if told else None
    return site.pages.page(
        "past.html",
        visit,
        entry=entry,
        row=row,
        found=found,
        of_others=sight.of_others,
        may_see_conflicts=visit.principal.may(Permission.VIEW_CONFLICTS),
        changes=[] if found is None else sorted(_changes(entry.contract.fields, found), key=_newest_first),
        **helpers(site),
    )


def _changes(fields: tuple[Field, ...], found: Why) -> Iterator[Change]:
    for field in fields:
        if field.name in found.fields:
            for each in found.fields[field.name].past:
                yield Change(each.since, field, each.origin)


def _newest_first(change: Change) -> float:
    return -change.since.timestamp()

"""The profile of a document: what each field looked like on a day, beside the days before it."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import Query
from starlette.exceptions import HTTPException
from starlette.responses import Response

from dashboard import catalogue_quality, profile_reading
from dashboard.addresses import Addresses
from dashboard.catalogue import catalogue
from dashboard.database import snapshot
from dashboard.guard import CurrentVisit
from dashboard.routes.catalogue_pages import WAY, DocumentName, OpdCode, found_entry
from dashboard.site import CurrentSite
from hub_db.profiles import reading, store
from identity.permissions import Permission

LOOKED_BACK_DAYS = 400  # as long as profiles are kept
addresses = Addresses()


@addresses.page(WAY + "/{opd}/{document}/profil", Permission.VIEW_DEAD_LETTERS)
def profile(
    site: CurrentSite,
    visit: CurrentVisit,
    opd: OpdCode,
    document: DocumentName,
    hari: Annotated[date | None, Query()] = None,
) -> Response:
    if not visit.principal.may(Permission.VIEW_DEAD_LETTERS, opd):
        raise HTTPException(404)
    with snapshot(site.pool) as conn:
        known = catalogue(conn)
        entry = found_entry(known, opd, document)
        at = catalogue_quality.clock(conn, site.settings.instance, visit.now)
        found = reading.newest_profile(conn, entry.contract, at.today, at.worked, day=hari)
        days = store.days_there(conn, entry.contract.topic, at.today - timedelta(days=LOOKED_BACK_DAYS))
        starts = store.starts(conn, entry.contract.topic)
    day = found.day if found else hari
    before, after = profile_reading.around(days, day) if day else (None, None)
    return site.pages.page(
        "profile.html",
        visit,
        entry=entry,
        agency=known.agency(opd),
        found=found,
        day=day,
        newest=days[-1] if days else None,
        before=before,
        after=after,
        starts=starts,
        rows=profile_reading.rows(found) if found else [],
        sentence=profile_reading.sentence(found) if found else "",
        percent=reading.percent,
    )

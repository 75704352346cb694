"""The working calendar: which days of a year are off and by which decree, and which deadlines fall when."""

from itertools import groupby
from typing import Annotated, Final

from fastapi import Query
from starlette.exceptions import HTTPException
from starlette.responses import Response

from base.indonesian import MONTHS
from dashboard.addresses import Addresses
from dashboard.case_board import office_of, wall
from dashboard.database import snapshot
from dashboard.guard import CurrentVisit
from dashboard.site import CurrentSite
from identity.permissions import Permission

WAY: Final = "/kalender"
addresses = Addresses()


@addresses.page(WAY, Permission.VIEW_CALENDAR)
def year(site: CurrentSite, visit: CurrentVisit, tahun: Annotated[int | None, Query(ge=1, le=9999)] = None) -> Response:
    with snapshot(site.pool) as conn:
        office = office_of(conn, site.settings.instance, visit.now)
        may_see = visit.principal.may(Permission.VIEW_CASES)
        found = wall(conn, visit.principal, office).cards if may_see else []
    calendar, wanted = office.calendar, tahun or office.on.year
    if wanted not in calendar.decrees:
        raise HTTPException(404)
    days = calendar.days_off(wanted)
    # What is late since another year is due in this one.
    due = [each for each in found if (at := each.found.at) and at.due and max(at.due.year, office.on.year) == wanted]
    return site.pages.page(
        "calendar.html",
        visit,
        year=wanted,
        years=[(each, f"{WAY}?tahun={each}", each == wanted) for each in sorted(calendar.decrees)],
        months=[(MONTHS[month - 1], list(of_month)) for month, of_month in groupby(days, lambda day: day.day.month)],
        working_days=calendar.working_days(wanted),
        decree=calendar.decrees[wanted],
        is_working=calendar.is_working_day(office.on),
        today=office.on,
        due=due,
        may_see=may_see,
    )

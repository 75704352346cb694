"""Integration requests as a whole: the register and the statistics."""

from typing import Annotated, Final

from fastapi import Query
from starlette.responses import Response

from dashboard import case_wording
from dashboard.addresses import Addresses
from dashboard.case_board import Office, office_of
from dashboard.case_register import Entry, Sought, register, year_of
from dashboard.case_statistics import statistics
from dashboard.database import snapshot
from dashboard.forms import Form
from dashboard.guard import CurrentVisit
from dashboard.site import CurrentSite, Site
from dashboard.spreadsheets import SheetForm
from dashboard.visit import Visit
from identity.permissions import Permission

REGISTER: Final = "/register-permohonan"
STATISTICS: Final = "/statistik-permohonan"
PAGE: Final = 100  # lines
Text = Annotated[str, Query(max_length=64)]
From = Annotated[int, Query(ge=0, le=1_000_000)]
addresses = Addresses()


@addresses.page(REGISTER, Permission.VIEW_CASES)
def listed(
    site: CurrentSite,
    visit: CurrentVisit,
    opd: Text = "",
    keadaan: Text = "",
    tahun: Text = "",
    mulai: From = 0,
) -> Response:
    every, _ = _every(site, visit)
    sought = Sought(opd, keadaan, tahun)
    found = [each for each in every if sought.fits(each)]
    asked = {"OPD": opd, "keadaan": keadaan, "tahun": tahun}
    query = "&".join(f"{name.lower()}={value}" for name, value in asked.items() if value.isalnum())
    return site.pages.page(
        "cases_register.html",
        visit,
        wide=True,
        total=len(found),
        every=len(every),
        found=found[mulai : mulai + PAGE],
        begins=mulai,
        older=f"{REGISTER}?{query}&mulai={mulai + PAGE}" if mulai + PAGE < len(found) else "",
        newest=f"{REGISTER}?{query}" if mulai else "",
        form=Form.of(opd=opd, keadaan=keadaan, tahun=tahun),
        filters=[(f"{word}: {value}", REGISTER) for word, value in asked.items() if value],
        agencies=sorted({(each.case.opd, each.card.agency) for each in every}, key=lambda each: each[1]),
        states=[(state.value, badge.word) for state, badge in case_wording.STATES.items()],
        years=[(year, year) for year in sorted({year_of(each.case) for each in every} - {""}, reverse=True)],
        state_badges=case_wording.STATES,
        may_call=visit.principal.may(Permission.ACT_ON_CASES),
        sheet_forms=tuple(SheetForm),
    )


@addresses.page(STATISTICS, Permission.VIEW_CASES)
def counted(site: CurrentSite, visit: CurrentVisit, opd: Text = "", tahun: Text = "") -> Response:
    every, office = _every(site, visit)
    sought = Sought(opd=opd, year=tahun)
    found = [each.case for each in every if sought.fits(each)]
    return site.pages.page(
        "cases_statistics.html",
        visit,
        told=statistics(found, office.book.newest, office.on, office.calendar),
        form=Form.of(opd=opd, tahun=tahun),
        filters=[(value, STATISTICS) for value in (opd, tahun) if value],
        names=office.agencies,
        may_report=visit.principal.scope(Permission.VIEW_CASES).everywhere,
        agencies=sorted({(each.case.opd, each.card.agency) for each in every}, key=lambda each: each[1]),
        years=[(year, year) for year in sorted({year_of(each.case) for each in every} - {""}, reverse=True)],
    )


def _every(site: Site, visit: Visit) -> tuple[list[Entry], Office]:
    with snapshot(site.pool) as conn:
        office = office_of(conn, site.settings.instance, visit.now)
        return register(conn, visit.principal, office), office

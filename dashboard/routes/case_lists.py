"""Integration requests as a whole: the register and the statistics."""

from typing import Annotated, Final

from fastapi import Query
from starlette.responses import Response

from dashboard import case_wording
from dashboard.addresses import Addresses
from dashboard.case_board import lag_for, named, office_of
from dashboard.case_register import register, sought_of
from dashboard.case_statistics import statistics
from dashboard.database import snapshot
from dashboard.forms import Form
from dashboard.guard import CurrentVisit
from dashboard.site import CurrentSite
from dashboard.spreadsheets import SheetForm
from dashboard.weekly_numbers import weeks
from identity.permissions import Permission
from sop import boards

REGISTER: Final = "/register-permohonan"
STATISTICS: Final = "/statistik-permohonan"
Text = Annotated[str, Query(max_length=64)]
addresses = Addresses()


@addresses.page(REGISTER, Permission.VIEW_CASES)
def listed(
    site: CurrentSite,
    visit: CurrentVisit,
    opd: Text = "",
    keadaan: Text = "",
    tahun: Text = "",
    sebelum: Text = "",
) -> Response:
    with snapshot(site.pool) as conn:
        office = office_of(conn, site.settings.instance, visit.now)
        told = register(conn, visit.principal, office, sought_of(opd, keadaan, tahun), before=sebelum or None)
    asked = {"OPD": opd, "keadaan": keadaan, "tahun": tahun}
    query = "&".join(f"{name.lower()}={value}" for name, value in asked.items() if value.isalnum())
    return site.pages.page(
        "cases_register.html",
        visit,
        wide=True,
        total=told.found,
        every=told.every,
        found=told.entries,
        lagging=case_wording.lag_sentence(told.lag, visit.now, site.settings.instance.zone),
        older=f"{REGISTER}?{query}&sebelum={told.older}" if told.older else "",
        newest=f"{REGISTER}?{query}" if sebelum else "",
        form=Form.of(opd=opd, keadaan=keadaan, tahun=tahun),
        filters=[(f"{word}: {value}", REGISTER) for word, value in asked.items() if value],
        agencies=named(told.opds, office),
        states=[(state.value, badge.word) for state, badge in case_wording.STATES.items()],
        years=[(str(year), str(year)) for year in told.years],
        state_badges=case_wording.STATES,
        may_call=visit.principal.may(Permission.ACT_ON_CASES),
        sheet_forms=tuple(SheetForm),
    )


@addresses.page(STATISTICS, Permission.VIEW_CASES)
def counted(site: CurrentSite, visit: CurrentVisit, opd: Text = "", tahun: Text = "") -> Response:
    scope, sought = visit.principal.scope(Permission.VIEW_CASES), sought_of(opd, "", tahun)
    with snapshot(site.pool) as conn:
        office = office_of(conn, site.settings.instance, visit.now)
        told = statistics(conn, scope, office, opd=sought.opd, year=sought.year)
        missed = lag_for(conn, visit.principal)
        opds, years = boards.kinds(conn, scope)
        by_week = weeks(conn, scope, office.on, opd=sought.opd)
    return site.pages.page(
        "cases_statistics.html",
        visit,
        told=told,
        weeks=by_week,
        lagging=case_wording.lag_sentence(missed, visit.now, site.settings.instance.zone),
        form=Form.of(opd=opd, tahun=tahun),
        filters=[(value, STATISTICS) for value in (opd, tahun) if value],
        names=office.agencies,
        may_report=scope.everywhere,
        agencies=named(opds, office),
        years=[(str(year), str(year)) for year in years],
    )

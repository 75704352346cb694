"""The register as a file, and the monthly report. Taking one is an act with an audit entry, hence by a button."""

from collections.abc import Callable
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.exceptions import HTTPException
from starlette.responses import Response

from dashboard.addresses import Addresses
from dashboard.case_exports import bundle_file, register_file, report_file
from dashboard.database import writing
from dashboard.guard import CurrentVisit, Posted
from dashboard.routes.case_lists import REGISTER, STATISTICS
from dashboard.site import CurrentSite, Site
from dashboard.spreadsheets import SheetForm
from identity.actors import Actor
from identity.permissions import Permission
from identity.principals import Scope
from sop.papers import Rendered

addresses = Addresses()
MONTHLY: Final = "/laporan"
BUNDLE: Final = "/bukti"


@addresses.act(REGISTER + "/berkas", Permission.VIEW_CASES)
def register(site: CurrentSite, visit: CurrentVisit, form: Posted) -> Response:
    """Of the agencies whose cases the person may see, with the contact persons of those that the person works on."""
    asked = form["bentuk"] or SheetForm.XLSX.value
    if asked not in list(SheetForm):
        raise HTTPException(404)
    who, instance = visit.principal, site.settings.instance
    return _download(
        site,
        lambda conn: register_file(
            conn,
            SheetForm(asked),
            by=Actor.person(who, Permission.VIEW_CASES),
            now=visit.now,
            instance=instance,
            opds=_of(who.scope(Permission.VIEW_CASES)),
            calling=_of(who.scope(Permission.ACT_ON_CASES)),
        ),
    )


@addresses.act(STATISTICS + MONTHLY, Permission.VIEW_CASES)
def report(site: CurrentSite, visit: CurrentVisit, form: Posted) -> Response:
    """Of all agencies, so for those only who may see all."""
    del form  # it brings the token only
    if not visit.principal.scope(Permission.VIEW_CASES).everywhere:
        raise HTTPException(403)
    by, instance = Actor.person(visit.principal, Permission.VIEW_CASES), site.settings.instance
    return _download(site, lambda conn: report_file(conn, by=by, now=visit.now, instance=instance))


@addresses.act(STATISTICS + BUNDLE, Permission.VIEW_CASES)
def bundle(site: CurrentSite, visit: CurrentVisit, form: Posted) -> Response:
    """Evidence of a year, of all agencies, so for those only who may see all."""
    if not visit.principal.scope(Permission.VIEW_CASES).everywhere:
        raise HTTPException(403)
    year = form["tahun"] or str(site.today(visit.now).year)
    if not (len(year) == 4 and year.isascii() and year.isdigit()):
        raise HTTPException(404)
    by, instance = Actor.person(visit.principal, Permission.VIEW_CASES), site.settings.instance
    return _download(site, lambda conn: bundle_file(conn, int(year), by=by, now=visit.now, instance=instance))


def _of(scope: Scope) -> frozenset[str] | None:
    return None if scope.everywhere else scope.opds


def _download(site: Site, made: Callable[[Connection[TupleRow]], Rendered]) -> Response:
    """Kept as a file and never shown in the page's own origin; its name is ours."""
    with writing(site.writers) as conn:
        found = made(conn)
    told = {"Content-Disposition": f'attachment; filename="{found.name}"', "Content-Type": found.media}
    return Response(found.data, headers=told)

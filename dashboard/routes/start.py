"""The start page: what waits for this person, what is not in order, and how the exchange goes."""

from starlette.responses import Response

from dashboard.addresses import Addresses
from dashboard.database import snapshot
from dashboard.errors import SourceAway
from dashboard.guard import SIGNED_IN, CurrentVisit
from dashboard.routes.exchange import seen_by
from dashboard.routes.notice_pages import NOT_CLOSED
from dashboard.sampler import Sample
from dashboard.site import CurrentSite, Site
from dashboard.tasks import Task, waiting_for
from dashboard.visit import Visit
from identity.permissions import Permission
from jobs.notices import Severity
from jobs.notices_views import NoticeRow, list_notices

TROUBLES = 5  # notices on this page
WRONG = (Severity.ATTENTION, Severity.DISTURBANCE)
addresses = Addresses()


@addresses.page("/", SIGNED_IN)
def start(site: CurrentSite, visit: CurrentVisit) -> Response:
    tasks: list[Task] = []
    troubles: list[NoticeRow] = []
    with snapshot(site.pool) as conn:
        tasks = waiting_for(conn, visit, site.settings.instance)
        if visit.principal.may(Permission.VIEW_NOTICES):
            scope = visit.principal.scope(Permission.VIEW_NOTICES)
            troubles = list_notices(conn, scope, states=NOT_CLOSED, severities=WRONG, limit=TROUBLES + 1)
    picture = _picture(site, visit)
    return site.pages.start(visit, picture, tasks=tasks, troubles=troubles[:TROUBLES], more=len(troubles) > TROUBLES)


def _picture(site: Site, visit: Visit) -> Sample | None:
    """The exchange for those who may see it; this page is also there while no picture of it is."""
    scope = visit.principal.scope(Permission.VIEW_EXCHANGE)
    if scope.is_empty:
        return None
    try:
        return seen_by(site, scope)
    except SourceAway:
        return None

"""What each code of the REST interface means and what to do; made from the table of codes. For everybody."""

from starlette.exceptions import HTTPException
from starlette.responses import Response

from dashboard.addresses import Addresses
from dashboard.guard import PUBLIC, CurrentVisit
from dashboard.rest.problems import CODES, PAGES
from dashboard.site import CurrentSite

addresses = Addresses()


@addresses.page(PAGES, PUBLIC)
def codes(site: CurrentSite, visit: CurrentVisit) -> Response:
    return site.pages.page("problems.html", visit, codes=list(CODES.values()))


@addresses.page(PAGES + "/{name}", PUBLIC)
def code(site: CurrentSite, visit: CurrentVisit, name: str) -> Response:
    found = CODES.get(name)
    if found is None:
        raise HTTPException(404)
    return site.pages.page("problems.html", visit, codes=[found])

"""Files made from the contracts: of one document, and of all."""

from typing import Annotated

from fastapi import Path, Request
from starlette.exceptions import HTTPException
from starlette.responses import Response

from dashboard.addresses import Addresses
from dashboard.catalogue import Entry, catalogue
from dashboard.database import snapshot
from dashboard.guard import CurrentVisit
from dashboard.routes.catalogue_pages import WAY, DocumentName, OpdCode, found_entry
from dashboard.site import CurrentSite, Site
from identity.permissions import Permission
from registry.artefacts import CATALOGUE_EXPORTS, EXPORTS, Edition, Hub

FileName = Annotated[str, Path(pattern="^[a-z][a-z-]{0,29}$")]
addresses = Addresses()


@addresses.page(WAY + "/berkas/{name}", Permission.VIEW_CATALOGUE)
def of_all(request: Request, site: CurrentSite, visit: CurrentVisit, name: FileName) -> Response:
    export = CATALOGUE_EXPORTS.get(name)
    with snapshot(site.pool) as conn:
        entries = catalogue(conn).entries
    if export is None or not entries:
        raise HTTPException(404)
    content = export.make([edition(request, site, entry) for entry in entries])
    return _download(content, export.media_type, export.file_name)


@addresses.page(WAY + "/{opd}/{document}/berkas/{name}", Permission.VIEW_CATALOGUE)
def of_one(
    request: Request, site: CurrentSite, visit: CurrentVisit, opd: OpdCode, document: DocumentName, name: FileName
) -> Response:
    export = EXPORTS.get(name)
    with snapshot(site.pool) as conn:
        entry = found_entry(catalogue(conn), opd, document)
    if export is None:
        raise HTTPException(404)
    told = edition(request, site, entry)
    return _download(export.make(told), export.media_type, export.file_name(told))


def edition(request: Request, site: Site, entry: Entry) -> Edition:
    """The document as its files tell of it; they name the address by which this page was asked for."""
    hub = Hub(site.settings.instance, url=f"{request.url.scheme}://{request.headers['host']}")
    return Edition(entry.contract, hub, entry.version or 1)


def _download(content: bytes, media_type: str, file_name: str) -> Response:
    """Kept as a file and never shown in the page's own origin."""
    told = {"Content-Disposition": f'attachment; filename="{file_name}"', "Content-Type": media_type}
    return Response(content, headers=told)

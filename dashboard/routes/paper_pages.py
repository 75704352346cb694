"""The page to which the code on a paper leads: for everybody who holds the paper, so it tells of the paper alone."""

from typing import Annotated, Final

from fastapi import Path, Request
from starlette.responses import Response

from dashboard import paper_view
from dashboard.addresses import Addresses
from dashboard.database import snapshot
from dashboard.guard import PUBLIC, CurrentVisit
from dashboard.routes.door import address_of
from dashboard.site import CurrentSite, Site
from dashboard.visit import Visit
from sop import renditions
from sop.renditions import UnknownRendition

WAY: Final = renditions.WAY + "{code}"
Code = Annotated[str, Path(max_length=100)]
addresses = Addresses()


@addresses.page(WAY, PUBLIC)
def paper(request: Request, site: CurrentSite, visit: CurrentVisit, code: Code) -> Response:
    wait_s = site.strangers.wait(address_of(request))
    if wait_s:
        return _too_many(site, visit, wait_s)
    try:
        with snapshot(site.pool) as conn:
            found = renditions.by_code(conn, code.strip().lower())
            _, agency = renditions.agency_of(conn, found.code)
            signatures = renditions.accepted(conn, found.case) if found.signed else []
    except UnknownRendition:
        return _unknown(site, visit)
    held = [each for each in signatures if (each.slot, each.sha256) == (found.slot, found.signed)]
    return site.pages.page("paper.html", visit, told=paper_view.told(found, agency, held), issuing=_issuing(site))


def _issuing(site: Site) -> str:
    """The office whose papers these are."""
    instance = site.settings.instance
    return f"{instance.agencies[instance.sop.walidata].nama}, {instance.nama}"


def _unknown(site: Site, visit: Visit) -> Response:
    text = (
        "Kode pada alamat ini tidak dikenal. Mohon pindai lagi kode QR pada naskahnya, atau ketik alamatnya persis "
        "seperti tercetak. Naskah dengan kode yang tidak dikenal bukan naskah dari sini."
    )
    return site.pages.fault(visit, "Naskah tidak dikenal", text, status=404, act="Ke halaman depan", way="/masuk")


def _too_many(site: Site, visit: Visit, wait_s: float) -> Response:
    text = "Terlalu banyak naskah diperiksa dari jaringan Anda dalam waktu singkat. Mohon coba lagi sebentar lagi."
    answer = site.pages.fault(visit, "Mohon tunggu sebentar", text, status=429, act="Coba lagi", look="")
    answer.headers["Retry-After"] = str(max(1, round(wait_s)))
    return answer

"""Whether the process lives, and whether it has anything to show. For everybody, and without versions."""

from starlette.responses import JSONResponse, Response

from dashboard.addresses import Addresses
from dashboard.guard import PUBLIC
from dashboard.site import CurrentSite

addresses = Addresses()


@addresses.page("/healthz", PUBLIC)
def alive(site: CurrentSite) -> Response:
    if not site.sampler.alive:
        return JSONResponse({"status": "failed"}, status_code=503)
    return JSONResponse({"status": "ok"})


@addresses.page("/readyz", PUBLIC)
def ready(site: CurrentSite) -> Response:
    sample = site.sampler.current()
    if sample.whole is None or sample.away_since is not None:
        return JSONResponse({"status": "unavailable"}, status_code=503)
    return JSONResponse({"status": "ok"})

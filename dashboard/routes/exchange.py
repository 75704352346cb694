"""The addresses of the pages. Reading only."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import APIRouter, Header, Query
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse
from starlette.responses import Response

from dashboard import reading
from dashboard.database import Pool, snapshot
from dashboard.errors import SourceAway
from dashboard.exchange import Document
from dashboard.pages import Pages
from dashboard.sampler import Sampler
from dashboard.settings import Settings
from dashboard.stream import Broadcast, EventStream
from schemas.names import TopicName

AGAIN_S = 5  # after this the page that says that the database is away asks again by itself
LETTERS = 25  # on one page
CAUSES = 50
METHODS = ["GET", "HEAD"]


def router(settings: Settings, pool: Pool, pages: Pages, sampler: Sampler, broadcast: Broadcast) -> APIRouter:
    """All addresses, bound to what they need."""
    routes = APIRouter()

    @routes.api_route("/", methods=METHODS)
    def exchange() -> Response:
        sample = sampler.current()
        if sample.whole is None or sample.away_since is not None:
            return away(pages)
        return HTMLResponse(pages.exchange(sample))

    @routes.api_route("/data-dikembalikan", methods=METHODS)
    def returned(
        dokumen: Annotated[str, Query(max_length=100)] = "",
        sebelum: Annotated[int, Query(ge=1, le=reading.NEWEST_ID)] = reading.NEWEST_ID,
    ) -> Response:
        try:
            return _returned(pool, pages, dokumen, sebelum)
        except SourceAway:
            return away(pages)

    @routes.get("/aliran")
    async def flow(
        last_event_id: Annotated[str | None, Header(max_length=100)] = None,
        sec_fetch_site: Annotated[str | None, Header(max_length=20)] = None,
    ) -> Response:
        if sec_fetch_site not in (None, "same-origin", "none"):
            return PlainTextResponse("Hanya untuk halaman Simpul.", status_code=403)
        sampler.wake()
        return EventStream(
            broadcast, last_event_id, send_timeout_s=settings.send_timeout_s, life_s=settings.stream_life_s
        )

    @routes.api_route("/healthz", methods=METHODS)
    def alive() -> Response:
        if not sampler.alive:
            return JSONResponse({"status": "failed"}, status_code=503)
        return JSONResponse({"status": "ok"})

    @routes.api_route("/readyz", methods=METHODS)
    def ready() -> Response:
        sample = sampler.current()
        if sample.whole is None or sample.away_since is not None:
            return JSONResponse({"status": "unavailable"}, status_code=503)
        return JSONResponse({"status": "ok"})

    return routes


def away(pages: Pages) -> Response:
    """The page while PostgreSQL does not answer; the browser asks again by itself."""
    text = (
        "Data dari OPD tetap aman di Kafka dan diolah setelah pulih. "
        f"Halaman ini mencoba lagi sendiri setiap {AGAIN_S} detik; bila lebih dari beberapa menit, "
        "mohon periksa basis data dengan perintah ./simpul status."
    )
    html = pages.fault("Basis data tidak menjawab", text, act="Coba lagi", again_s=AGAIN_S)
    return HTMLResponse(html, status_code=503, headers={"Retry-After": str(AGAIN_S)})


def _returned(pool: Pool, pages: Pages, chosen: str, before: int) -> Response:
    with snapshot(pool) as conn:
        documents = reading.documents(conn)
        topic = _topic(documents, chosen)
        if chosen and topic is None:
            return _unknown_document(pages)
        letters = reading.dead_letters_before(conn, before, topic=topic, limit=LETTERS + 1)
        causes = reading.causes(conn, topic=topic, limit=CAUSES + 1)
    html = pages.render(
        "returned.html",
        documents=documents,
        chosen=chosen,
        causes=causes[:CAUSES],
        more_causes=len(causes) > CAUSES,
        total=sum(cause.letters for cause in causes),
        letters=letters[:LETTERS],
        paged=before != reading.NEWEST_ID,
        next_before=letters[LETTERS - 1].id if len(letters) > LETTERS else None,
    )
    return HTMLResponse(html)


def _topic(documents: Sequence[Document], name: str) -> TopicName | None:
    return next((document.topic for document in documents if document.name == name), None)


def _unknown_document(pages: Pages) -> Response:
    html = pages.fault(
        "Dokumen tidak ditemukan",
        "Dokumen yang dipilih tidak ada dalam daftar dokumen pertukaran. Mohon pilih dari daftar.",
        act="Lihat semua data dikembalikan",
        way="/data-dikembalikan",
    )
    return HTMLResponse(html, status_code=404)

"""The web application: one sampler, one broadcast, a few pages."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Scope

from dashboard.database import open_pool
from dashboard.edge import Edge
from dashboard.log_ends import LogEndsWatch
from dashboard.pages import FOLDER, Pages
from dashboard.routes import router
from dashboard.sampler import Sample, Sampler
from dashboard.settings import Settings
from dashboard.stream import Broadcast

FAULTS = {
    404: ("Halaman tidak ditemukan", "Alamat ini tidak ada. Mohon periksa ketikannya, atau buka dari menu."),
    405: ("Cara membuka tidak sesuai", "Halaman ini hanya untuk dibaca."),
    422: ("Alamat tidak lengkap", "Bagian di belakang tanda tanya pada alamat tidak dikenali. Mohon buka dari menu."),
}
OTHER_FAULT = (
    "Halaman gagal dibuat",
    "Ada kesalahan pada Simpul, bukan pada Anda, dan sudah tercatat. Mohon coba lagi.",
)


class _Files(StaticFiles):
    """Files of ours that a browser keeps, and asks about each time."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def create_app(settings: Settings) -> FastAPI:
    """The application; it begins to read PostgreSQL and Kafka when the server starts it."""
    pages = Pages(settings.instance)
    broadcast = Broadcast(limit=settings.max_streams)
    pool = open_pool(settings)
    log_ends = LogEndsWatch(settings.kafka, every_s=settings.sample_s)

    def hand_on(sample: Sample) -> None:
        # Also while nobody listens: a page that was just drawn must not be followed by older figures.
        broadcast.publish(pages.regions(sample))

    sampler = Sampler(settings, pool, log_ends, hand_on=hand_on, watched=lambda: broadcast.readers > 0)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        broadcast.attach(asyncio.get_running_loop())
        pool.open(wait=False)
        log_ends.start()
        sampler.start()
        try:
            yield
        finally:
            broadcast.close()
            await asyncio.to_thread(_close, sampler, log_ends)
            await asyncio.to_thread(pool.close)

    app = FastAPI(title="Simpul", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.broadcast = broadcast
    app.add_middleware(Edge, hosts=settings.hosts, fault=lambda: _fault(pages, 500))
    app.mount("/static", _Files(directory=FOLDER / "static"), name="static")
    app.include_router(router(settings, pool, pages, sampler, broadcast))

    @app.exception_handler(HTTPException)
    async def refused(_: Request, error: HTTPException) -> Response:
        return _fault(pages, error.status_code, error.headers)

    @app.exception_handler(RequestValidationError)
    async def not_understood(_: Request, _error: RequestValidationError) -> Response:
        return _fault(pages, 422)

    return app


def _close(sampler: Sampler, log_ends: LogEndsWatch) -> None:
    sampler.close()
    log_ends.close()


def _fault(pages: Pages, status: int, headers: Mapping[str, str] | None = None) -> Response:
    title, text = FAULTS.get(status, OTHER_FAULT)
    return HTMLResponse(pages.fault(title, text, act="Ke halaman utama", way="/"), status_code=status, headers=headers)

"""The web application: one sampler, one broadcast, the pages, and a need declared on every address."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

from dashboard import refusals
from dashboard.database import SIGN_INS, open_pool, open_writers
from dashboard.edge import Edge
from dashboard.entities import load_entities
from dashboard.guard import must_be_declared
from dashboard.log_ends import LogEndsWatch
from dashboard.pages import FOLDER, Pages
from dashboard.routes import ROUTERS
from dashboard.sampler import Sample, Sampler
from dashboard.settings import Settings
from dashboard.site import Site
from dashboard.stream import Broadcast
from dashboard.turns import Turns
from dashboard.visit import Visit


class _Files(StaticFiles):
    """Files of ours that a browser keeps, and asks about each time."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = "no-cache"
        return response


def create_app(settings: Settings) -> FastAPI:
    """The application; it begins to read PostgreSQL and Kafka when the server starts it.

    Raises Undeclared when an address does not say what it needs.
    """
    pages = Pages(settings.instance)
    broadcast = Broadcast(limit=settings.max_streams, each=settings.max_streams_each)
    pool, writers = open_pool(settings), open_writers(settings)
    log_ends = LogEndsWatch(settings.kafka, every_s=settings.sample_s)

    def hand_on(sample: Sample) -> None:
        # Also while nobody listens: a page that was just drawn must not be followed by older figures.
        broadcast.publish(pages.regions(sample))

    sampler = Sampler(settings, pool, log_ends, hand_on=hand_on, watched=lambda: broadcast.readers > 0)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        broadcast.attach(asyncio.get_running_loop())
        pool.open(wait=False)
        writers.open(wait=False)
        log_ends.start()
        sampler.start()
        try:
            yield
        finally:
            broadcast.close()
            await asyncio.to_thread(_close, sampler, log_ends)
            await asyncio.to_thread(writers.close)
            await asyncio.to_thread(pool.close)

    app = FastAPI(title="Simpul", docs_url=None, redoc_url=None, openapi_url=None, lifespan=lifespan)
    app.state.site = Site(
        settings,
        pool,
        writers,
        pages,
        sampler,
        broadcast,
        Turns(SIGN_INS),
        load_entities(settings.contracts, settings.instance),
    )
    app.add_middleware(Edge, hosts=settings.hosts, fault=lambda: refusals.fault(pages, 500, Visit(datetime.now(UTC))))
    app.mount("/static", _Files(directory=FOLDER / "static"), name="static")
    for router in ROUTERS:
        app.router.routes.extend(router.routes)  # themselves, so that each can be asked what it needs
    must_be_declared(app.routes)
    refusals.install(app, pages)
    return app


def _close(sampler: Sampler, log_ends: LogEndsWatch) -> None:
    sampler.close()
    log_ends.close()

"""The web application: one sampler, one broadcast, the pages, and a need declared on every address."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

from dashboard import refusals
from dashboard.database import SIGN_INS, open_pool, open_writers
from dashboard.edge import Edge
from dashboard.entities import ApprovedEntities
from dashboard.guard import must_be_declared
from dashboard.log_ends import LogEndsWatch
from dashboard.pages import FOLDER, Pages
from dashboard.rest.parts import Rest
from dashboard.rest.short_road import ShortRoad, last_parts
from dashboard.routes import ROUTERS
from dashboard.sampler import Sample, Sampler
from dashboard.settings import Settings
from dashboard.site import Site
from dashboard.strangers import Strangers
from dashboard.stream import Broadcast
from dashboard.turns import Turns
from hub_db.layouts import KnownEntities


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
    rest = Rest.of(settings, writers)
    entities = ApprovedEntities(rest.readers)
    known = KnownEntities()
    site = Site(settings, pool, writers, pages, sampler, broadcast, Turns(SIGN_INS), entities, known, rest, Strangers())
    running = _running(site, log_ends)
    app = FastAPI(title="Simpul", docs_url=None, redoc_url=None, openapi_url=None, lifespan=running)
    app.state.site = site
    app.mount("/static", _Files(directory=FOLDER / "static"), name="static")
    for router in ROUTERS:
        app.router.routes.extend(router.routes)  # themselves, so that each can be asked what it needs
    must_be_declared(app.routes)
    paths = [each.path for each in app.routes if isinstance(each, APIRoute)]
    app.add_middleware(ShortRoad, site=site, others=last_parts(paths))
    app.add_middleware(Edge, hosts=settings.hosts, fault=lambda path: refusals.of_ours(pages, path, datetime.now(UTC)))
    refusals.install(app, pages)
    return app


def _look_first(site: Site) -> None:
    """What the first request would wait for. Raises SourceAway; then it is looked for when it is asked for."""
    for entity in site.approved.look():
        site.rest.states.look(entity, datetime.now(UTC))


def _running(site: Site, log_ends: LogEndsWatch) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """What begins and ends with the server."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        site.broadcast.attach(asyncio.get_running_loop())
        site.pool.open(wait=False)
        site.writers.open(wait=False)
        site.rest.readers.open(wait=False)
        log_ends.start()
        site.sampler.start()
        site.rest.quick.at_hand()
        site.rest.renewals.begin("first", lambda: _look_first(site))
        try:
            yield
        finally:
            site.broadcast.close()
            site.rest.quick.close()
            site.rest.renewals.close()
            await asyncio.to_thread(site.sampler.close)
            await asyncio.to_thread(log_ends.close)
            await asyncio.to_thread(site.rest.readers.close)
            await asyncio.to_thread(site.writers.close)
            await asyncio.to_thread(site.pool.close)

    return lifespan

"""The registry's web application: the Confluent REST API over PostgreSQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from fastapi import APIRouter, Depends, FastAPI, Request
from starlette.middleware import Middleware
from starlette.responses import JSONResponse

from base.release import RELEASE
from identity.principals import TokenPrincipal
from identity.tokens import principal_of_token
from registry import versions
from registry.accounts import Accounts, Tokens
from registry.answers import answer, install_errors
from registry.openapi import openapi
from registry.remembered import Remembered
from registry.requests import Database, EncodedPath, reader
from registry.routes import apicurio, compatibility, loads, schemas, scopes, subjects
from registry.settings import Settings
from registry.store import Store

CLUSTER = "simpul"

general = APIRouter()
health = APIRouter()


@general.get("/")
def root(request: Request) -> JSONResponse:
    """Nothing; clients use it to see that a registry is there."""
    return answer(request, {})


@general.get("/contexts")
def contexts(request: Request, store: Database) -> JSONResponse:
    """The contexts that have a subject."""
    return answer(request, store.run(versions.contexts))


@general.get("/openapi.json")
def described(request: Request) -> JSONResponse:
    """This API as OpenAPI 3.1."""
    text = request.app.state.openapi = request.app.state.openapi or openapi(request.app)
    return answer(request, text)


@general.get("/v1/metadata/id")
def server_id(request: Request) -> JSONResponse:
    """Which cluster this is."""
    return answer(request, {"scope": {"path": [], "clusters": {"schema-registry-cluster": CLUSTER}}, "id": ""})


@general.get("/v1/metadata/version")
def server_version(request: Request) -> JSONResponse:
    """Which release this is."""
    return answer(request, {"version": RELEASE, "commitId": ""})


@health.get("/healthz")
def alive(request: Request) -> JSONResponse:
    """The process answers. Says nothing about the database: restarting this process would not mend that."""
    return answer(request, {"status": "up"})


@health.get("/readyz")
def ready(request: Request, store: Database) -> JSONResponse:
    """The process can do its work; 503 when PostgreSQL is away."""
    store.run(versions.probe)
    return answer(request, {"status": "ready"})


@asynccontextmanager
async def _opened(app: FastAPI) -> AsyncIterator[None]:
    store: Store = app.state.store
    store.open()
    try:
        yield
    finally:
        store.close()


def _token_principal(store: Store, token: str) -> TokenPrincipal | None:
    return store.run(lambda conn: principal_of_token(conn, token, now=datetime.now(UTC)))


def create_app(settings: Settings) -> FastAPI:
    """The application. Starts without PostgreSQL, answers 503 while it is away, recovers by itself."""
    app = FastAPI(
        title="Simpul schema registry",
        lifespan=_opened,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[Middleware(Remembered), Middleware(EncodedPath)],
    )
    app.state.store = Store(settings)
    app.state.accounts = Accounts(settings.users, settings.writers)
    app.state.tokens = Tokens(lambda token: _token_principal(app.state.store, token))
    app.state.openapi = None
    app.state.pages_url = settings.pages_url
    own = (general, subjects.router, schemas.router, scopes.router, compatibility.router, loads.router)
    for router in (*own, apicurio.router):
        app.include_router(router, dependencies=[Depends(reader)])
    app.include_router(health)
    install_errors(app)
    return app

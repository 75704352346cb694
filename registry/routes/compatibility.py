"""Whether a schema could become a version of a subject."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.responses import JSONResponse

from registry import registration, scopes, versions
from registry.answers import answer
from registry.bodies import SchemaBody, SchemaSent
from registry.errors import VersionNotFound
from registry.requests import LATEST, Database, Subject, VersionNumber, flag
from registry.routes.subjects import read_schema, real_subject
from registry.store import Store
from schemas.names import SubjectName

router = APIRouter(prefix="/compatibility/subjects/{subject}/versions")
Asked = Annotated[str | None, Query(max_length=10)]


@router.post("/{version}")
def with_version(
    request: Request,
    store: Database,
    subject: Subject,
    version: VersionNumber,
    body: SchemaSent,
    verbose: Asked = None,
    normalize: Asked = None,
) -> JSONResponse:
    """Against one version, whatever the level says of transitivity."""
    reasons = _reasons(store, subject, body, version, normalise=flag(normalize))
    return answer(request, _verdict(reasons, verbose=flag(verbose)))


@router.post("")
def with_all(
    request: Request,
    store: Database,
    subject: Subject,
    body: SchemaSent,
    verbose: Asked = None,
    normalize: Asked = None,
) -> JSONResponse:
    """Against the versions that the subject's level compares with."""
    reasons = _reasons(store, subject, body, None, normalise=flag(normalize))
    return answer(request, _verdict(reasons, verbose=flag(verbose)))


def _reasons(store: Store, subject: SubjectName, body: SchemaBody, number: int | None, *, normalise: bool) -> list[str]:
    def work(conn: Connection[TupleRow]) -> list[str]:
        real = real_subject(conn, subject)
        parsed = read_schema(conn, real, body, normalise=normalise)
        level = scopes.effective(conn, real).level
        if number is None:
            return registration.against(conn, real, parsed, level)
        found = versions.at(conn, real, number)
        if found is None and number != LATEST:
            raise VersionNotFound(number)
        return registration.against_versions(conn, real, parsed, level, [found.version] if found else [])

    return store.run(work)


def _verdict(reasons: list[str], *, verbose: bool) -> dict[str, Any]:
    return {"is_compatible": not reasons, **({"messages": reasons} if verbose else {})}

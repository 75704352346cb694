"""Schemas by their id, by their guid, and as a list."""

import json
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.responses import JSONResponse

from registry import versions
from registry.answers import answer
from registry.descriptions import described, described_schema
from registry.errors import SchemaNotFound
from registry.requests import Context, Database, Identifier, List, flag
from registry.resolved import resolved_text
from registry.store import Store
from registry.subject_names import EVERYWHERE, qualified
from registry.versions import Schema
from schemas.names import SchemaId, SubjectName

router = APIRouter(prefix="/schemas")
Format = Annotated[str | None, Query(max_length=100)]


@router.get("/types")
def types(request: Request) -> JSONResponse:
    """The schema types that are kept here."""
    return answer(request, ["AVRO"])


@router.get("")
def listed(
    request: Request,
    store: Database,
    context: Context,
    wanted: List,
    subject_prefix: Annotated[str, Query(alias="subjectPrefix", max_length=255)] = EVERYWHERE,
    latest_only: Annotated[str | None, Query(alias="latestOnly")] = None,
) -> JSONResponse:
    """Versions of the subjects with a prefix."""
    prefix = prefix_in(context, subject_prefix)

    def work(conn: Connection[TupleRow]) -> list[dict[str, Any]]:
        found = versions.listed(conn, prefix, wanted, latest_only=flag(latest_only))
        references = versions.references_of(conn, [each.schema_id for each in found])
        return [described(each, references.get(each.schema_id, [])) for each in found]

    return answer(request, store.run(work))


def prefix_in(context: str, prefix: str) -> str:
    """How the names begin that a prefix asks for; `:*:` is every context."""
    return "" if prefix == EVERYWHERE else qualified(context, prefix)


@router.get("/ids/{schema_id}")
def schema(
    request: Request,
    store: Database,
    schema_id: Identifier,
    format: Format = None,
    fetch_max_id: Annotated[str | None, Query(alias="fetchMaxId")] = None,
) -> JSONResponse:
    """The schema as text inside JSON."""

    def work(conn: Connection[TupleRow]) -> dict[str, Any]:
        found = by_id(conn, schema_id)
        references = versions.references_of(conn, [found.id]).get(found.id, [])
        body = described_schema(found, references, text=resolved_text(conn, found, format))
        return body | ({"maxId": versions.highest_id(conn)} if flag(fetch_max_id) else {})

    return answer(request, store.run(work))


@router.get("/ids/{schema_id}/schema")
def raw_schema(request: Request, store: Database, schema_id: Identifier, format: Format = None) -> JSONResponse:
    """The schema itself."""
    text = store.run(lambda conn: resolved_text(conn, by_id(conn, schema_id), format))
    return answer(request, json.loads(text))


@router.get("/ids/{schema_id}/subjects")
def subjects(request: Request, store: Database, schema_id: Identifier, wanted: List) -> JSONResponse:
    """The names of the subjects that have this schema as a version."""
    return answer(request, sorted({subject for subject, _ in _uses(store, schema_id, deleted=wanted.deleted)}))


@router.get("/ids/{schema_id}/versions")
def subject_versions(request: Request, store: Database, schema_id: Identifier, wanted: List) -> JSONResponse:
    """Subject and number of each version that is this schema."""
    uses = _uses(store, schema_id, deleted=wanted.deleted)
    return answer(request, [{"subject": subject, "version": version} for subject, version in uses])


@router.get("/guids/{guid}")
def schema_of_guid(request: Request, store: Database, guid: str) -> JSONResponse:
    """The schema of a guid."""

    def work(conn: Connection[TupleRow]) -> dict[str, Any]:
        found = by_guid(conn, guid)
        return described_schema(found, versions.references_of(conn, [found.id]).get(found.id, []))

    return answer(request, store.run(work))


@router.get("/guids/{guid}/ids")
def ids_of_guid(request: Request, store: Database, context: Context, guid: str) -> JSONResponse:
    """The ids of a guid: one, in whatever context."""
    found = store.run(lambda conn: by_guid(conn, guid))
    return answer(request, [{"context": context, "id": found.id}])


def by_id(conn: Connection[TupleRow], schema_id: SchemaId | None) -> Schema:
    """A schema in use. Raises SchemaNotFound."""
    found = None if schema_id is None else versions.schema(conn, schema_id)
    if found is None:
        raise SchemaNotFound(None if schema_id is None else str(schema_id))
    return found


def by_guid(conn: Connection[TupleRow], guid: str) -> Schema:
    """A schema in use. Raises SchemaNotFound, also for what is no guid."""
    try:
        found = versions.schema_of_guid(conn, UUID(guid))
    except ValueError:
        found = None
    if found is None:
        raise SchemaNotFound
    return found


def _uses(store: Store, schema_id: SchemaId | None, *, deleted: bool) -> list[tuple[SubjectName, int]]:
    def work(conn: Connection[TupleRow]) -> list[tuple[SubjectName, int]]:
        return versions.uses(conn, by_id(conn, schema_id).id, deleted=deleted)

    return store.run(work)

"""Schemas by their id."""

import json

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from registry import versions
from registry.answers import answer
from registry.errors import SchemaNotFound
from registry.requests import Database, Identifier
from registry.store import Store
from schemas.names import SchemaId, SubjectName

router = APIRouter(prefix="/schemas/ids/{schema_id}")


@router.get("")
def schema(request: Request, store: Database, schema_id: Identifier) -> JSONResponse:
    """The schema as text inside JSON."""
    return answer(request, {"schema": _text(store, schema_id)})


@router.get("/schema")
def raw_schema(request: Request, store: Database, schema_id: Identifier) -> JSONResponse:
    """The schema itself."""
    return answer(request, json.loads(_text(store, schema_id)))


@router.get("/subjects")
def subjects(request: Request, store: Database, schema_id: Identifier) -> JSONResponse:
    """The names of the subjects that have this schema as a live version."""
    return answer(request, sorted({subject for subject, _ in _uses(store, schema_id)}))


@router.get("/versions")
def subject_versions(request: Request, store: Database, schema_id: Identifier) -> JSONResponse:
    """Subject and number of each live version that is this schema."""
    uses = [{"subject": subject, "version": version} for subject, version in _uses(store, schema_id)]
    return answer(request, uses)


def _text(store: Store, schema_id: SchemaId | None) -> str:
    text = None if schema_id is None else store.run(lambda conn: versions.schema_text(conn, schema_id))
    if text is None:
        raise SchemaNotFound(None if schema_id is None else str(schema_id))
    return text


def _uses(store: Store, schema_id: SchemaId | None) -> list[tuple[SubjectName, int]]:
    if schema_id is None:
        raise SchemaNotFound
    uses = store.run(lambda conn: versions.uses(conn, schema_id))
    if not uses:
        _text(store, schema_id)  # a schema without a live version is known still
    return uses

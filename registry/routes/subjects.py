"""Subjects and their versions."""

import json
import logging

from fastapi import APIRouter, Request
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.responses import JSONResponse

from registry import schema_text, versions
from registry.answers import answer
from registry.errors import SchemaNotFound, SubjectNotFound, VersionNotFound
from registry.requests import LATEST, Body, Database, Subject, User, VersionNumber
from registry.store import Store
from registry.versions import Version
from schemas.names import SubjectName

log = logging.getLogger(__name__)

router = APIRouter(prefix="/subjects")


@router.get("")
def subjects(request: Request, store: Database) -> JSONResponse:
    """The names of all subjects."""
    return answer(request, store.run(versions.subjects))


@router.post("/{subject}")
def look_up(request: Request, store: Database, subject: Subject, body: Body) -> JSONResponse:
    """The version of the subject that is exactly this schema."""
    parsed = schema_text.parse(body.text)

    def work(conn: Connection[TupleRow]) -> Version:
        found = versions.registered(conn, subject, parsed)
        if found is None:
            _must_exist(conn, subject)
            raise SchemaNotFound
        return found

    return answer(request, _described(subject, store.run(work)))


@router.get("/{subject}/versions")
def numbers(request: Request, store: Database, subject: Subject) -> JSONResponse:
    """The version numbers of the subject."""
    return answer(request, store.run(lambda conn: _must_exist(conn, subject)))


@router.post("/{subject}/versions")
def register(request: Request, store: Database, user: User, subject: Subject, body: Body) -> JSONResponse:
    """Make this schema a version of the subject unless it is one; its id either way."""
    parsed = schema_text.parse(body.text)
    made = store.run(lambda conn: versions.register(conn, subject, parsed, by=user))
    marks = {"action": "register", "subject": subject, "version": made.version, "schema_id": made.schema_id}
    log.info("schema registered", extra=marks | {"by": user})
    return answer(request, {"id": made.schema_id})


@router.get("/{subject}/versions/{version}")
def version(request: Request, store: Database, subject: Subject, version: VersionNumber) -> JSONResponse:
    """One version of the subject."""
    return answer(request, _described(subject, _version(store, subject, version)))


@router.get("/{subject}/versions/{version}/schema")
def raw_version(request: Request, store: Database, subject: Subject, version: VersionNumber) -> JSONResponse:
    """The schema of one version, itself."""
    return answer(request, json.loads(_version(store, subject, version).schema_text))


def _version(store: Store, subject: SubjectName, number: int) -> Version:
    def work(conn: Connection[TupleRow]) -> Version:
        found = versions.latest(conn, subject) if number == LATEST else versions.at(conn, subject, number)
        if found is None:
            _must_exist(conn, subject)
            raise VersionNotFound(number)
        return found

    return store.run(work)


def _must_exist(conn: Connection[TupleRow], subject: SubjectName) -> list[int]:
    """The subject's version numbers; raises SubjectNotFound when there are none."""
    found = versions.numbers(conn, subject)
    if not found:
        raise SubjectNotFound(subject)
    return found


def _described(subject: SubjectName, found: Version) -> dict[str, object]:
    return {"subject": subject, "id": found.schema_id, "version": found.version, "schema": found.schema_text}

"""Subjects and their versions."""

import json
import logging
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.responses import JSONResponse

from identity.actors import Actor
from registry import avro_shape, contract_limits, registration, scopes, versions
from registry.accounts import Caller
from registry.answers import answer
from registry.bodies import SchemaBody, SchemaSent
from registry.deletion import delete_subject, delete_version
from registry.descriptions import described
from registry.errors import Forbidden, NeedsApproval, SchemaNotFound, SubjectNotFound, VersionNotFound
from registry.governance import drafts
from registry.governance.drafts import Draft
from registry.governance.governed import DRAFTS_WAY, has_contract, needs_approval
from registry.references import resolve
from registry.requests import Asking, Context, Database, List, Subject, User, VersionNumber, flag
from registry.resolved import resolved_text
from registry.routes.schemas import Format, prefix_in
from registry.schema_text import ParsedSchema, normalised, parse
from registry.subject_names import EVERYWHERE, is_governed
from registry.versions import Schema, Version, Wanted
from schemas.names import SchemaId, SubjectName

log = logging.getLogger(__name__)

router = APIRouter(prefix="/subjects")
Asked = Annotated[str | None, Query(max_length=10)]


@router.get("")
def subjects(
    request: Request,
    store: Database,
    context: Context,
    wanted: List,
    subject_prefix: Annotated[str, Query(alias="subjectPrefix", max_length=255)] = EVERYWHERE,
) -> JSONResponse:
    """The names of the subjects with a prefix."""
    prefix = prefix_in(context, subject_prefix)
    return answer(request, store.run(lambda conn: versions.subjects(conn, prefix, wanted)))


@router.post("/{subject}")
def look_up(
    request: Request,
    store: Database,
    subject: Subject,
    body: SchemaSent,
    normalize: Asked = None,
    deleted: Asked = None,
) -> JSONResponse:
    """The version of the subject that is exactly this schema."""

    def work(conn: Connection[TupleRow]) -> dict[str, Any]:
        real = real_subject(conn, subject)
        parsed = read_schema(conn, real, body, normalise=flag(normalize))
        parsed = registration.completed(parsed, scopes.effective(conn, real))
        found = versions.registered(conn, real, parsed, deleted=flag(deleted))
        if found is None:
            must_exist(conn, real, Wanted(deleted=flag(deleted)))
            raise SchemaNotFound
        return described(found, parsed.references)

    return answer(request, store.run(work))


@router.delete("/{subject}")
def delete(request: Request, store: Database, user: User, subject: Subject, permanent: Asked = None) -> JSONResponse:
    """Delete all versions of the subject; their numbers."""
    gone = store.run(lambda conn: delete_subject(conn, subject, permanent=flag(permanent)))
    log.info("subject deleted", extra={"action": "delete", "subject": subject, "versions": gone, "by": user})
    return answer(request, gone)


@router.get("/{subject}/versions")
def numbers(request: Request, store: Database, subject: Subject, wanted: List) -> JSONResponse:
    """The version numbers of the subject."""
    return answer(request, store.run(lambda conn: must_exist(conn, real_subject(conn, subject), wanted)))


@router.post("/{subject}/versions")
def register(
    request: Request, store: Database, caller: Asking, subject: Subject, body: SchemaSent, normalize: Asked = None
) -> JSONResponse:
    """Make this schema a version of the subject unless it is one; its id either way.

    Who may not register gets the id of a schema that is there. Of a governed subject nobody makes a version here: what
    is not approved is, or becomes, a draft, and the answer says where it waits.
    """

    def work(conn: Connection[TupleRow]) -> Version | Draft:
        real = real_subject(conn, subject)
        parsed = read_schema(conn, real, body, normalise=flag(normalize))
        if needs_approval(parsed.schema, subject, real):
            parsed = registration.completed(parsed, scopes.effective(conn, real))
            found = versions.registered(conn, real, parsed)
            return found or drafts.find_or_make(conn, real, parsed, by=actor_of(caller), now=datetime.now(UTC))
        if not caller.may_register:
            found = versions.registered(conn, real, registration.completed(parsed, scopes.effective(conn, real)))
            if found is None:
                raise Forbidden(caller.name)
            return found
        given = SchemaId(body.id) if body.id is not None and body.id > 0 else None
        number = body.version if body.version is not None and body.version > 0 else None
        return registration.register(conn, real, parsed, by=caller.name, schema_id=given, version=number)

    made = store.run(work)
    if isinstance(made, Draft):
        log.info("draft found or made", extra={"action": "draft", "subject": subject, "draft": int(made.id)})
        raise NeedsApproval(made.subject, made.document, address_of(request, made))
    marks = {"action": "register", "subject": subject, "version": made.version, "schema_id": made.schema_id}
    log.info("schema registered", extra=marks | {"by": caller.name})
    return answer(request, {"id": made.schema_id, "version": made.version, "guid": str(made.guid)})


@router.get("/{subject}/versions/{version}")
def version(
    request: Request,
    store: Database,
    subject: Subject,
    version: VersionNumber,
    wanted: List,
    format: Format = None,
) -> JSONResponse:
    """One version of the subject."""

    def work(conn: Connection[TupleRow]) -> dict[str, Any]:
        found = one_version(conn, subject, version, deleted=wanted.deleted)
        references = versions.references_of(conn, [found.schema_id]).get(found.schema_id, [])
        return described(found, references, text=resolved_text(conn, _schema_of(found), format))

    return answer(request, store.run(work))


@router.get("/{subject}/versions/{version}/schema")
def raw_version(
    request: Request,
    store: Database,
    subject: Subject,
    version: VersionNumber,
    wanted: List,
    format: Format = None,
) -> JSONResponse:
    """The schema of one version, itself."""

    def work(conn: Connection[TupleRow]) -> str:
        found = one_version(conn, subject, version, deleted=wanted.deleted)
        return resolved_text(conn, _schema_of(found), format)

    return answer(request, json.loads(store.run(work)))


@router.get("/{subject}/versions/{version}/referencedby")
def referenced_by(
    request: Request, store: Database, subject: Subject, version: VersionNumber, wanted: List
) -> JSONResponse:
    """The ids of the schemas that refer to this version."""

    def work(conn: Connection[TupleRow]) -> list[SchemaId]:
        found = one_version(conn, subject, version, deleted=True)
        return versions.referenced_by(conn, found.subject, found.version, deleted=wanted.deleted)

    return answer(request, store.run(work))


@router.delete("/{subject}/versions/{version}")
def delete_one(
    request: Request, store: Database, user: User, subject: Subject, version: VersionNumber, permanent: Asked = None
) -> JSONResponse:
    """Delete one version; its number."""
    gone = store.run(lambda conn: delete_version(conn, subject, version, permanent=flag(permanent)))
    log.info("version deleted", extra={"action": "delete", "subject": subject, "versions": [gone], "by": user})
    return answer(request, gone)


@router.get("/{subject}/metadata")
def latest_with(
    request: Request,
    store: Database,
    subject: Subject,
    wanted: List,
    key: Annotated[list[str] | None, Query()] = None,
    value: Annotated[list[str] | None, Query()] = None,
) -> JSONResponse:
    """The newest version whose metadata has these properties."""
    properties = dict(zip(key or (), value or (), strict=False))

    def work(conn: Connection[TupleRow]) -> dict[str, Any]:
        real = real_subject(conn, subject)
        for number in reversed(must_exist(conn, real, Wanted(deleted=wanted.deleted))):
            found = one_version(conn, real, number, deleted=wanted.deleted)
            if properties.items() <= ((found.metadata or {}).get("properties") or {}).items():
                references = versions.references_of(conn, [found.schema_id]).get(found.schema_id, [])
                return described(found, references)
        raise SchemaNotFound

    return answer(request, store.run(work))


def actor_of(caller: Caller) -> Actor:
    """The program that sends, for the audit."""
    return Actor(caller.name, "token" if caller.name.startswith("token:") else "system")


def address_of(request: Request, draft: Draft) -> str:
    """Where people find the draft."""
    pages_url: str = request.app.state.pages_url
    return f"{pages_url.rstrip('/')}{DRAFTS_WAY}/{draft.id}"


def real_subject(conn: Connection[TupleRow], subject: SubjectName) -> SubjectName:
    """The subject behind an alias, or the subject itself."""
    alias = (scopes.own(conn, subject).config or {}).get("alias")
    return SubjectName(alias) if alias else subject


def read_schema(conn: Connection[TupleRow], subject: SubjectName, body: SchemaBody, *, normalise: bool) -> ParsedSchema:
    """The schema of a request, with what it refers to. Raises InvalidSchema."""
    referenced = resolve(conn, subject, body.named)
    parsed = parse(body.text, references=body.named, referenced=referenced, governed=is_governed(subject))
    if has_contract(parsed.schema):
        avro_shape.check(parsed.schema, referenced)  # a contract is governed, whatever its subject is called
        contract_limits.check(parsed.schema)
    with_parts = ParsedSchema(
        parsed.text, parsed.schema, parsed.references, parsed.referenced, body.metadata, body.rule_set
    )
    return normalised(with_parts) if normalise or scopes.effective(conn, subject).normalises else with_parts


def one_version(conn: Connection[TupleRow], subject: SubjectName, number: int, *, deleted: bool = False) -> Version:
    """One version, looked for behind an alias too. Raises SubjectNotFound, VersionNotFound."""
    real = real_subject(conn, subject)
    found = versions.at(conn, real, number, deleted=deleted)
    if found is None:
        must_exist(conn, real, Wanted(deleted=deleted))
        raise VersionNotFound(number)
    return found


def must_exist(conn: Connection[TupleRow], subject: SubjectName, wanted: Wanted) -> list[int]:
    """The subject's version numbers; raises SubjectNotFound when there are none."""
    found = versions.numbers(conn, subject, wanted)
    if not found and not (wanted.offset or (wanted.limit is not None and versions.numbers(conn, subject))):
        raise SubjectNotFound(subject)
    return found


def _schema_of(version: Version) -> Schema:
    return Schema(version.schema_id, version.guid, version.schema_text, version.metadata, version.rule_set)

"""The paths of Apicurio Registry 2 that its Avro converter and serializers of the 2.6 line ask, over our subjects.

Recorded from a Kafka Connect worker with `apicurio-registry-utils-converter` 2.6.13.Final. An artifact of the group
`default` is the subject of the same name; another group is the context of its name (group `lab` → `:.lab:<artifact>`).
Global id and content id are both our schema id.
"""

import json
from datetime import UTC
from typing import Annotated, Any, Final, Literal

from fastapi import APIRouter, Depends, Header, Query, Request
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.responses import JSONResponse, Response

from registry import registration, scopes, versions
from registry.answers import answer, raw
from registry.artifact_bodies import ArtifactSent
from registry.bodies import SchemaBody
from registry.errors import ArtifactExists, InvalidSchema, InvalidSubject, SchemaNotFound
from registry.normal_form import normal_form
from registry.requests import Asking, Database, Identifier, VersionNumber, context_in, flag, subject_in
from registry.resolved import RESOLVED, resolved_text
from registry.routes import subjects
from registry.routes.schemas import by_id
from registry.routes.subjects import must_exist, one_version, read_schema, real_subject
from registry.schema_text import ParsedSchema, Reference
from registry.subject_names import DEFAULT, context_of, qualified
from registry.versions import NEWEST, Version
from schemas.names import SchemaId, SubjectName

router = APIRouter(prefix="/apis/registry/v2")
GROUP: Final = "default"
IfExists = Literal["FAIL", "UPDATE", "RETURN", "RETURN_OR_UPDATE"]


async def group_of(group: str) -> str:
    """The context of the path's group; raises InvalidSubject."""
    return context_in(DEFAULT if group == GROUP else f".{group}")


Group = Annotated[str, Depends(group_of)]


async def artifact_of(artifact: str, group: Group) -> SubjectName:
    """The subject of the path's artifact; raises InvalidSubject."""
    return subject_in(group, artifact)


Artifact = Annotated[SubjectName, Depends(artifact_of)]


@router.post("/groups/{group}/artifacts")
def create(
    request: Request,
    store: Database,
    caller: Asking,
    group: Group,
    body: ArtifactSent,
    artifact: Annotated[str | None, Header(alias="X-Registry-ArtifactId", max_length=255)] = None,
    kind: Annotated[str | None, Header(alias="X-Registry-ArtifactType", max_length=20)] = None,
    if_exists: Annotated[IfExists, Query(alias="ifExists")] = "FAIL",
    canonical: Annotated[str | None, Query(max_length=10)] = None,
) -> JSONResponse:
    """Make this schema a version of the artifact unless it is one; what is said about it either way."""
    if artifact is None:
        raise InvalidSubject
    if kind not in (None, "AVRO"):
        raise InvalidSchema(f"Invalid artifact type {kind}; this registry keeps AVRO")
    subject = subject_in(group, artifact)
    if if_exists in ("FAIL", "RETURN"):
        newest = store.run(lambda conn: versions.at(conn, real_subject(conn, subject), NEWEST))
        if newest is not None and if_exists == "FAIL":
            raise ArtifactExists(subject)
        if newest is not None:
            return answer(request, store.run(lambda conn: described(conn, subject, newest)))
    subjects.register(request, store, caller, subject, body, canonical)
    return answer(request, store.run(lambda conn: described(conn, subject, alike(conn, subject, body, canonical))))


@router.get("/groups/{group}/artifacts/{artifact}/meta")
def newest_meta(request: Request, store: Database, subject: Artifact) -> JSONResponse:
    """What is said about the newest version."""
    return answer(request, store.run(lambda conn: described(conn, subject, one_version(conn, subject, NEWEST))))


@router.post("/groups/{group}/artifacts/{artifact}/meta")
def meta_of_content(
    request: Request,
    store: Database,
    subject: Artifact,
    body: ArtifactSent,
    canonical: Annotated[str | None, Query(max_length=10)] = None,
) -> JSONResponse:
    """What is said about the version that is this schema; `canonical`: about one that means the same."""
    return answer(request, store.run(lambda conn: described(conn, subject, alike(conn, subject, body, canonical))))


@router.get("/groups/{group}/artifacts/{artifact}/versions/{version}")
def content_of_version(store: Database, subject: Artifact, version: VersionNumber) -> Response:
    """The schema of one version, as it was registered."""
    return raw(store.run(lambda conn: one_version(conn, subject, version).schema_text))


@router.get("/groups/{group}/artifacts/{artifact}/versions/{version}/meta")
def version_meta(request: Request, store: Database, subject: Artifact, version: VersionNumber) -> JSONResponse:
    """What is said about one version."""
    return answer(request, store.run(lambda conn: described(conn, subject, one_version(conn, subject, version))))


@router.get("/groups/{group}/artifacts/{artifact}/versions/{version}/references")
def references_of_version(request: Request, store: Database, subject: Artifact, version: VersionNumber) -> JSONResponse:
    """What one version refers to."""
    return answer(request, store.run(lambda conn: references(conn, one_version(conn, subject, version).schema_id)))


@router.get("/ids/contentIds/{schema_id}")
@router.get("/ids/globalIds/{schema_id}")
def content(
    store: Database, schema_id: Identifier, dereference: Annotated[str | None, Query(max_length=10)] = None
) -> Response:
    """The schema of an id; `dereference`: in one piece with what it refers to."""
    form = RESOLVED if flag(dereference) else None
    return raw(store.run(lambda conn: resolved_text(conn, by_id(conn, schema_id), form)))


@router.get("/ids/contentIds/{schema_id}/references")
@router.get("/ids/globalIds/{schema_id}/references")
def references_of_id(request: Request, store: Database, schema_id: Identifier) -> JSONResponse:
    """What the schema of an id refers to."""
    return answer(request, store.run(lambda conn: references(conn, by_id(conn, schema_id).id)))


def alike(conn: Connection[TupleRow], subject: SubjectName, body: SchemaBody, canonical: str | None) -> Version:
    """The version of the subject that is this schema, or, if `canonical`, the newest that means the same.

    Raises SubjectNotFound, SchemaNotFound.
    """
    real = real_subject(conn, subject)
    parsed = read_schema(conn, real, body, normalise=False)
    parsed = registration.completed(parsed, scopes.effective(conn, real))
    found = versions.registered(conn, real, parsed)
    numbers = must_exist(conn, real, versions.LIVE) if found is None else []
    if flag(canonical) and numbers:
        live = versions.live(conn, real, numbers)
        found = next((each for each in reversed(live) if means(conn, each, parsed)), None)
    if found is None:
        raise SchemaNotFound
    return found


def means(conn: Connection[TupleRow], version: Version, parsed: ParsedSchema) -> bool:
    """Whether a version says what a schema says, in whatever spelling."""
    same = normal_form(json.loads(version.schema_text)) == normal_form(parsed.schema)
    return same and _listed(conn, version.schema_id) == sorted(parsed.references, key=_by_name)


def references(conn: Connection[TupleRow], schema_id: SchemaId) -> list[dict[str, str]]:
    """What a schema refers to, as artifacts."""
    return [_artifact(each) | {"name": each.name} for each in _listed(conn, schema_id)]


def _listed(conn: Connection[TupleRow], schema_id: SchemaId) -> list[Reference]:
    return sorted(versions.references_of(conn, [schema_id]).get(schema_id, []), key=_by_name)


def _by_name(reference: Reference) -> tuple[str, str, int]:
    return reference.name, reference.subject, reference.version


def _artifact(reference: Reference) -> dict[str, str]:
    return {**_place(reference.subject), "version": str(reference.version)}


def _place(subject: str) -> dict[str, str]:
    """The group and the name of the artifact that is a subject."""
    context = context_of(subject)
    if context == DEFAULT:
        return {"groupId": GROUP, "artifactId": qualified(context, subject)}
    return {"groupId": context[1:], "artifactId": subject.removeprefix(f":{context}:")}


def described(conn: Connection[TupleRow], subject: SubjectName, version: Version) -> dict[str, Any]:
    """A version as the metadata of an artifact. Who made it is nobody's business here: names stay empty."""
    place = _place(subject)
    moment = version.registered_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S%z")
    return {
        "id": place["artifactId"],
        "groupId": place["groupId"],
        "version": str(version.version),
        "type": "AVRO",
        "state": "ENABLED",
        "globalId": version.schema_id,
        "contentId": version.schema_id,
        "createdBy": "",
        "createdOn": moment,
        "modifiedBy": "",
        "modifiedOn": moment,
        "references": references(conn, version.schema_id),
    }

"""The registry's own OpenAPI 3.1 text: every route, what it takes, every answer that it may give."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from base.release import RELEASE
from registry.answers import CONFLUENT
from registry.artifact_bodies import ENVELOPES, ArtifactEnvelope
from registry.bodies import ConfigBody, LoadBody, LoadEndBody, ModeBody, SchemaBody

APICURIO: Final = "/apis/registry/v2"
_BARE: Final = frozenset(
    {f"{APICURIO}/groups/{{group}}/artifacts", f"{APICURIO}/groups/{{group}}/artifacts/{{artifact}}/meta"}
)
_BODIES: Final[dict[tuple[str, str], type[BaseModel]]] = {
    ("post", "/subjects/{subject}"): SchemaBody,
    ("post", "/subjects/{subject}/versions"): SchemaBody,
    ("post", "/compatibility/subjects/{subject}/versions"): SchemaBody,
    ("post", "/compatibility/subjects/{subject}/versions/{version}"): SchemaBody,
    ("post", "/loads/{document}"): LoadBody,
    ("post", "/loads/{document}/end"): LoadEndBody,
    ("put", "/config"): ConfigBody,
    ("put", "/config/{subject}"): ConfigBody,
    ("put", "/mode"): ModeBody,
    ("put", "/mode/{subject}"): ModeBody,
}
_REGISTRATIONS: Final = frozenset({"/subjects/{subject}/versions", f"{APICURIO}/groups/{{group}}/artifacts"})
# Answers besides 200, by method; 404 and 422 only where the path has a part that may not be there.
_ANY: Final = {"400": "The request is not understood", "401": "Who asks is not known", "503": "Ask again later"}
_WRITING: Final = {"403": "The user may not do this", "422": "Not valid, or not permitted"}
_PART: Final = {"404": "Nothing is there", "422": "A part of the path is not valid"}
_REGISTERING: Final = {"409": "Incompatible with an earlier version"}
_ERROR: Final = {
    "type": "object",
    "required": ["error_code", "message"],
    "properties": {"error_code": {"type": "integer"}, "message": {"type": "string"}, "name": {"type": "string"}},
    "additionalProperties": False,
}


def openapi(app: FastAPI) -> dict[str, Any]:
    """The text, made from the routes of the running application."""
    document = get_openapi(
        title="Simpul schema registry", version=RELEASE, openapi_version="3.1.0", routes=app.routes, description=__doc__
    )
    components: dict[str, Any] = {"Error": _ERROR}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            operation["responses"] = _responses(method, path)
            body = _BODIES.get((method, path))
            if body is not None:
                operation["requestBody"] = _request_body(body, components)
            elif method == "post" and path in _BARE:
                operation["requestBody"] = _bare_schema(components)
    document["components"] = {
        "schemas": components,
        "securitySchemes": {
            "basic": {"type": "http", "scheme": "basic"},
            "token": {"type": "http", "scheme": "bearer"},
        },
    }
    document["security"] = [{"basic": []}, {"token": []}]
    return document


def _responses(method: str, path: str) -> dict[str, Any]:
    said = dict(_ANY)
    if "{" in path:
        said |= _PART
    if method != "get":
        said |= _WRITING
    if method == "post" and path in _REGISTRATIONS:
        said |= _REGISTERING
    errors = {status: _answer(text, {"$ref": "#/components/schemas/Error"}) for status, text in said.items()}
    return {"200": _answer("Done", {}), **dict(sorted(errors.items()))}


def _answer(text: str, schema: dict[str, Any]) -> dict[str, Any]:
    media = {"schema": schema}
    return {"description": text, "content": {CONFLUENT: media, "application/json": media}}


def _request_body(body: type[BaseModel], components: dict[str, Any]) -> dict[str, Any]:
    media = _model(body, components)
    return {"required": True, "content": {CONFLUENT: media, "application/json": media}}


def _bare_schema(components: dict[str, Any]) -> dict[str, Any]:
    """An Avro schema as it is, or in an envelope with its references."""
    envelope = _model(ArtifactEnvelope, components)
    bare = {"schema": {"description": "An Avro schema"}}
    return {"required": True, "content": {"application/json": bare, **dict.fromkeys(ENVELOPES, envelope)}}


def _model(body: type[BaseModel], components: dict[str, Any]) -> dict[str, Any]:
    schema = body.model_json_schema(ref_template="#/components/schemas/{model}")
    components.update(schema.pop("$defs", {}))
    components[body.__name__] = schema
    return {"schema": {"$ref": f"#/components/schemas/{body.__name__}"}}

"""How the registry answers: content types, the table of errors, headers. The one place that knows HTTP statuses."""

import logging
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from hub_db.errors import HubDbError
from registry import errors

log = logging.getLogger(__name__)

CONFLUENT = "application/vnd.schemaregistry.v1+json"

# error → (HTTP status, error_code of the Confluent API)
STATUSES: dict[type[errors.RegistryError], tuple[int, int]] = {
    errors.SubjectNotFound: (404, 40401),
    errors.VersionNotFound: (404, 40402),
    errors.SchemaNotFound: (404, 40403),
    errors.SubjectSoftDeleted: (404, 40404),
    errors.SubjectNotDeleted: (404, 40405),
    errors.VersionSoftDeleted: (404, 40406),
    errors.VersionNotDeleted: (404, 40407),
    errors.ConfigNotFound: (404, 40408),
    errors.ModeNotFound: (404, 40409),
    errors.Incompatible: (409, 409),
    errors.ArtifactExists: (409, 409),
    errors.InvalidSchema: (422, 42201),
    errors.InvalidVersion: (422, 42202),
    errors.InvalidLevel: (422, 42203),
    errors.InvalidMode: (422, 42204),
    errors.NotPermitted: (422, 42205),
    errors.ReferenceExists: (422, 42206),
    errors.InvalidSubject: (422, 42208),
    errors.MalformedRequest: (400, 400),
    errors.Unauthorised: (401, 401),
    errors.Forbidden: (403, 40301),
    errors.GovernedForGood: (403, 40301),
    errors.NeedsApproval: (403, 40301),
    errors.TooManyDrafts: (403, 40301),
    errors.NotTheSender: (403, 40301),
    errors.StoreUnavailable: (503, 50001),
}
RETRY_AFTER_S = 2
FIXED = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
# What clients of Apicurio know an error by; under its paths only.
APICURIO_PATHS = "/apis/registry/"
APICURIO_NAMES: dict[type[errors.RegistryError], str] = {
    errors.SubjectNotFound: "ArtifactNotFoundException",
    errors.VersionNotFound: "VersionNotFoundException",
    errors.SchemaNotFound: "ArtifactNotFoundException",
    errors.ArtifactExists: "ArtifactAlreadyExistsException",
    errors.Incompatible: "RuleViolationException",
    errors.Unauthorised: "NotAuthorizedException",
    errors.InvalidSchema: "UnprocessableEntityException",
}
REALM = 'Basic realm="schema registry", charset="UTF-8"'


class Answer(JSONResponse):
    """JSON under the Confluent media type; under the plain one for whoever asks for that alone."""

    media_type = CONFLUENT


def answer(request: Request, content: Any, *, status: int = 200, headers: dict[str, str] | None = None) -> Answer:
    """`content` as JSON in the media type that the request accepts."""
    wanted = request.headers.get("accept", "")
    plain = "application/json" in wanted and "schemaregistry" not in wanted
    return Answer(
        content,
        status_code=status,
        headers=FIXED | (headers or {}),
        media_type="application/json" if plain else CONFLUENT,
    )


def raw(text: str) -> Response:
    """JSON as it is stored, letter by letter."""
    return Response(text, media_type="application/json", headers=FIXED)


def install_errors(app: FastAPI) -> None:
    """Every error leaves as {"error_code", "message"}, with a "name" where clients of Apicurio ask."""
    app.add_exception_handler(errors.RegistryError, _refusal)
    app.add_exception_handler(HubDbError, _database_fault)
    app.add_exception_handler(RequestValidationError, _not_understood)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _surprise)


def _error(
    request: Request,
    status: int,
    code: int,
    message: str,
    headers: dict[str, str] | None = None,
    name: str = "BadRequestException",
) -> JSONResponse:
    content: dict[str, Any] = {"error_code": code, "message": message}
    if request.url.path.startswith(APICURIO_PATHS):
        content = {"error_code": status, "message": message, "name": name}
    return answer(request, content, status=status, headers=headers)


def _refusal(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, errors.RegistryError)  # noqa: S101  the handler is installed for this class only
    status, code = STATUSES[type(error)]
    headers = {}
    if isinstance(error, errors.Unauthorised):
        headers["WWW-Authenticate"] = REALM
    if isinstance(error, errors.StoreUnavailable):
        headers["Retry-After"] = str(RETRY_AFTER_S)
    return _error(request, status, code, str(error), headers, APICURIO_NAMES.get(type(error), "BadRequestException"))


def _database_fault(request: Request, error: Exception) -> JSONResponse:
    """The tables or the rights are not what this release expects: a person must look, the caller need not know."""
    log.error("the database refused the registry's work: %s", error)
    return _error(request, 500, 50001, "Error in the backend data store")


def _not_understood(request: Request, error: Exception) -> JSONResponse:
    """A query that is longer, or of another kind, than any of ours."""
    assert isinstance(error, RequestValidationError)  # noqa: S101  the handler is installed for this class only
    places = ", ".join(sorted({str(found["loc"][-1]) for found in error.errors()}))
    return _error(request, 400, 400, f"The request is not understood: {places}")


def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101  the handler is installed for this class only
    headers = dict(error.headers or {})
    return _error(request, error.status_code, error.status_code, f"HTTP {error.status_code} {error.detail}", headers)


def _surprise(request: Request, _: Exception) -> JSONResponse:
    return _error(request, 500, 500, "Internal server error")  # the server logs the error itself

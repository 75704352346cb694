"""What a request says: its user, its path's parts, its body; each checked once, here."""

import re
from typing import TYPE_CHECKING, Annotated
from urllib.parse import unquote_to_bytes

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.types import ASGIApp, Receive, Scope, Send

from registry.errors import Forbidden, InvalidSchema, InvalidSubject, InvalidVersion, MalformedRequest, Unauthorised
from registry.schema_text import MAX_BYTES
from registry.store import Store
from schemas.names import SchemaId, SubjectName

if TYPE_CHECKING:
    from registry.accounts import Accounts

# A schema text inside JSON may double (quotes, line ends); sixfold only if all of it is escaped, which nobody does.
BODY_LIMIT = 1_048_576
# Of a longer body this much more is read and thrown away, so that the sender gets our answer instead of a cut line.
DRAIN_LIMIT = 16 * 1_048_576
MAX_INT = 2**31 - 1
LATEST = -1

_SUBJECT = re.compile(r"[A-Za-z0-9._:+~$@-]{1,255}")
_NUMBER = re.compile(r"[0-9]{1,10}")


class EncodedPath:
    """Routes see the path as it was sent: a subject with an encoded slash stays one segment."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope.get("raw_path"):
            scope = {**scope, "path": scope["raw_path"].decode("latin-1")}
        await self._app(scope, receive, send)


class SchemaBody(BaseModel):
    """The body of a registration or a look-up. Unknown members are ignored, as newer clients send more."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    text: str = Field(alias="schema", default="")
    kind: str | None = Field(alias="schemaType", default=None)
    references: list[object] | None = None


def store_of(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


async def reader(request: Request) -> str:
    """The user; raises Unauthorised. Runs before the body is read."""
    accounts: Accounts = request.app.state.accounts
    user = accounts.user(request.headers.get("authorization"))
    if user is None:
        raise Unauthorised
    return user


async def writer(request: Request, user: Annotated[str, Depends(reader)]) -> str:
    """The user, who may register; raises Forbidden."""
    if user not in request.app.state.writers:
        raise Forbidden(user)
    return user


async def subject_of(subject: str) -> SubjectName:
    """The path's subject; raises InvalidSubject."""
    try:
        name = unquote_to_bytes(subject).decode("ascii")
    except UnicodeDecodeError:
        raise InvalidSubject from None
    if _SUBJECT.fullmatch(name) is None:
        raise InvalidSubject
    return SubjectName(name)


async def version_of(version: str) -> int:
    """The path's version, LATEST for `latest` and `-1`; raises InvalidVersion."""
    if version in ("latest", str(LATEST)):
        return LATEST
    if _NUMBER.fullmatch(version) is None or not 1 <= int(version) <= MAX_INT:
        raise InvalidVersion
    return int(version)


async def id_of(schema_id: str) -> SchemaId | None:
    """The path's schema id; None for what can be no id, which is an unknown schema like any other."""
    if _NUMBER.fullmatch(schema_id) is None or not 1 <= int(schema_id) <= MAX_INT:
        return None
    return SchemaId(int(schema_id))


async def body_of(request: Request) -> SchemaBody:
    """The body, bounded; raises MalformedRequest or InvalidSchema."""
    data, size = bytearray(), 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= BODY_LIMIT:
            data += chunk
        elif size > DRAIN_LIMIT:
            break
    if size > BODY_LIMIT:
        raise InvalidSchema(f"The schema is larger than {MAX_BYTES} bytes")
    try:
        body = SchemaBody.model_validate_json(bytes(data))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise MalformedRequest(f"The body is not what was expected: {place or 'JSON'}: {first['type']}") from None
    if body.kind not in (None, "", "AVRO"):
        raise InvalidSchema(f"Schema type {body.kind[:40]!r} is not supported; this registry keeps AVRO")
    if body.references:
        raise InvalidSchema("Schema references are not supported yet; write the schema in one piece")
    return body


Subject = Annotated[SubjectName, Depends(subject_of)]
VersionNumber = Annotated[int, Depends(version_of)]
Identifier = Annotated[SchemaId | None, Depends(id_of)]
Body = Annotated[SchemaBody, Depends(body_of)]
User = Annotated[str, Depends(writer)]
Database = Annotated[Store, Depends(store_of)]

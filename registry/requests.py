"""What a request says: its user, its path's parts, its query; each checked once, here. Bodies are in `bodies.py`."""

import re
from typing import Annotated
from urllib.parse import unquote, unquote_to_bytes

from fastapi import Depends, Query, Request
from starlette.concurrency import run_in_threadpool
from starlette.types import ASGIApp, Receive, Scope, Send

from identity.bearer import bearer_of
from registry.accounts import Accounts, Caller, Tokens
from registry.errors import Forbidden, InvalidSubject, InvalidVersion, MalformedRequest, Unauthorised
from registry.store import Store
from registry.subject_names import DEFAULT, qualified
from registry.versions import NEWEST, Wanted
from schemas.names import SchemaId, SubjectName

MAX_INT = 2**31 - 1
LATEST = NEWEST

_SUBJECT = re.compile(r"[A-Za-z0-9._:+~$@-]{1,255}")
_NUMBER = re.compile(r"[0-9]{1,10}")
_IN_CONTEXT = re.compile(r"/contexts/([^/]+)(/.+)")
_CONTEXT = re.compile(r"\.[A-Za-z0-9._+~$@-]{0,100}")


class EncodedPath:
    """Routes see the path as it was sent: a subject with an encoded slash stays one segment.

    `/contexts/<context>/…` is the rest of the path, asked within that context.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope.get("raw_path"):
            path = scope["raw_path"].decode("latin-1")
            match = _IN_CONTEXT.fullmatch(path)
            context = unquote(match[1]) if match else DEFAULT
            scope = {
                **scope,
                "path": match[2] if match else path,
                "state": {**scope.get("state", {}), "context": context if context.startswith(".") else f".{context}"},
            }
        await self._app(scope, receive, send)


def store_of(request: Request) -> Store:
    store: Store = request.app.state.store
    return store


async def reader(request: Request) -> Caller:
    """Who asks; raises Unauthorised. Runs before the body is read."""
    authorization = request.headers.get("authorization")
    token = bearer_of(authorization)
    if token is None:
        accounts: Accounts = request.app.state.accounts
        caller = accounts.caller(authorization)
    else:
        tokens: Tokens = request.app.state.tokens
        caller = tokens.known(token) or await run_in_threadpool(tokens.caller, token)
    if caller is None:
        raise Unauthorised
    return caller


async def writer(caller: Annotated[Caller, Depends(reader)]) -> str:
    """The caller's name, who may register; raises Forbidden."""
    if not caller.may_register:
        raise Forbidden(caller.name)
    return caller.name


def context_in(context: str) -> str:
    """The context; raises InvalidSubject for what can be none."""
    if _CONTEXT.fullmatch(context) is None:
        raise InvalidSubject
    return context


def subject_in(context: str, subject: str) -> SubjectName:
    """The subject of a name, as a path has it, in a context; raises InvalidSubject."""
    try:
        name = unquote_to_bytes(subject).decode("ascii")
    except UnicodeDecodeError:
        raise InvalidSubject from None
    if _SUBJECT.fullmatch(name) is None:
        raise InvalidSubject
    return qualified(context, name)


async def context_asked(request: Request) -> str:
    """The context that the path is asked within; raises InvalidSubject."""
    return context_in(request.state.context)


async def subject_of(subject: str, context: Annotated[str, Depends(context_asked)]) -> SubjectName:
    """The path's subject with its context; raises InvalidSubject."""
    return subject_in(context, subject)


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


def flag(value: str | None) -> bool:
    """A boolean of the query: `true` in any case; all else, as in the reference implementation, is false."""
    return value is not None and value.strip().lower() == "true"


def wanted_of(
    deleted: str | None = None,
    deleted_only: Annotated[str | None, Query(alias="deletedOnly")] = None,
    offset: str | None = None,
    limit: str | None = None,
) -> Wanted:
    """Which entries of a list are asked for. A limit below zero is none."""
    most = _whole(limit, -1)
    return Wanted(flag(deleted), flag(deleted_only), max(_whole(offset, 0), 0), None if most < 0 else most)


def _whole(value: str | None, otherwise: int) -> int:
    if value is None or not value.strip():
        return otherwise
    if not re.fullmatch(r"-?[0-9]{1,9}", value.strip()):
        raise MalformedRequest("offset and limit are whole numbers")
    return int(value)


Subject = Annotated[SubjectName, Depends(subject_of)]
VersionNumber = Annotated[int, Depends(version_of)]
Identifier = Annotated[SchemaId | None, Depends(id_of)]
List = Annotated[Wanted, Depends(wanted_of)]
Context = Annotated[str, Depends(context_asked)]
Asking = Annotated[Caller, Depends(reader)]
User = Annotated[str, Depends(writer)]
Database = Annotated[Store, Depends(store_of)]

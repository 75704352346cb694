"""Configuration and mode of everything, of a context, of a subject."""

import logging
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.responses import JSONResponse

from registry import scopes, versions
from registry.answers import answer
from registry.bodies import ConfigBody, ConfigSent, ModeSent
from registry.compatibility import Level
from registry.errors import ConfigNotFound, InvalidLevel, InvalidMode, ModeNotFound, NotPermitted
from registry.requests import Context, Database, Subject, User, flag
from registry.scopes import DEFAULT_LEVEL, EPOCH, GLOBAL, LEVEL, Mode
from registry.subject_names import DEFAULT, is_context, scope_of_context

log = logging.getLogger(__name__)

router = APIRouter()
ToGlobal = Annotated[str | None, Query(alias="defaultToGlobal")]
Force = Annotated[str | None, Query()]


@router.get("/config")
def config(request: Request, store: Database, context: Context) -> JSONResponse:
    """The configuration of everything, or of the context that the path is asked within."""
    scope = _scope(context)
    told = store.run(lambda conn: scopes.effective(conn, scope))
    return answer(request, {LEVEL: told.level, **told.config})


@router.put("/config")
def put_config(request: Request, store: Database, user: User, context: Context, body: ConfigSent) -> JSONResponse:
    """Set it."""
    return _put_config(request, store, user, _scope(context), body)


@router.delete("/config")
def delete_config(request: Request, store: Database, user: User, context: Context) -> JSONResponse:
    """Back to what holds without it; what was set."""
    return _delete_config(request, store, user, _scope(context))


@router.get("/config/{subject}")
def config_of(request: Request, store: Database, subject: Subject, default_to_global: ToGlobal = None) -> JSONResponse:
    """The subject's own configuration; with defaultToGlobal the one that holds for it, and the epoch of its source."""

    def work(conn: Connection[TupleRow]) -> dict[str, Any]:
        if flag(default_to_global):
            told = scopes.effective(conn, subject)
            epoch = scopes.epoch_of(conn, subject)
            return {LEVEL: told.level, **told.config} | ({EPOCH: epoch} if epoch else {})
        own = scopes.own(conn, subject).config
        if own is None:
            raise ConfigNotFound(subject)
        return dict(own)

    return answer(request, store.run(work))


@router.put("/config/{subject}")
def put_config_of(request: Request, store: Database, user: User, subject: Subject, body: ConfigSent) -> JSONResponse:
    """Set the subject's own."""
    return _put_config(request, store, user, subject, body)


@router.delete("/config/{subject}")
def delete_config_of(request: Request, store: Database, user: User, subject: Subject) -> JSONResponse:
    """Forget the subject's own; what was set."""
    return _delete_config(request, store, user, subject)


@router.get("/mode")
def mode(request: Request, store: Database, context: Context) -> JSONResponse:
    """The mode of everything, or of the context that the path is asked within."""
    scope = _scope(context)
    return answer(request, {"mode": store.run(lambda conn: scopes.effective(conn, scope)).mode})


@router.put("/mode")
def put_mode(
    request: Request, store: Database, user: User, context: Context, body: ModeSent, force: Force = None
) -> JSONResponse:
    """Set it."""
    return _put_mode(request, store, user, _scope(context), body.mode, force=flag(force))


@router.delete("/mode")
def delete_mode(request: Request, store: Database, user: User, context: Context) -> JSONResponse:
    """Back to READWRITE, or to the wider scope's; the mode that was set."""
    return _delete_mode(request, store, user, _scope(context))


@router.get("/mode/{subject}")
def mode_of(request: Request, store: Database, subject: Subject, default_to_global: ToGlobal = None) -> JSONResponse:
    """The subject's own mode; with defaultToGlobal the one that holds for it."""

    def work(conn: Connection[TupleRow]) -> Mode:
        if flag(default_to_global):
            return scopes.effective(conn, subject).mode
        own = scopes.own(conn, subject).mode
        if own is None:
            raise ModeNotFound(subject)
        return own

    return answer(request, {"mode": store.run(work)})


@router.put("/mode/{subject}")
def put_mode_of(
    request: Request, store: Database, user: User, subject: Subject, body: ModeSent, force: Force = None
) -> JSONResponse:
    """Set the subject's own."""
    return _put_mode(request, store, user, subject, body.mode, force=flag(force))


@router.delete("/mode/{subject}")
def delete_mode_of(request: Request, store: Database, user: User, subject: Subject) -> JSONResponse:
    """Forget the subject's own; the mode that was set."""
    return _delete_mode(request, store, user, subject)


def _scope(context: str) -> str:
    return GLOBAL if context == DEFAULT else scope_of_context(context)


def _put_config(request: Request, store: Database, user: str, scope: str, body: ConfigBody) -> JSONResponse:
    changes = dict(body.others)
    if body.compatibility is not None:
        changes[LEVEL] = _level(body.compatibility)
    store.run(lambda conn: scopes.put_config(conn, scope, changes, by=user))
    log.info("configuration set", extra={"action": "config", "scope": scope, "members": sorted(changes), "by": user})
    said: Mapping[str, Any] = {("compatibility" if name == LEVEL else name): each for name, each in changes.items()}
    return answer(request, said)


def _delete_config(request: Request, store: Database, user: str, scope: str) -> JSONResponse:
    def work(conn: Connection[TupleRow]) -> Mapping[str, Any]:
        own = scopes.own(conn, scope).config
        if own is None and scope != GLOBAL:
            raise ConfigNotFound(scope)
        scopes.delete_config(conn, scope)
        return own or {LEVEL: DEFAULT_LEVEL}

    log.info("configuration deleted", extra={"action": "config", "scope": scope, "by": user})
    return answer(request, dict(store.run(work)))


def _put_mode(request: Request, store: Database, user: str, scope: str, text: str, *, force: bool) -> JSONResponse:
    try:
        wanted = Mode(text.upper())
    except ValueError:
        raise InvalidMode from None
    if wanted is Mode.READONLY_OVERRIDE and scope != GLOBAL:
        raise InvalidMode

    def work(conn: Connection[TupleRow]) -> None:
        if wanted is Mode.IMPORT and not force and _has_subjects(conn, scope):
            raise NotPermitted("Cannot import since found existing subjects")
        scopes.put_mode(conn, scope, wanted, by=user)

    store.run(work)
    log.info("mode set", extra={"action": "mode", "scope": scope, "mode": wanted, "by": user})
    return answer(request, {"mode": wanted})


def _delete_mode(request: Request, store: Database, user: str, scope: str) -> JSONResponse:
    def work(conn: Connection[TupleRow]) -> Mode:
        own = scopes.own(conn, scope).mode
        if own is None and scope != GLOBAL:
            raise ModeNotFound(scope)
        scopes.delete_mode(conn, scope)
        return own or Mode.READWRITE

    log.info("mode deleted", extra={"action": "mode", "scope": scope, "by": user})
    return answer(request, {"mode": store.run(work)})


def _has_subjects(conn: Connection[TupleRow], scope: str) -> bool:
    if scope == GLOBAL or is_context(scope):
        return bool(versions.subjects(conn, scope))
    return bool(versions.numbers(conn, scope))  # type: ignore[arg-type]


def _level(text: str) -> Level:
    try:
        return Level(text.upper())
    except ValueError:
        raise InvalidLevel from None

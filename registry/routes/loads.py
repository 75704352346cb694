"""Loads, as their senders announce them: may this be sent? No part of Confluent's API; our adapters ask it."""

import logging
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.responses import JSONResponse

from registry import loads
from registry.accounts import Caller
from registry.answers import answer
from registry.bodies import LoadEndSent, LoadSent
from registry.errors import NotTheSender, SubjectNotFound
from registry.loads import Standing
from registry.requests import Asking, Database
from schemas.contract import Contract

log = logging.getLogger(__name__)

router = APIRouter(prefix="/loads/{document}")
Name = Annotated[str, Query(pattern=r"^[!-~]{1,128}$", max_length=128)]


async def sender(document: str, caller: Asking) -> Caller:
    """Who announces; raises NotTheSender."""
    opd, _, name = document.partition(".")
    if not caller.may_send(opd, name):
        raise NotTheSender(caller.name, document[:100])
    return caller


Sender = Annotated[Caller, Depends(sender)]


@router.post("")
def announce(request: Request, store: Database, caller: Sender, document: str, body: LoadSent) -> JSONResponse:
    """Say what a publication is going to do, before its first event. The answer says whether it may be sent."""
    now = datetime.now(UTC)
    found = store.run(lambda conn: loads.announce(conn, _contract(conn, document), body, by=caller.name, now=now))
    counts = {"rows": body.rows, "changed": found.announced.counts.changed, "deleted": found.announced.counts.deleted}
    log.info("load announced", extra={"action": "announce", "document": document, "state": found.state, **counts})
    return answer(request, described(found))


@router.get("")
def standing(request: Request, store: Database, caller: Sender, document: str, load: Name) -> JSONResponse:
    """Whether a load that was announced may be sent."""
    found = store.run(lambda conn: loads.standing(conn, _contract(conn, document), load))
    if found is None:
        raise SubjectNotFound(document)
    return answer(request, described(found))


@router.post("/end")
def end(request: Request, store: Database, caller: Sender, document: str, body: LoadEndSent) -> JSONResponse:
    """Say how many events were sent, and how many rows kept back."""
    now = datetime.now(UTC)
    if not store.run(lambda conn: loads.end(conn, _contract(conn, document), body, now=now)):
        raise SubjectNotFound(document)
    return answer(request, {"load": body.load, "sent": body.sent, "refused": body.refused})


def described(found: Standing) -> dict[str, Any]:
    """The answer. `state`: passed, approved, waiting, refused, or withdrawn; `why` is Indonesian, for people."""
    told = found.announced
    return {
        "load": told.load,
        "state": found.state,
        "why": list(found.why),
        "rows": told.counts.rows,
        "created": told.counts.created,
        "changed": told.counts.changed,
        "unchanged": told.counts.unchanged,
        "deleted": told.counts.deleted,
        "source_rows": told.counts.source_rows,
        "sampled": told.sampled,
        "limits": {"changes": told.limits.changed, "deletes": told.limits.deleted},
    }


def _contract(conn: Connection[TupleRow], document: str) -> Contract:
    found = loads.contract_of(conn, document)
    if found is None:
        raise SubjectNotFound(document[:100])
    return found

"""The reference API's address of what changed since a round: page by page, waiting for more, or as a stream."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final

from fastapi import Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from dashboard.addresses import Addresses
from dashboard.database import snapshot
from dashboard.record_reading import viewer
from dashboard.rest.answers import answer
from dashboard.rest.asked import fields_asked, must_know
from dashboard.rest.callers import Program
from dashboard.rest.following import EVENTS, LONGEST_WAIT_S, Page, SeatedStream, stream, told, wait_for
from dashboard.rest.problems import Problem
from dashboard.rest.served import BASE, READER, Entity, contract_of, state_of
from dashboard.site import CurrentSite, Site
from identity.bearer import bearer_of
from identity.changes import MOST, Changes, Mark, changes, read_mark
from identity.errors import NotAllowed
from identity.permissions import Permission
from identity.principals import TokenPrincipal
from schemas.contract import Contract

_WHOLE: Final = re.compile(r"[0-9]{1,18}")
addresses = Addresses()


@addresses.read(BASE + "/{entity}/changes", READER)
async def since(request: Request, site: CurrentSite, program: Program, entity: Entity) -> Response:
    """The keys that changed in rounds after `since`, each with its row as it is now or as deleted."""
    contract, state = await run_in_threadpool(_served, site, program, entity)
    must_know(request.query_params, "after", "fields", "limit", "since", "wait")
    page = _page(request, site, program, contract)
    after = _after(request)
    if EVENTS in request.headers.get("accept", ""):
        await run_in_threadpool(page, after)  # what may not be seen is refused as anywhere else
        site.rest.seats.take(program.token_id)
        pieces = _events(request, site, contract, page, after)
        return SeatedStream(pieces, lambda: site.rest.seats.give(program.token_id))
    wait_s = _seconds(request)
    site.rest.seats.take(program.token_id)
    try:
        found = await wait_for(page, after, wait_s)
    finally:
        site.rest.seats.give(program.token_id)
    return answer(request, told(contract, found), state)


def _served(site: Site, program: TokenPrincipal, entity: str) -> tuple[Contract, dict[str, str]]:
    contract = contract_of(site, program, entity)
    return contract, state_of(site, contract, datetime.now(UTC)).headers


def _page(request: Request, site: Site, program: TokenPrincipal, contract: Contract) -> Page:
    fields = fields_asked(contract, request.query_params.get("fields"))
    limit = _number(request, "limit", MOST)
    if not 1 <= limit <= MOST:
        raise Problem("nilai-tidak-sah", f"Parameter limit adalah bilangan dari 1 sampai {MOST}.")

    def page(after: Mark) -> Changes:
        with snapshot(site.pool) as conn:
            try:
                sees = viewer(conn, program, datetime.now(UTC))
                return changes(conn, contract, sees, after, limit=limit, only=fields)
            except NotAllowed as refusal:
                raise Problem("hak-akses-tidak-ada", f"{refusal} Data perorangan tersedia sebagai topik.") from None

    return page


def _after(request: Request) -> Mark:
    """Where to begin: behind a page, behind what a stream told last, or behind a round."""
    if (text := request.query_params.get("after")) is not None:
        found = read_mark(text)
        if found is None:
            raise Problem("nilai-tidak-sah", "Parameter after bukan nilai next dari jawaban sebelumnya.")
        return found
    last = request.headers.get("last-event-id")
    if last is not None and _WHOLE.fullmatch(last):
        return Mark(int(last))
    return Mark(_number(request, "since", 0))


def _seconds(request: Request) -> float:
    wait = _number(request, "wait", 0)
    if wait > LONGEST_WAIT_S:
        raise Problem("nilai-tidak-sah", f"Parameter wait paling lama {LONGEST_WAIT_S:.0f} detik.")
    return float(wait)


def _number(request: Request, name: str, usual: int) -> int:
    text = request.query_params.get(name)
    if text is None:
        return usual
    if _WHOLE.fullmatch(text) is None:
        raise Problem("nilai-tidak-sah", f"Parameter {name} adalah bilangan bulat.")
    return int(text)


def _events(request: Request, site: Site, contract: Contract, page: Page, after: Mark) -> AsyncIterator[bytes]:
    token = bearer_of(request.headers.get("authorization")) or ""

    def still() -> bool:
        found = site.rest.tokens.principal(token)
        return found is not None and found.may(Permission.VIEW_RECORDS)

    settings = site.settings
    return stream(contract, page, after, life_s=settings.stream_life_s, still=still, recheck_s=settings.recheck_s)

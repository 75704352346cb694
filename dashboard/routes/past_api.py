"""The reference API's addresses about pasts: why a row is as it is. How it was, `reference_api.one` answers."""

from datetime import UTC, datetime

from fastapi import Request
from starlette.responses import Response

from dashboard.addresses import Addresses
from dashboard.database import read
from dashboard.pasts import entity_of, told_past
from dashboard.record_reading import viewer
from dashboard.rest.answers import answer, row
from dashboard.rest.asked import LONGEST_KEY, fields_asked, must_know, readable
from dashboard.rest.callers import Program
from dashboard.rest.opening import PURPOSE, opened_past, purpose_of
from dashboard.rest.pasts import AS_OF, moment_of, why_values
from dashboard.rest.problems import Problem
from dashboard.rest.served import BASE, READER, Entity, Key, contract_of, state_of
from dashboard.site import CurrentSite, Site
from hub_db import golden
from identity.actors import Actor
from identity.errors import Unknown
from identity.masked_views import has_personal_key
from identity.pasts import Depth, Sight, Told, seen_state, seen_why
from identity.principals import TokenPrincipal
from identity.records import record
from schemas.contract import Contract

addresses = Addresses()


@addresses.read(BASE + "/{entity}/{key:path}/why", READER)
def why(request: Request, site: CurrentSite, program: Program, entity: Entity, key: Key) -> Response:
    """Of each field its value, source and event, the values that lost, and what it was before."""
    contract, now = contract_of(site, program, entity), datetime.now(UTC)
    must_know(request.query_params, "fields")
    fields = fields_asked(contract, request.query_params.get("fields"))
    state = state_of(site, contract, now)
    folded = _entity(site, contract)
    sight, told = _looked(request, site, program, contract, folded, key, Depth(), now)
    found = seen_why(sight, folded, told) if told else None
    if found is None or told is None:
        raise Problem("baris-tidak-ada")
    only = None if fields is None else frozenset(fields)
    return answer(request, why_values(sight, told.address, found, only), state.headers)


def one_as_of(
    request: Request, site: Site, program: TokenPrincipal, contract: Contract, key: str, text: str
) -> Response:
    """One row as it was at a moment, by the contracts of today."""
    now = datetime.now(UTC)
    fields = fields_asked(contract, request.query_params.get("fields"))
    state = state_of(site, contract, now)
    folded = _entity(site, contract)
    moment = moment_of(text, folded, now)
    sight, told = _looked(request, site, program, contract, folded, key, Depth(until=moment), now)
    found = seen_state(sight, folded, told, only=fields) if told else None
    if found is None:
        raise Problem("baris-tidak-ada")
    return answer(request, row(contract, found), state.headers | {AS_OF: moment.isoformat()})


def _looked(
    request: Request,
    site: Site,
    program: TokenPrincipal,
    contract: Contract,
    folded: golden.Entity,
    key: str,
    depth: Depth,
    now: datetime,
) -> tuple[Sight, Told | None]:
    """What the program may see of the row, and its past. A person's number needs a stated purpose, as for the row."""
    readable("key", key, LONGEST_KEY)
    sees = read(site.rest.readers, lambda conn: viewer(conn, program, now))
    sight, entry = Sight(contract, sees), None
    stated = request.headers.get(PURPOSE)
    if has_personal_key(contract) and stated is not None:
        there = read(site.rest.readers, lambda conn: record(conn, contract, sees, key))
        entry, opened = opened_past(
            site, program, contract, key, purpose=purpose_of(stated), by_address=there is not None, now=now
        )
        sight = Sight(contract, sees, opened)
    try:
        by = Actor.program(program)
        return sight, told_past(site, contract, folded, key, depth, by=by, entry=entry)
    except Unknown:  # a person's number, not the address of a row
        purpose_of(stated)
        raise Problem("baris-tidak-ada") from None


def _entity(site: Site, contract: Contract) -> golden.Entity:
    found = entity_of(site, contract)
    if found is None:
        raise Problem("entitas-tidak-ada")
    return found

"""The reference API: what the hub holds of an entity, for programs with a service token (SOP stage 5). Read-only."""

from datetime import UTC, datetime
from typing import Final

from fastapi import Request
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.responses import JSONResponse, Response, StreamingResponse

from dashboard.addresses import Addresses
from dashboard.database import read, snapshot
from dashboard.record_reading import place_after, viewer
from dashboard.rest.answers import answer, replaced_by, row, sunset
from dashboard.rest.asked import LONGEST_KEY, Asked, asked, fields_asked, must_know, readable
from dashboard.rest.callers import Program
from dashboard.rest.exports import FORMS, export, turns
from dashboard.rest.opening import PURPOSE, opened, purpose_of
from dashboard.rest.problems import Problem
from dashboard.rest.served import BASE, READER, Entity, Key, contract_of, state_of
from dashboard.rest.states import State
from dashboard.routes.past_api import one_as_of
from dashboard.site import CurrentSite
from identity.errors import NotAllowed
from identity.masked_views import has_personal_key
from identity.masking import Shown, Viewer, is_open, shown
from identity.principals import TokenPrincipal
from identity.records import Record, open_fields, record, records, records_at
from registry.artefacts import Edition, Hub
from registry.artefacts.openapi import openapi
from schemas.contract import Contract

OPEN_TO_ALL: Final = Viewer()
EXPORT_AGAIN_S: Final = 10  # when as many exports run as may


addresses = Addresses()


@addresses.read(BASE, READER)
def entities(request: Request, site: CurrentSite, program: Program) -> Response:
    """The entities that the token may read, with where their rows and their description are."""
    found = [
        {
            "entity": entity,
            "title": contract.doc,
            "key": list(contract.key),
            "rows": f"{BASE}/{entity}",
            "openapi": f"{BASE}/{entity}/openapi.json",
        }
        for entity, contract in site.entities.items()
        if program.covers(contract.document)
    ]
    return answer(request, {"entities": found}, {})


@addresses.read(BASE + "/{entity}/openapi.json", READER)
def described(site: CurrentSite, program: Program, entity: Entity, request: Request) -> Response:
    """The entity's part of this API as OpenAPI 3.1."""
    contract = contract_of(site, program, entity)
    url = str(request.base_url).rstrip("/")
    return JSONResponse(openapi(Edition(contract, Hub(site.settings.instance, url=url))))


@addresses.read(BASE + "/{entity}", READER)
def many(request: Request, site: CurrentSite, program: Program, entity: Entity) -> Response:
    """Rows by their keys, or a page of what the filters leave, in the order of keys."""
    contract, now = contract_of(site, program, entity), datetime.now(UTC)
    wanted, state = asked(contract, request.query_params.multi_items()), state_of(site, contract, now)
    if wanted.keys and has_personal_key(contract):
        purpose = purpose_of(request.headers.get(PURPOSE))
        found = opened(
            site, program, contract, wanted.keys, purpose=purpose, fields=wanted.fields, by_address=False, now=now
        )
        return _page(request, contract, found, None, state)
    with snapshot(site.pool) as conn:
        sees = _viewer(conn, program, contract, now)
        _must_be_open(contract, wanted, sees)
        after = place_after(contract, wanted.after) if wanted.after else None
        if wanted.after and (after is None or record(conn, contract, sees, wanted.after) is None):
            raise Problem("nilai-tidak-sah", "Parameter after bukan kunci suatu baris; mohon mulai dari awal.")
        try:
            if wanted.keys:
                return _page(
                    request, contract, records_at(conn, contract, sees, wanted.keys, only=wanted.fields), None, state
                )
            found = records(
                conn,
                contract,
                sees,
                filters=wanted.filters,
                after=after,
                limit=wanted.limit + 1,
                only=wanted.fields,
            )
        except NotAllowed as refusal:
            raise Problem("hak-akses-tidak-ada", str(refusal)) from None
    return _page(request, contract, found, wanted.limit, state)


@addresses.read(BASE + "/{entity}/export", READER)
def whole(site: CurrentSite, program: Program, entity: Entity, request: Request) -> Response:
    """All rows as one file, in one snapshot. Not for entities whose key is a person's number."""
    contract, now = contract_of(site, program, entity), datetime.now(UTC)
    must_know(request.query_params, "format", "fields")
    form = FORMS.get(request.query_params.get("format", "ndjson"))
    if form is None:
        raise Problem("nilai-tidak-sah", f"Parameter format adalah salah satu dari {', '.join(FORMS)}.")
    state = state_of(site, contract, now)
    sees = read(site.rest.readers, lambda conn: _viewer(conn, program, contract, now))
    try:
        fields = open_fields(contract, sees, fields_asked(contract, request.query_params.get("fields")))
    except NotAllowed as refusal:
        raise Problem("hak-akses-tidak-ada", str(refusal)) from None
    if request.method == "HEAD":
        return Response(media_type=form.media_type, headers=state.headers)
    if not turns.acquire(blocking=False):
        raise Problem("terlalu-sering", headers={"Retry-After": str(EXPORT_AGAIN_S)})
    name = {"Content-Disposition": f'attachment; filename="{contract.entity}{form.suffix}"'}
    pieces = export(site.pool, contract, sees, fields, form)
    return StreamingResponse(pieces, media_type=form.media_type, headers=state.headers | name)


@addresses.read(BASE + "/{entity}/{key:path}", READER)
def one(request: Request, site: CurrentSite, program: Program, entity: Entity, key: Key) -> Response:
    """One row by its key, whose parts have `|` between them. A person's number needs a stated purpose."""
    contract, now = contract_of(site, program, entity), datetime.now(UTC)
    readable("key", key, LONGEST_KEY)
    must_know(request.query_params, "as_of", "fields")
    if (moment := request.query_params.get("as_of")) is not None:
        return one_as_of(request, site, program, contract, key, moment)
    fields = fields_asked(contract, request.query_params.get("fields"))
    state = state_of(site, contract, now)
    found = read(
        site.rest.readers, lambda conn: record(conn, contract, _viewer(conn, program, contract, now), key, only=fields)
    )
    stated = request.headers.get(PURPOSE)
    if has_personal_key(contract) and (stated is not None or found is None):
        told = opened(
            site,
            program,
            contract,
            [key],
            purpose=purpose_of(stated),
            fields=fields,
            by_address=found is not None,
            now=now,
        )
        found = told[0] if told else None
    if found is None:
        raise Problem("baris-tidak-ada")
    headers = state.headers | replaced_by(contract, found) | sunset(contract, found.values.keys())
    return answer(request, row(contract, found), headers)


def _viewer(conn: Connection[TupleRow], program: TokenPrincipal, contract: Contract, now: datetime) -> Viewer:
    """Who sees what; where everything is open to everybody, nobody's grants need be asked for."""
    return OPEN_TO_ALL if is_open(contract) else viewer(conn, program, now)


def _must_be_open(contract: Contract, wanted: Asked, sees: Viewer) -> None:
    """Whoever could filter by a masked value would find it out by asking often enough. Raises Problem."""
    how = shown(contract, sees)
    closed = [name for name in wanted.filters if how[name] is not Shown.OPEN]
    if closed:
        raise Problem("isian-tertutup", f"Isian {closed[0]} tidak terbuka bagi OPD ini.")
    if has_personal_key(contract) and not wanted.filters and not wanted.keys:
        raise Problem("penyaring-diperlukan")


def _page(request: Request, contract: Contract, found: list[Record], limit: int | None, state: State) -> Response:
    """The rows, and the key after which the next page begins."""
    more = limit is not None and len(found) > limit
    rows = found[:limit] if more else found
    content = {
        "rows": [row(contract, each) for each in rows],
        "round": state.round,
        "next": rows[-1].address if more else None,
    }
    headers = state.headers | (sunset(contract, rows[0].values.keys()) if rows else {})
    return answer(request, content, headers)

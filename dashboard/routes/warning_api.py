"""The reference API's address of what is told of a row: values that look wrong and were let in."""

from datetime import UTC, datetime

from fastapi import Request
from starlette.responses import Response

from dashboard import row_warnings
from dashboard.addresses import Addresses
from dashboard.database import snapshot
from dashboard.record_reading import viewer
from dashboard.rest.answers import answer
from dashboard.rest.asked import LONGEST_KEY, must_know, readable
from dashboard.rest.callers import Program
from dashboard.rest.opening import PURPOSE, opened, purpose_of
from dashboard.rest.problems import Problem
from dashboard.rest.served import BASE, READER, Entity, Key, contract_of, state_of
from dashboard.site import CurrentSite, Site
from identity.masked_views import has_personal_key
from identity.principals import TokenPrincipal
from identity.records import Record, record
from schemas.contract import Contract

addresses = Addresses()


@addresses.read(BASE + "/{entity}/{key:path}/warnings", READER)
def warnings(request: Request, site: CurrentSite, program: Program, entity: Entity, key: Key) -> Response:
    """The warnings of a row, those of fields that are open to the program; whether there are others."""
    contract, now = contract_of(site, program, entity), datetime.now(UTC)
    must_know(request.query_params)
    readable("key", key, LONGEST_KEY)
    state = state_of(site, contract, now)
    found = _row(request, site, program, contract, key, now)
    with snapshot(site.pool) as conn:
        told = row_warnings.of_record(
            conn, contract, found.address, row_warnings.open_fields(found.shown), site.settings.instance
        )
    lines = [
        {"field": field, "text": line.text, "document": line.document or contract.name}
        for field, some in told.lines.items()
        for line in some
    ]
    return answer(request, {"key": found.address, "warnings": lines, "covered": told.covered}, state.headers)


def _row(request: Request, site: Site, program: TokenPrincipal, contract: Contract, key: str, now: datetime) -> Record:
    """The row as the program sees it; a person's number needs a stated purpose. Raises Problem."""
    with snapshot(site.pool) as conn:
        found = record(conn, contract, viewer(conn, program, now), key)
    stated = request.headers.get(PURPOSE)
    if has_personal_key(contract) and (stated is not None or found is None):
        told = opened(
            site, program, contract, [key],
            purpose=purpose_of(stated), fields=None, by_address=found is not None, now=now,
        )  # fmt: skip
        found = told[0] if told else None
    if found is None:
        raise Problem("baris-tidak-ada")
    return found

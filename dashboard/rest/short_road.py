"""The short road of the commonest request: one row by its open key, answered on the event loop without the framework.

It goes on only while all is as usual: a token that was found valid a moment ago, an entity whose state is at hand, a
key that is nobody's number. Everything else, each refusal among it, it leaves to the road that all others take. Where
both answer, they answer the same (`tests/dashboard/test_short_road.py`).
"""

import asyncio
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from dashboard.errors import SourceAway
from dashboard.quick_sessions import QuickSession
from dashboard.rest.answers import answer_to, replaced_by, row, sunset
from dashboard.rest.asked import LONGEST_KEY
from dashboard.rest.problems import Problem
from dashboard.rest.served import BASE
from dashboard.rest.states import State
from dashboard.site import Site
from identity.bearer import bearer_of
from identity.masking import Shown, Viewer, is_open, shown, viewer_of
from identity.permissions import Permission
from identity.principals import TokenPrincipal
from identity.single_rows import GRANTED, SingleRow, granted, single_row
from schemas.contract import Contract
from schemas.names import EntityName, FieldName

START: Final = f"{BASE}/"
_FIELDS: Final = re.compile(rb"fields=([a-z0-9_]+(?:,[a-z0-9_]+)*)")


@dataclass(frozen=True, slots=True)
class Way:
    """How rows of an entity are answered, by its contract of now."""

    row: SingleRow
    how: Mapping[FieldName, Shown] | None  # None: it depends on grants


@dataclass(frozen=True, slots=True)
class Wanted:
    """A request that may take this road."""

    program: TokenPrincipal
    way: Way
    parts: list[bytes]
    fields: tuple[FieldName, ...] | None
    known: str  # its If-None-Match
    state: State
    session: QuickSession


def last_parts(paths: Iterable[str]) -> frozenset[str]:
    """Last parts of the addresses below an entity that are no keys: "export"."""
    below = [path.removeprefix(f"{START}{{entity}}/") for path in paths if path.startswith(f"{START}{{entity}}/")]
    return frozenset(each for each in below if "{" not in each)


class ShortRoad:
    """Stands before the framework. `others`: last parts of addresses that are no keys."""

    def __init__(self, app: ASGIApp, *, site: Site, others: frozenset[str]) -> None:
        self._app, self._site, self._others = app, site, others
        self._ways: dict[EntityName, tuple[Contract, Way | None]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "GET" and scope["path"].startswith(START):
            wanted = self._wanted(scope)
            if wanted is not None and (found := await _answer(wanted)) is not None:
                await found(scope, receive, send)
                return
        await self._app(scope, receive, send)

    def _wanted(self, scope: Scope) -> Wanted | None:
        """What is asked for; None when it is not for this road, or when something is not at hand."""
        entity, _, key = scope["path"][len(START) :].partition("/")
        if not 1 <= len(key) <= LONGEST_KEY or "/" in key or key in self._others or not key.isprintable():
            return None
        token, known = _headers(scope)
        program = self._program(token) if token else None
        way = self._way(EntityName(entity)) if program else None
        if program is None or way is None or not program.covers(way.row.contract.document):
            return None
        fields = _fields(way.row.contract, scope["query_string"])
        parts = way.row.parts(key)
        state = self._state(way.row.contract.entity)
        if fields is _OTHER or parts is None or state is None:
            return None
        session = self._site.rest.quick.at_hand()
        if session is None:
            return None
        if self._site.rest.buckets.wait(program.token_id) > 0:
            return None
        return Wanted(program, way, parts, fields, known, state, session)

    def _program(self, token: str) -> TokenPrincipal | None:
        tokens, renewals = self._site.rest.tokens, self._site.rest.renewals
        found = tokens.known(token)
        if found is None or not found.may(Permission.VIEW_RECORDS):
            return None
        if tokens.is_due(token):
            renewals.begin(("token", found.token_id), lambda: tokens.principal(token))
        return found

    def _way(self, entity: EntityName) -> Way | None:
        approved = self._site.approved
        if approved.is_due:
            self._site.rest.renewals.begin("entities", approved.look)
        contract = (approved.at_hand() or {}).get(entity)
        if contract is None:
            return None
        kept = self._ways.get(entity)
        if kept is None or kept[0] is not contract:
            kept = self._ways[entity] = (contract, _way_of(contract))
        return kept[1]

    def _state(self, entity: EntityName) -> State | None:
        states = self._site.rest.states
        if states.is_due(entity):
            self._site.rest.renewals.begin(("state", entity), lambda: states.look(entity, datetime.now(UTC)))
        return states.at_hand(entity)


_OTHER: Final[tuple[FieldName, ...]] = (FieldName(""),)  # a query that is not for this road


def _way_of(contract: Contract) -> Way | None:
    found = single_row(contract)
    return Way(found, shown(contract, Viewer()) if is_open(contract) else None) if found else None


def _headers(scope: Scope) -> tuple[str | None, str]:
    """The token, and what the caller has already; None where a header comes twice."""
    found: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in (b"authorization", b"if-none-match"):
            if name in found:
                return None, ""
            found[name] = value
    return bearer_of(found.get(b"authorization", b"").decode("latin-1")), found.get(b"if-none-match", b"").decode(
        "latin-1"
    )


def _fields(contract: Contract, query: bytes) -> tuple[FieldName, ...] | None:
    """The fields that are asked for; None for all that may be seen, _OTHER when anything else is asked."""
    if not query:
        return None
    match = _FIELDS.fullmatch(query)
    names = tuple(map(FieldName, match[1].decode().split(","))) if match else _OTHER
    return names if all(name in contract.by_name for name in names) else _OTHER


async def _answer(wanted: Wanted) -> Response | None:
    """The answer; None when the session ended meanwhile."""
    way, session, contract = wanted.way, wanted.session, wanted.way.row.contract
    how = way.how
    asked = session.ask(way.row.statement, wanted.parts)
    try:
        if how is not None:
            rows = await asked
        else:
            values = [wanted.program.opd.encode(), datetime.now(UTC).isoformat().encode()]
            rows, grants = await asyncio.gather(asked, session.ask(GRANTED, values))
            how = shown(contract, viewer_of(wanted.program, granted(grants)))
    except SourceAway:
        return None
    found = way.row.read(rows[0], how, wanted.fields) if rows else None
    if found is None:
        return Problem("baris-tidak-ada").answer()
    headers = wanted.state.headers | replaced_by(contract, found) | sunset(contract, found.values.keys())
    return answer_to(wanted.known, row(contract, found), headers)

"""Integration requests for an agency's programs: its cases, one of them, and what happened to it. Reading only: a stage
is confirmed by a named officer, and no token is one.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, Final

from fastapi import Request
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.responses import Response

from dashboard.addresses import Addresses
from dashboard.case_board import Office, office_of
from dashboard.database import snapshot
from dashboard.rest.answers import answer
from dashboard.rest.callers import API, Program, TokenGuard
from dashboard.rest.problems import Problem
from dashboard.routes.case_pages import Number
from dashboard.site import CurrentSite
from identity.permissions import Permission
from identity.principals import TokenPrincipal
from sop import store
from sop.boards import cases
from sop.case import Attempt, Case
from sop.errors import UnknownCase
from sop.events import CaseState, Event
from sop.reading import ALL, OPEN_STATES, standing

BASE: Final = API + "v1/cases"
READER: Final = TokenGuard(Permission.VIEW_CASES)
_KNOWN: Final = frozenset({"state"})
addresses = Addresses()


@addresses.read(BASE, READER)
def listed(request: Request, site: CurrentSite, program: Program) -> Response:
    """The cases of the token's agency by number: those that are open, or those in the states that are asked for."""
    states = _states(request)
    with snapshot(site.pool) as conn:
        office = office_of(conn, site.settings.instance, datetime.now(UTC))
        found = cases(conn, program.scope(Permission.VIEW_CASES), states)
    return answer(request, {"cases": [told(case, office) for case in found]}, {})


@addresses.read(BASE + "/{number}", READER)
def one(request: Request, site: CurrentSite, program: Program, number: Number) -> Response:
    """A case with every attempt at its stages."""
    with snapshot(site.pool) as conn:
        case = _find(conn, program, number)
        office = office_of(conn, site.settings.instance, datetime.now(UTC))
    attempts = sorted((*case.past, *case.attempts.values()), key=lambda each: (each.stage, each.round))
    return answer(request, told(case, office) | {"attempts": [_attempt(each) for each in attempts]}, {})


@addresses.read(BASE + "/{number}/events", READER)
def happened(request: Request, site: CurrentSite, program: Program, number: Number) -> Response:
    """What happened to a case, oldest first, as `sop.status` tells it."""
    with snapshot(site.pool) as conn:
        _find(conn, program, number)
        events = store.events_of(conn, number)
    return answer(request, {"number": number, "events": [_event(each) for each in events]}, {})


def told(case: Case, office: Office) -> dict[str, Any]:
    """A case as programs read it; days are working days. The contact person is personal and stands in none."""
    found = standing(case, office.on, office.calendar, office.book)
    at = found.at
    return {
        "number": case.number,
        "opd": case.opd,
        "documents": list(case.documents),
        "state": case.state.value,
        "version": case.version,
        "procedure": {"version": case.procedure, "decree": case.decree},
        "submitted_on": _day(case.submitted_on),
        "ended_on": _day(case.ended_on),
        "age_days": found.age,
        "days_at_opd": found.days_at_opd,
        "days_at_kominfo": found.days_at_kominfo,
        "days_held": found.days_held,
        "returns": found.returns,
        "stage": None
        if at is None
        else {
            "number": at.stage,
            "label": at.label,
            "round": at.round,
            "state": at.state.value,
            "holder": at.holder,
            "target": _day(at.target),
            "due": _day(at.due),
            "days_left": at.days_left,
            "overdue": at.overdue,
        },
    }


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "stage": attempt.stage,
        "round": attempt.round,
        "state": attempt.state.value,
        "entered": _day(attempt.entered),
        "target": _day(attempt.target),
        "due": _day(attempt.due),
        "ended": _day(attempt.ended),
        "evidence": [
            {"code": code, "document": subject or None, "manual": (code, subject) in attempt.manual}
            for code, subject in sorted(attempt.met)
        ],
        "papers": {slot: versions[-1].sha256 for slot, versions in sorted(attempt.papers.items())},
    }


def _event(event: Event) -> Mapping[str, Any]:
    return {
        "version": event.version,
        "kind": event.kind.value,
        "at": event.at.isoformat(),
        "on": _day(event.on),
        "case_state": event.case_state.value,
        "role": event.role or ("system" if event.actor == "system" else None),
        "unit": event.unit,
        "acting": event.acting,
        "stage": event.stage,
        "round": event.round,
        "state": event.state.value if event.state else None,
        "returned_to": event.returned_to,
        "met": event.met,
        "manual": event.manual,
        "reason": event.reason,
        "documents": list(event.documents),
        "due": _day(event.due),
        "days_left": event.days_left,
    }


def _find(conn: Connection[TupleRow], program: TokenPrincipal, number: str) -> Case:
    """The case, if it is one of the token's agency. Raises Problem."""
    try:
        case = store.find(conn, number)
    except UnknownCase:
        raise Problem("permohonan-tidak-ada") from None
    if not program.may(Permission.VIEW_CASES, case.opd):
        raise Problem("permohonan-tidak-ada")
    return case


def _states(request: Request) -> frozenset[CaseState]:
    """The states asked for by `state=`, with commas between; `all` for all of them. Raises Problem."""
    unknown = set(request.query_params) - _KNOWN
    if unknown:
        raise Problem("parameter-tidak-dikenal", f"Parameter {min(unknown)[:60]} tidak dikenal; yang ada: state.")
    text = request.query_params.get("state")
    if text is None:
        return OPEN_STATES
    if text == "all":
        return ALL
    names = text.split(",")
    if not set(names) <= set(CaseState):
        raise Problem("nilai-tidak-sah", f"Parameter state adalah all, atau dari: {', '.join(CaseState)}.")
    return frozenset(map(CaseState, names))


def _day(on: date | None) -> str | None:
    return on.isoformat() if on else None

"""The register (*Pencatatan*) of integration requests: each with its letter, and whom to call where one may know."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from dashboard.case_board import Card, Office, card, lag_for
from hub_db.statements import load
from identity.permissions import Permission
from identity.principals import Principal
from sop import boards
from sop.case import Case
from sop.events import CaseState
from sop.lag import Lag
from sop.sought import ANY, Sought, of_reach
from sop.store import Contact

SQL = load("dashboard", "sql/cases.sql")
PAGE: Final = 100  # lines


@dataclass(frozen=True, slots=True)
class Entry:
    """One line; `contact` is None where it is not filled in, or not for this person."""

    card: Card
    case: Case
    letter: str
    dated: date | None
    contact: Contact | None


@dataclass(frozen=True, slots=True)
class Register:
    """One page, the newest number first, and how many there are; `older`: the number before which the next begins."""

    entries: Sequence[Entry]
    every: int
    found: int
    older: str | None
    opds: Sequence[str]  # that have cases
    years: Sequence[int]  # in which cases were submitted
    lag: Lag


def sought_of(opd: str, state: str, year: str) -> Sought:
    """What a page asks for; "" = any. What there is not fits nothing."""
    return Sought(
        opd=opd or None,
        states=None if not state else frozenset({CaseState(state)} if state in list(CaseState) else ()),
        year=None if not year else int(year) if year.isascii() and year.isdigit() and len(year) < 5 else 0,
    )


def register(
    conn: Connection[TupleRow],
    principal: Principal,
    office: Office,
    sought: Sought = ANY,
    *,
    before: str | None = None,
    limit: int = PAGE,
) -> Register:
    """A page of the cases that the person may see."""
    scope, missed = principal.scope(Permission.VIEW_CASES), lag_for(conn, principal)
    found = boards.register(conn, scope, sought=sought, lag=missed, before=before, limit=limit + 1)
    opds, years = boards.kinds(conn, scope, lag=missed)
    every = boards.count(conn, scope, lag=missed)
    return Register(
        entries=_entries(conn, principal, office, found[:limit]),
        every=every,
        found=every if sought == ANY else boards.count(conn, scope, sought=sought, lag=missed),
        older=found[limit - 1].number if len(found) > limit else None,
        opds=opds,
        years=years,
        lag=missed,
    )


def living_with(conn: Connection[TupleRow], principal: Principal, document: str) -> tuple[str, list[str]] | None:
    """The case of whose living integration the document is, and the open cases that change it."""
    row = conn.execute(
        SQL["living_with"], {**of_reach(principal.scope(Permission.VIEW_CASES)), "document": document}
    ).fetchone()
    return None if row is None else (row[0], row[1])


def _entries(conn: Connection[TupleRow], principal: Principal, office: Office, found: Sequence[Case]) -> list[Entry]:
    calling = principal.scope(Permission.ACT_ON_CASES)
    letters = _letters(conn, [case.number for case in found])
    contacts = _contacts(conn, [case.number for case in found if calling.covers(case.opd)])
    return [
        Entry(card(case, principal, office), case, *letters.get(case.number, ("", None)), contacts.get(case.number))
        for case in found
    ]


def _letters(conn: Connection[TupleRow], numbers: list[str]) -> Mapping[str, tuple[str, date | None]]:
    rows = conn.execute(SQL["letters"], {"numbers": numbers}).fetchall()
    return {number: (letter or "", dated) for number, letter, dated in rows}


def _contacts(conn: Connection[TupleRow], numbers: list[str]) -> Mapping[str, Contact]:
    rows = conn.execute(SQL["contacts"], {"numbers": numbers}).fetchall()
    return {number: Contact(name, phone) for number, name, phone in rows}

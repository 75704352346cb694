"""The register (*Pencatatan*) of integration requests: each with its letter, and whom to call where one may know."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from psycopg import Connection
from psycopg.rows import TupleRow

from dashboard.case_board import SQL, Card, Office, cards
from identity.permissions import Permission
from identity.principals import Principal
from sop.case import Case
from sop.reading import ALL, cases
from sop.store import Contact


@dataclass(frozen=True, slots=True)
class Entry:
    """One line; `contact` is None where it is not filled in, or not for this person."""

    card: Card
    case: Case
    letter: str
    dated: date | None
    contact: Contact | None


@dataclass(frozen=True, slots=True)
class Sought:
    """What the register is searched for; "" = any."""

    opd: str = ""
    state: str = ""
    year: str = ""

    def fits(self, entry: Entry) -> bool:
        return (
            self.opd in ("", entry.case.opd)
            and self.state in ("", entry.case.state.value)
            and self.year in ("", year_of(entry.case))
        )


def year_of(case: Case) -> str:
    """The year in which the case was submitted; "" for a draft."""
    return str(case.submitted_on.year) if case.submitted_on else ""


def register(conn: Connection[TupleRow], principal: Principal, office: Office) -> list[Entry]:
    """Every case that the person may see, the newest number first."""
    scope = principal.scope(Permission.VIEW_CASES)
    by_number = {case.number: case for case in cases(conn, ALL) if scope.covers(case.opd)}
    shown = {each.found.number: each for each in cards(by_number.values(), principal, office)}
    calling = principal.scope(Permission.ACT_ON_CASES)
    letters = _letters(conn, sorted(by_number))
    contacts = _contacts(conn, [number for number, case in by_number.items() if calling.covers(case.opd)])
    return [
        Entry(shown[number], case, *letters.get(number, ("", None)), contacts.get(number))
        for number, case in sorted(by_number.items(), reverse=True)
    ]


def _letters(conn: Connection[TupleRow], numbers: list[str]) -> Mapping[str, tuple[str, date | None]]:
    rows = conn.execute(SQL["letters"], {"numbers": numbers}).fetchall()
    return {number: (letter or "", dated) for number, letter, dated in rows}


def _contacts(conn: Connection[TupleRow], numbers: list[str]) -> Mapping[str, Contact]:
    rows = conn.execute(SQL["contacts"], {"numbers": numbers}).fetchall()
    return {number: Contact(name, phone) for number, name, phone in rows}

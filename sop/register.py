"""The register (*Pencatatan dan pendataan* of the SOP): each request with its letter, where it stands, whom to call."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from base import indonesian
from base.calendar import Calendar
from hub_db.statements import load
from sop.boards import cases
from sop.case import Case
from sop.events import CASE_TITLES
from sop.procedure import Book
from sop.reading import ALL, Standing, standing
from sop.store import Contact

SQL = load("sop", "sql/register.sql")
HEAD: Final = (
    "Nomor", "OPD", "Surat Permohonan", "Tanggal Surat", "Diterima", "Dokumen", "Keadaan", "Tahap", "Putaran",
    "Tenggat", "Selesai", "Umur (hari kerja)", "Hari di OPD", "Hari di Kominfo", "Dikembalikan", "Contact Person",
    "Telepon",
)  # fmt: skip
_HOLDERS: Final = {"opd": "OPD", "kominfo": "Kominfo"}
Cell = str | int


@dataclass(frozen=True, slots=True)
class Line:
    """One request on a day. The case is as the boards have it: without papers."""

    case: Case
    found: Standing
    letter: str | None
    dated: date | None
    contact: Contact  # empty for who may not know


@dataclass(frozen=True, slots=True)
class _Reach:
    """Whose requests, for the boards."""

    everywhere: bool
    opds: frozenset[str]


def register(
    conn: Connection[TupleRow],
    *,
    on: date,
    calendar: Calendar,
    book: Book,
    opds: Collection[str] | None = None,
    calling: Collection[str] | None = None,
) -> list[Line]:
    """The requests of these agencies by number, None for all; `calling`: of which agencies the contact is told."""
    asked = {"opds": None if opds is None else sorted(opds), "calling": None if calling is None else sorted(calling)}
    told = {row[0]: row[1:] for row in conn.execute(SQL["letters_and_contacts"], asked).fetchall()}
    return [
        Line(case, standing(case, on, calendar, book), letter, dated, Contact(name, phone))
        for case in cases(conn, _Reach(opds is None, frozenset(opds or ())), ALL)
        if case.number in told
        for letter, dated, name, phone in [told[case.number]]
    ]


def cells(line: Line, agencies: Mapping[str, str]) -> tuple[Cell, ...]:
    """The line as a row under HEAD."""
    case, found, at = line.case, line.found, line.found.at
    return (
        case.number,
        agencies.get(case.opd, case.opd),
        line.letter or "",
        _day(line.dated),
        _day(case.submitted_on),
        ", ".join(case.documents),
        CASE_TITLES[case.state],
        f"{at.stage}. {at.label} ({_HOLDERS.get(at.holder, at.holder)})" if at else "",
        at.round if at else "",
        _day(at.due if at else None),
        _day(case.ended_on),
        found.age,
        found.days_at_opd,
        found.days_at_kominfo,
        found.returns,
        line.contact.name,
        line.contact.phone,
    )


def _day(on: date | None) -> str:
    return "" if on is None else indonesian.day(on)

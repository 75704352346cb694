"""States of sources that a decision elsewhere asks for: written in the transaction that draws it, brought about later.

Whoever reads the decision may not change states; the process of jobs may, and does so once (`cause` is the decision's).
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow, dict_row

from hub_db.sources import SourceState
from hub_db.statements import load

SQL = load("hub_db", "sql/source_wishes.sql")


@dataclass(frozen=True, slots=True)
class Wish:
    """A state for a document (`<opd>.<document>`), by whose word and why."""

    document: str
    state: SourceState
    cause: str
    by: str
    role: str | None
    unit: str | None
    reason: str
    asked_at: datetime


def wish(conn: Connection[TupleRow], new: Wish) -> bool:
    """Ask for it, in the caller's transaction; False when the same cause has asked before."""
    opd, _, document = new.document.partition(".")
    values = {
        "opd": opd,
        "document": document,
        "state": new.state.value,
        "cause": new.cause,
        "by": new.by,
        "role": new.role,
        "unit": new.unit,
        "reason": new.reason,
        "asked_at": new.asked_at,
    }
    return conn.execute(SQL["wish"], values).rowcount == 1


def claim(conn: Connection[TupleRow]) -> tuple[int, Wish] | None:
    """The oldest wish that is open, held until the caller's transaction ends; None for none."""
    with conn.cursor(row_factory=dict_row) as cursor:
        row = cursor.execute(SQL["claim"]).fetchone()
    if row is None:
        return None
    number, opd, document = row.pop("id"), row.pop("opd"), row.pop("document")
    return number, Wish(**{**row, "document": f"{opd}.{document}", "state": SourceState(row["state"])})


def close(conn: Connection[TupleRow], number: int, outcome: str, now: datetime) -> None:
    """Note what came of it."""
    conn.execute(SQL["close"], {"id": number, "outcome": outcome, "now": now})

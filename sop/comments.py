"""What people say about a case in their own words: beside its events, never changed, corrected by a further one.

It is no event, so it stands in no topic, which is kept for ever
(docs/decisions/0029-lists-from-the-boards-words-beside-the-events.md).
"""

from dataclasses import dataclass
from datetime import datetime

from psycopg import Connection
from psycopg.rows import TupleRow, class_row

from hub_db.statements import load
from sop.case import Case
from sop.errors import Forbidden, Rule

SQL = load("sop", "sql/comments.sql")
LONGEST = 2_000  # characters


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment; stage and round are those that were open when it was written."""

    id: int
    case: str
    stage: int | None
    round: int | None
    by: str
    role: str | None
    unit: str | None
    said: str
    at: datetime
    corrects: int | None


def add(
    conn: Connection[TupleRow],
    case: Case,
    said: str,
    *,
    by: str,
    role: str | None,
    unit: str | None,
    now: datetime,
    corrects: int | None = None,
) -> Comment:
    """Write one. Raises Forbidden for one that corrects another person's, another case's, or one corrected already."""
    earlier = {each.id: each for each in of_case(conn, case.number)} if corrects is not None else {}
    if corrects is not None and (corrects not in earlier or earlier[corrects].by != by):
        raise Forbidden(Rule.COMMENT_NOT_YOURS, "Komentar dikoreksi oleh penulisnya sendiri.")
    attempt = case.current
    values = {
        "case": case.number,
        "stage": attempt and attempt.stage,
        "round": attempt and attempt.round,
        "by": by,
        "role": role,
        "unit": unit,
        "said": said.strip(),
        "at": now,
        "corrects": corrects,
    }
    with conn.cursor(row_factory=class_row(Comment)) as cursor:
        found = cursor.execute(SQL["add_comment"], values).fetchone()
    if found is None:
        raise Forbidden(Rule.COMMENT_NOT_YOURS, "Komentar ini sudah dikoreksi; koreksilah koreksinya.")
    return found


def of_case(conn: Connection[TupleRow], number: str) -> list[Comment]:
    """The comments of a case, oldest first."""
    with conn.cursor(row_factory=class_row(Comment)) as cursor:
        return cursor.execute(SQL["comments_of_case"], {"case": number}).fetchall()

"""What the boards do not have yet: the bus, the publisher or the reader is behind, for a moment or for longer.

Lists leave these cases out of what they read off the boards, and add them as their events have made them: whoever has
acted sees it, whatever is down.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from schemas.sop_topics import STATUS
from sop.case import Case
from sop.drawing import SQL
from sop.reading import some
from sop.sought import Reach, of_reach

MOST: Final = 50  # cases that are folded for a list; about as many as fit into the time of a page


@dataclass(frozen=True, slots=True)
class Lag:
    """Cases that have changed since the boards drew them, as they are now.

    `left_out`: of how many more lists still show what the boards have.
    """

    since: datetime | None = None  # when the oldest of it happened
    cases: tuple[Case, ...] = ()
    left_out: int = 0

    @property
    def numbers(self) -> list[str]:
        return [each.number for each in self.cases]

    @property
    def count(self) -> int:
        return len(self.cases) + self.left_out


NONE: Final = Lag()


def behind_since(conn: Connection[TupleRow]) -> datetime | None:
    """When the oldest event happened that is not on the boards; None where all are."""
    row = conn.execute(SQL["not_drawn_since"], {"topic": STATUS}).fetchone()
    since: datetime | None = row[0] if row else None
    return since


def lag(conn: Connection[TupleRow], reach: Reach, *, me: str, most: int = MOST) -> Lag:
    """What the boards lack of the cases within reach; those first that the person with this login has changed."""
    since = behind_since(conn)
    if since is None:
        return NONE
    rows = conn.execute(SQL["behind"], {**of_reach(reach), "me": me, "limit": most}).fetchall()
    if not rows:
        return NONE
    cases = some(conn, [number for number, _ in rows])
    return Lag(since, tuple(cases), rows[0][1] - len(cases))

"""An outbox: what was committed, numbered in the order of commits; one publisher at a time sends it.

A room that has one names five statements (`hub_db/sql/facts.sql`, `sop/sql/outgoing.sql`): `try_lead`, `any_unsent`,
`number_committed`, `unsent`, `mark_sent`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from psycopg import Connection
from psycopg.rows import TupleRow, dict_row

from hub_db.connection import transaction


class Numbered(Protocol):
    """Something committed that has its place in the order of sending."""

    @property
    def number(self) -> int:
        """Its place, from 1."""


Item = TypeVar("Item", bound=Numbered)


@dataclass(frozen=True, slots=True)
class Outbox(Generic[Item]):
    """One outbox in the database."""

    statements: Mapping[str, str]
    lock: int  # of the publisher's session: any number that only this outbox uses
    read: Callable[[dict[str, Any]], Item]  # a row of `unsent`

    def try_lead(self, conn: Connection[TupleRow]) -> bool:
        """Whether this session is the one publisher now."""
        return self._whether(conn, "try_lead", {"lock": self.lock})

    def any_unsent(self, conn: Connection[TupleRow]) -> bool:
        """Whether something waits to be sent."""
        return self._whether(conn, "any_unsent", {})

    def number_committed(self, conn: Connection[TupleRow]) -> int:
        """Number what was committed since the last time; how many."""
        with transaction(conn):
            return conn.execute(self.statements["number_committed"]).rowcount

    def unsent(self, conn: Connection[TupleRow], *, limit: int) -> list[Item]:
        """What has a number and Kafka is not known to have, in order."""
        with transaction(conn), conn.cursor(row_factory=dict_row) as cursor:
            return [self.read(row) for row in cursor.execute(self.statements["unsent"], {"limit": limit})]

    def mark_sent(self, conn: Connection[TupleRow], batch: Sequence[Item]) -> None:
        """Note that Kafka has these, which follow one another."""
        with transaction(conn):
            conn.execute(self.statements["mark_sent"], {"first": batch[0].number, "last": batch[-1].number})

    def _whether(self, conn: Connection[TupleRow], name: str, values: Mapping[str, int]) -> bool:
        with transaction(conn):
            row = conn.execute(self.statements[name], values).fetchone()
        return row is not None and bool(row[0])

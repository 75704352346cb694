"""Exact counts of reference rows without counting at every sample."""

import time
from collections.abc import Mapping

from psycopg import Connection
from psycopg.rows import TupleRow

from dashboard import reading
from schemas.names import EntityName

REST = 20  # times as long as a count took, nothing is counted: at most 5 % of a core
LONGEST_S = 60.0  # then it is counted even if no event was settled


class RowCounts:
    """The live rows of each entity, counted again when events were settled since. Belongs to one thread."""

    def __init__(self, *, every_s: float) -> None:
        self._every_s = every_s
        self._counts: Mapping[EntityName, int] = {}
        self._seen: object = None
        self._counted_at = float("-inf")
        self._next_at = float("-inf")

    def of(
        self, conn: Connection[TupleRow], entities: tuple[EntityName, ...], settled: object
    ) -> Mapping[EntityName, int]:
        """`settled` is any value that changes when events were settled."""
        now, seen = time.monotonic(), (entities, settled)
        changed = set(entities) != set(self._counts)
        grown = seen != self._seen or now - self._counted_at > LONGEST_S
        if changed or (grown and now >= self._next_at):
            self._counts = reading.live_rows(conn, entities)
            self._seen, self._counted_at = seen, now
            self._next_at = now + max(self._every_s, REST * (time.monotonic() - now))
        return self._counts

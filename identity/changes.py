"""What changed in an entity since a round, for programs: whoever has round N has everything committed before it.

Only of entities whose key is nobody's number: the order in which persons arrive says something of them.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.connection import translated
from hub_db.statements import load
from identity.masking import Viewer
from identity.records import Record, open_fields, records_at
from schemas.contract import Contract
from schemas.names import FieldName

SQL = load("identity", "sql/records.sql")
MOST: Final = 500
_MARK: Final = re.compile(r"([0-9]{1,18})~([0-3])~([0-9]{1,18})~(-1|[0-9]{1,18})~([^\0]*)")


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the order of changes: behind it they go on. Of a round alone: behind all of that round."""

    round: int
    kind: int = 3  # 0 batches, 1 releases, 2 changes without an event; 3 is behind them all
    part: int = 0
    offset: int = -1
    key: str = ""

    def write(self) -> str:
        """As a text for `read_mark`."""
        return "~".join(map(str, (self.round, self.kind, self.part, self.offset, self.key)))


@dataclass(frozen=True, slots=True)
class Change:
    """A key that changed; `record` as it is now, None where it is deleted."""

    key: str
    round: int
    record: Record | None


@dataclass(frozen=True, slots=True)
class Changes:
    """Some changes in their order. `onward`: where they go on; None when all up to `round` are told."""

    found: tuple[Change, ...]
    round: int
    onward: Mark | None


def read_mark(text: str) -> Mark | None:
    """A place out of its text; None for a text that is none."""
    match = _MARK.fullmatch(text)
    if match is None:
        return None
    return Mark(int(match[1]), int(match[2]), int(match[3]), int(match[4]), match[5])


def newest_round(conn: Connection[TupleRow]) -> int:
    """The newest round that is published; 0 before the first."""
    with translated():
        row = conn.execute(SQL["newest_round"]).fetchone()
    return int(row[0]) if row else 0


def changes(
    conn: Connection[TupleRow],
    contract: Contract,
    viewer: Viewer,
    after: Mark,
    *,
    limit: int = MOST,
    only: Collection[FieldName] | None = None,
) -> Changes:
    """What changed behind a place, at most so many keys; in one snapshot. Raises NotAllowed where nothing may be seen,
    and where keys are persons' numbers."""
    open_fields(contract, viewer, only)
    newest = newest_round(conn)
    values = {
        "entity": contract.entity,
        "round": after.round,
        "kind": after.kind,
        "part": after.part,
        "offset": after.offset,
        "key": after.key,
        "last": newest,
        "limit": limit,
    }
    with translated():
        rows = conn.execute(SQL["changed_keys"], values).fetchall()
    found = _of_keys(conn, contract, viewer, rows, only)
    if len(rows) < limit:
        return Changes(found, max(newest, after.round), None)
    last, kind, part, offset, key, _ = rows[-1]
    return Changes(found, newest, Mark(last, kind, part, offset, key if kind else ""))


def _of_keys(
    conn: Connection[TupleRow],
    contract: Contract,
    viewer: Viewer,
    rows: Sequence[TupleRow],
    only: Collection[FieldName] | None,
) -> tuple[Change, ...]:
    """Each key once, in the order of its last change here."""
    last = {key: (round_, deleted) for round_, _, _, _, key, deleted in rows if deleted is not None}
    live = [key for key, (_, deleted) in last.items() if not deleted]
    there = {each.address: each for each in records_at(conn, contract, viewer, live, only=only)} if live else {}
    return tuple(Change(key, round_, there.get(key)) for key, (round_, _) in last.items())

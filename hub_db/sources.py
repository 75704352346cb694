"""A source's life: which state each document of an agency is in, since when, by whose word and why.

`uji` (sandbox only) → `pratinjau` (production, seen by that agency and the Walidata) → `aktif` (counts in the published
golden record) ⇄ `ditangguhkan` → `ditarik`. Each change is a row that stays; the newest one holds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from psycopg import Connection
from psycopg.rows import TupleRow, dict_row

from hub_db.errors import NoSuchMove
from hub_db.statements import load
from schemas.names import DocumentName, OpdCode, TopicName

SQL = load("hub_db", "sql/sources.sql")
SHORTEST_REASON, LONGEST_REASON = 10, 500  # characters, as the table has it


class SourceState(StrEnum):
    """States, by the words that people read."""

    UJI = "uji"
    PRATINJAU = "pratinjau"
    AKTIF = "aktif"
    DITANGGUHKAN = "ditangguhkan"
    DITARIK = "ditarik"


# From where to where. A source that never came into production may end too.
MOVES: Mapping[SourceState, frozenset[SourceState]] = MappingProxyType(
    {
        SourceState.UJI: frozenset({SourceState.PRATINJAU, SourceState.DITARIK}),
        SourceState.PRATINJAU: frozenset({SourceState.AKTIF, SourceState.DITARIK}),
        SourceState.AKTIF: frozenset({SourceState.DITANGGUHKAN}),
        SourceState.DITANGGUHKAN: frozenset({SourceState.AKTIF, SourceState.DITARIK}),
        SourceState.DITARIK: frozenset(),
    }
)


@dataclass(frozen=True, slots=True)
class Change:
    """One row: from here on the source is in this state."""

    opd: OpdCode
    document: DocumentName
    number: int  # 1 is the first
    state: SourceState
    by: str
    by_kind: str  # as in the audit
    role: str | None
    reason: str
    at: datetime

    @property
    def name(self) -> str:
        """`<opd>.<document>`."""
        return f"{self.opd}.{self.document}"


def current(conn: Connection[TupleRow]) -> dict[str, Change]:
    """The newest row of each document, by `<opd>.<document>`."""
    return {change.name: change for change in _changes(conn, "current", {})}


def topics_to_read(conn: Connection[TupleRow]) -> list[TopicName]:
    """The topics of all documents: in production unless they never came there, and in their sandbox."""
    return [TopicName(row[0]) for row in conn.execute(SQL["topics_to_read"])]


def history(conn: Connection[TupleRow], opd: str, document: str) -> list[Change]:
    """All rows of one document, oldest first; none when it never had a state."""
    return _changes(conn, "history", {"opd": opd, "document": document})


def begin(conn: Connection[TupleRow], first: Change) -> bool:
    """Write the first row of a document; False when it has one already. Seeds alone begin beyond `uji`."""
    return conn.execute(SQL["begin"], _row(first)).rowcount == 1


def move(conn: Connection[TupleRow], change: Change) -> Change:
    """Write the next row (its `number` is given here), one change at a time; the row before it.

    Raises NoSuchMove when the document has no state yet or may not go there.
    """
    conn.execute(SQL["one_at_a_time"], {"source": change.name})
    past = history(conn, change.opd, change.document)
    if not past:
        raise NoSuchMove(f"Sumber {change.name} belum ada. Lihat daftarnya dengan './simpul source list'.")
    before = past[-1]
    if change.state not in MOVES[before.state]:
        onward = " atau ".join(sorted(MOVES[before.state])) or "tidak ada lagi"
        raise NoSuchMove(f"Sumber {change.name} kini {before.state}; keadaan berikutnya yang boleh: {onward}.")
    conn.execute(SQL["next"], _row(change) | {"number": before.number + 1})
    return before


def _changes(conn: Connection[TupleRow], statement: str, values: Mapping[str, object]) -> list[Change]:
    with conn.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(SQL[statement], values).fetchall()
    return [Change(**row | {"state": SourceState(row["state"])}) for row in rows]


def _row(change: Change) -> dict[str, object]:
    reason = change.reason.strip()
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise NoSuchMove(f"Alasan perlu {SHORTEST_REASON} sampai {LONGEST_REASON} karakter.")
    names = ("opd", "document", "number", "state", "by", "by_kind", "role", "at")
    return {name: getattr(change, name) for name in names} | {"reason": reason}

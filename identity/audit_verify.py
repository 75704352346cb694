"""Looks whether the audit is as it was written: the chain from its first link to the head, held against anchors.

Constant memory: links are streamed in their order, and nothing is kept but the hash before. After a breach the check
goes on with what stands in the database, so that each breach is named once and not everything after it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db.connection import transaction
from hub_db.statements import load
from identity.audit_anchors import Anchor
from identity.audit_chain import GENESIS, next_hash, written

SQL = load("identity", "sql/audit_verify.sql")
FETCH = 2_000  # links in memory at a time
PATIENCE = timedelta(minutes=1)  # a sealer needs a second; one that is away for this long is a breach too
NAMED = 100  # entries without a link that are named one by one


class Fault(StrEnum):
    """What is wrong with the audit."""

    CHANGED = "changed"  # the entry, or the hash of its link, is not what was sealed
    ENTRY_GONE = "entry-gone"  # the link is there, its entry is not
    LINKS_GONE = "links-gone"  # a gap in the numbers
    BROKEN = "broken"  # the link does not go on from the one before it
    CUT_OFF = "cut-off"  # the chain ends before an anchor
    REWRITTEN = "rewritten"  # the chain fits together, but it is another one than was anchored
    UNSEALED = "unsealed"  # an entry that has no link though its time is over
    ANCHOR_FORGED = "anchor-forged"  # the anchor's own seal does not fit


@dataclass(frozen=True, slots=True)
class Breach:
    """One thing that is wrong, and where."""

    fault: Fault
    number: int | None  # of the link, or the first of several
    entry_id: int | None = None
    last_number: int | None = None  # of several


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check has found. `number` and `hash` are the head's, to be compared with what was noted elsewhere."""

    breaches: tuple[Breach, ...]
    links: int
    number: int
    hash: bytes
    anchors: int

    @property
    def is_whole(self) -> bool:
        return not self.breaches


def verify(conn: Connection[TupleRow], anchors: Sequence[Anchor] = ()) -> Verdict:
    """Check everything, in one snapshot. The anchors may come in any order."""
    expected = {each.number: each for each in anchors if each.is_genuine}
    forged = tuple(Breach(Fault.ANCHOR_FORGED, each.number) for each in anchors if not each.is_genuine)
    breaches: list[Breach] = []
    links, number, before = 0, 0, GENESIS
    good_anchor = 0
    with transaction(conn):
        conn.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        conn.execute("SET LOCAL statement_timeout = 0")
        for row in _links(conn):
            breaches += _judge(row, number, before)
            anchor = expected.get(row[0])
            if anchor is not None and anchor.hash != bytes(row[3]):
                breaches.append(Breach(Fault.REWRITTEN, good_anchor + 1, last_number=row[0]))
                expected = {}  # every later anchor differs as well
            elif anchor is not None:
                good_anchor = row[0]
            links, number, before = links + 1, row[0], bytes(row[3])
        breaches += _unsealed(conn)
    furthest = max(expected, default=0)
    if furthest > number:
        breaches.append(Breach(Fault.CUT_OFF, number + 1, last_number=furthest))
    return Verdict((*forged, *breaches), links, number, before, len(expected))


def _links(conn: Connection[TupleRow]) -> Iterator[TupleRow]:
    with conn.cursor(name="links") as cursor:
        cursor.itersize = FETCH
        cursor.execute(SQL["links"])
        yield from cursor


def _judge(row: Sequence[object], last_number: int, before: bytes) -> Iterator[Breach]:
    """What is wrong with one link, given the number and hash of the one before it."""
    number, entry_id, previous_hash, own_hash, found = row[:5]
    assert isinstance(number, int) and isinstance(entry_id, int)  # noqa: S101, PT018 - their columns' types
    gap = number != last_number + 1
    if gap:
        yield Breach(Fault.LINKS_GONE, last_number + 1, last_number=number - 1)
    elif previous_hash != before:
        yield Breach(Fault.BROKEN, number, entry_id)
    if found is None:
        yield Breach(Fault.ENTRY_GONE, number, entry_id)
    elif not _fits(row, previous_hash, own_hash):
        yield Breach(Fault.CHANGED, number, entry_id)


def _fits(row: Sequence[object], previous_hash: object, own_hash: object) -> bool:
    assert isinstance(previous_hash, bytes)  # noqa: S101 - its column's type
    try:
        return next_hash(previous_hash, written(row[4:])) == own_hash
    except ValueError:  # an entry that could never have been written so
        return False


def _unsealed(conn: Connection[TupleRow]) -> list[Breach]:
    rows = conn.execute(SQL["never_sealed"], {"patience": PATIENCE, "limit": NAMED})
    return [Breach(Fault.UNSEALED, None, entry_id) for (entry_id,) in rows]

"""Holding the live table of a document against its copy, and writing into it what differs.

Nothing is renamed: the rows that differ are written, in one transaction, while nobody adds to the document's history.
So grants, indexes and whoever reads the table stay as they are, and only what changed is published.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from psycopg.sql import Composed

from base import faults
from hub_db import layouts, refold
from hub_db.key_lines import series
from hub_db.rebuild_differences import DifferenceStatements, differences
from hub_db.rebuilding import SQL, Rebuild
from schemas.names import EntityName, EventKey

COMPARED_AT_ONCE = 20_000  # rows of each table
KEYS_SHOWN: Final = 10


@dataclass(frozen=True, slots=True)
class Report:
    """What a rebuild has found. No values; keys only where everybody may see them."""

    rows: int  # of the copy
    alive: int  # of them: no tombstones
    kinds: Mapping[str, int]  # how many keys are lost, extra, different
    fields: Mapping[str, int]  # in how many keys each field differs
    apart: Mapping[str, int]  # keys that are left as they are, by the reason's code
    keys: Mapping[str, Sequence[str]]

    @property
    def differs(self) -> bool:
        return any(self.kinds.values())


def compare(work: Rebuild, after: str) -> str | None:
    """Hold the next piece of the live table against the copy; the last key of it, None when that was all."""
    work.open()
    found = _statements(work)
    row = work.conn.execute(found.bound, {"after": after, "count": COMPARED_AT_ONCE}).fetchone()
    if row is None:
        work.conn.execute(found.compare_rest, {"after": after})
        return None
    work.conn.execute(found.compare, {"after": after, "until": row[0]})
    return str(row[0])


def settle(work: Rebuild) -> Report:
    """What differs, with all events that have come by now, none of which goes in before the transaction ends."""
    found = _statements(work)
    _settle(work, found)
    entity = EntityName(work.contract.entity)
    (is_open,) = work.conn.execute(SQL["has_open_keys"], {"entity": entity}).fetchone() or (False,)
    some = work.conn.execute(found.some_keys, {"most": KEYS_SHOWN}).fetchall() if is_open else []
    rows, alive = work.conn.execute(found.rows).fetchone() or (0, 0)
    return Report(
        rows=rows,
        alive=alive,
        kinds=_counts(work, found.kinds),
        fields=_counts(work, found.fields),
        apart=_counts(work, found.reasons),
        keys=dict(some),
    )


def swap(work: Rebuild) -> dict[str, int]:
    """Write what differs into the live table, have the records that follow reckoned anew, and list what changed for the
    next round; how many keys were lost, extra, different. Done twice, it says the same and changes nothing."""
    found = _statements(work)
    work.open()
    if noted := _counts(work, found.noted):
        return noted
    _settle(work, found)
    keys = [EventKey(key) for (key,) in work.conn.execute(found.keys)]
    if not keys:
        return {}
    layout = layouts.hold(work.conn, work.contract)
    change = refold.Change.of(work.conn, work.contract, layout, series(keys))
    work.conn.execute(found.write)
    work.conn.execute(found.bury)
    if layout.own is not None:
        refold.reckon(work.conn, layout.own, keys)
    change.reckon(work.conn)
    if layout.own is None:
        entity = layouts.entity_now(work.conn, EntityName(work.contract.entity))
        if entity is not None:
            refold.publish_anew(work.conn, entity, keys)
    work.conn.execute(found.note)
    faults.point("rebuild.precommit")
    return _counts(work, found.noted)


def _settle(work: Rebuild, found: DifferenceStatements) -> None:
    """Take in what came, and look again at the keys in which the tables differed."""
    work.conn.execute(SQL["no_hurry"])
    while work.follow():
        pass
    work.conn.execute(found.compare_again)
    work.conn.execute(found.forget_equal)
    work.conn.execute(found.weigh)
    work.conn.execute(found.forget_equal)


def _statements(work: Rebuild) -> DifferenceStatements:
    return differences(work.contract, work.live())


def _counts(work: Rebuild, statement: Composed) -> dict[str, int]:
    return {str(name): int(count) for name, count in work.conn.execute(statement)}

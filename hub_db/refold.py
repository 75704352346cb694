"""Reckons the golden records of touched keys anew, in the transaction that changed a source's rows.

Two transactions that touch one key through two sources do not see each other's rows. So a key's record is locked
before the other sources' rows are read, and what cannot be locked, as it is not there yet, is guarded otherwise:

- A document that may create brings the record in; another that does so at the same time waits at its key, and then
  reckons anew.
- A document that may not create is let in only where the record is there (`merge.needs`).
- A feed of a record that is not there waits until nobody else brings records in, and looks again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import polars as pl
from psycopg import Connection
from psycopg.rows import TupleRow

from hub_db import frame_settle
from hub_db.errors import Halted
from hub_db.fold_statements import Feed, Folds
from hub_db.frame_merge import FoldedFrame
from hub_db.golden import Entity
from hub_db.key_lines import lines_of_keys, series
from hub_db.layouts import SQL, Layout
from hub_db.merge import Merged
from schemas.contract import Contract
from schemas.names import EventKey

Lines = Sequence[str]
TRIES = 100  # each failed try means that another transaction brought in one of the keys meanwhile
FED, RECKONED = "feed", "reckoned"


@dataclass(frozen=True, slots=True)
class Change:
    """What a batch or a release touches beyond its document's own table; to be begun before that is written."""

    contract: Contract
    layout: Layout
    keys: pl.Series  # of the document's rows that change, each once
    fed_before: Sequence[set[str]]  # by feed, the records that those rows named before

    @classmethod
    def begin(
        cls,
        conn: Connection[TupleRow],
        contract: Contract,
        layout: Layout,
        merged: Merged,
        folded: FoldedFrame | None = None,
    ) -> Self:
        """Nothing is asked of the database, and no key gathered, for a document that is alone with its table."""
        keys = series(())
        if not layout.plain:
            keys = series(merged.rows)
            if folded is not None:
                keys = pl.concat([keys, frame_settle.touched(folded)])
        return cls.of(conn, contract, layout, keys)

    @classmethod
    def of(cls, conn: Connection[TupleRow], contract: Contract, layout: Layout, keys: pl.Series) -> Self:
        """Of rows that are written by these keys, each once."""
        return cls(contract, layout, keys, _fed_keys(conn, contract, layout, keys))

    def reckon(self, conn: Connection[TupleRow]) -> None:
        """Reckon the touched records anew, once the rows are written and the ledger has the batch."""
        if not len(self.keys):
            return
        if self.layout.own is not None:
            _reckon_own(conn, self.contract, self.layout.own, self.keys)
        after = _fed_keys(conn, self.contract, self.layout, self.keys)
        for feed in self.layout.fed:
            conn.execute(feed.note, lines_of_keys(len(self.contract.key), self.keys))
        for feed, named, named_now in zip(self.layout.fed, self.fed_before, after, strict=True):
            _reckon_fed(conn, feed, named | named_now)


def _fed_keys(conn: Connection[TupleRow], contract: Contract, layout: Layout, keys: pl.Series) -> list[set[str]]:
    """By feed, the keys of the other entity that the document's rows name now."""
    if not layout.fed or not len(keys):
        return [set() for _ in layout.fed]
    lines = lines_of_keys(len(contract.key), keys)
    return [{key for (key,) in conn.execute(feed.fed_keys, lines)} for feed in layout.fed]


def _reckon_own(conn: Connection[TupleRow], contract: Contract, folds: Folds, keys: pl.Series) -> None:
    lines = lines_of_keys(len(contract.key), keys)
    if contract.may_create:
        conn.execute(SQL["create_together"], {"entity": folds.entity.name})
        _make_or_update(conn, folds, lines, len(keys))
    elif _number(conn, folds.lock, lines):
        conn.execute(folds.update, lines)


def _make_or_update(conn: Connection[TupleRow], folds: Folds, lines: Lines, count: int) -> None:
    for _ in range(TRIES):
        there = _number(conn, folds.lock, lines)
        if there:
            conn.execute(folds.update, lines)
        if there == count:
            return
        row = conn.execute(folds.insert, lines).fetchone()
        absent, folded, made = row or (0, 0, 0)
        if there + absent == count and folded == made:
            return
    raise Halted(f"{folds.entity.name}: its records do not stand still")


def _reckon_fed(conn: Connection[TupleRow], feed: Feed, keys: set[str]) -> None:
    """Reckon the records of an entity that a document feeds anew, and list those that changed for the next round."""
    if not keys:
        return
    folds, lines = feed.folds, lines_of_keys(1, pl.Series("key", sorted(keys), pl.String))
    if _number(conn, folds.count, lines) < len(keys):
        conn.execute(SQL["create_alone"], {"entity": folds.entity.name})
    if _number(conn, folds.lock, lines):
        conn.execute(folds.update_listed, [FED, *lines])


def reckon(conn: Connection[TupleRow], folds: Folds, keys: Sequence[EventKey]) -> int:
    """Reckon some records anew after a change that no event made, and list those that changed; returns how many."""
    if not keys:
        return 0
    lines = lines_of_keys(len(folds.entity.key), series(sorted(set(keys))))
    conn.execute(SQL["create_alone"], {"entity": folds.entity.name})
    _number(conn, folds.lock, lines)
    changed = _number(conn, folds.update_listed, [RECKONED, *lines])
    changed += _number(conn, folds.bury_listed, [RECKONED, *lines])
    return changed + _number(conn, folds.insert_listed, [RECKONED, *lines])


def publish_anew(conn: Connection[TupleRow], entity: Entity, keys: Sequence[EventKey]) -> None:
    """List records for the next round as they are."""
    conn.execute(SQL["list_change"], {"entity": entity.name, "cause": RECKONED, "keys": list(keys)})


def _number(conn: Connection[TupleRow], statement: object, values: Lines) -> int:
    row = conn.execute(statement, values).fetchone()  # type: ignore[call-overload]
    return int(row[0]) if row else 0

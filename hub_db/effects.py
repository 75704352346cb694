"""What a batch does to the rows of its document, and which loads its events name. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from hub_db.breaker import Kind, Offsets
from hub_db.event_frames import Judged
from hub_db.events import Stretch
from hub_db.frame_merge import FoldedFrame
from hub_db.merge import Mark, Merged
from schemas.names import EventKey

Loads = dict[str, list[int]]  # by load: events that came, keys that they made new, changed, deleted


@dataclass(frozen=True, slots=True)
class Effects:
    """The keys that a batch makes new, and those that it changes or deletes, each once, by its newest event there."""

    born: int
    offsets: Mapping[Kind, Offsets]  # of the events that change or delete a key
    loads: Mapping[Kind, pl.Series]  # the load that each of these names, or null
    born_loads: pl.Series

    @classmethod
    def of(
        cls, stretch: Stretch, merged: Merged, folded: FoldedFrame | None, marks: Mapping[EventKey, Mark]
    ) -> "Effects":
        """`marks`: the rows that the events of `merged` met. What was parked before and goes in now does not count."""
        found: dict[Kind, list[tuple[int, str | None]]] = {Kind.CHANGES: [], Kind.DELETES: []}
        born: list[str | None] = []
        here = (stretch.topic_no, stretch.partition)
        for key, event in merged.rows.items():
            if event.place[:2] != here or event.place.offset < stretch.first_offset:
                continue
            if key in marks:
                kind = Kind.DELETES if event.row is None else Kind.CHANGES
                found[kind].append((event.place.offset, event.load))
            elif event.row is not None:
                born.append(event.load)
        offsets = {kind: np.array([offset for offset, _ in each], np.int64) for kind, each in found.items()}
        loads = {kind: pl.Series([load for _, load in each], dtype=pl.String) for kind, each in found.items()}
        born_loads = pl.Series(born, dtype=pl.String)
        if folded is not None and len(folded.events):
            newest = folded.newest & (folded.events.marks["partition"] == stretch.partition)
            changed, first = newest & ~folded.first, newest & folded.first
            theirs = folded.events.marks["load"]
            changed_offsets = folded.events.marks["offset"].filter(changed).to_numpy()
            offsets[Kind.CHANGES] = np.concatenate([offsets[Kind.CHANGES], changed_offsets])
            loads[Kind.CHANGES] = pl.concat([loads[Kind.CHANGES], theirs.filter(changed)])
            born_loads = pl.concat([born_loads, theirs.filter(first)])
        return cls(len(born_loads), offsets, loads, born_loads)

    def by_load(self, batch: Judged) -> Loads | None:
        """What the ledger keeps of the loads that the batch's events name; None when they name none."""
        came = pl.Series([event.load for event in batch.events], dtype=pl.String)
        if batch.frame is not None:
            came = pl.concat([came, batch.frame.marks["load"]])
        counts = [_counts(each) for each in (came, self.born_loads, *self.loads.values())]
        return {load: [each.get(load, 0) for each in counts] for load in counts[0]} or None


def _counts(loads: pl.Series) -> dict[str, int]:
    if loads.null_count() == len(loads):
        return {}
    return dict(loads.drop_nulls().rename("load").value_counts().iter_rows())

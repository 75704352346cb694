"""The breaker of a partition: what it remembers between batches, and when a flood is one. Pure.

- A *storm*: of some number of records in a row more than half are returned for one and the same reason.
- A *flood*: within an hour of the log more rows are changed, or deleted, than the contract's share of the rows that the
  source has in the partition. Each load that was announced counts by itself, all others together; a load to which a
  person said yes does not count.

Where it trips depends on the records alone, not on how they were cut into batches; that of a flood also on when its
rows were counted.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final, Self

import numpy as np
import numpy.typing as npt

Offsets = npt.NDArray[np.int64]
OTHERS: Final = ""  # the counter of the events that belong to no announced load


class Kind(StrEnum):
    """What stops a partition."""

    STORM = "storm"
    CHANGES = "changes"
    DELETES = "deletes"


@dataclass(frozen=True, slots=True)
class Limits:
    """From when on the breaker looks."""

    storm_of: int = 200  # records in a row
    flood_from: int = 200  # rows changed, or deleted; fewer are no flood, however few there are
    hour_s: float = 3600.0  # of the log's time


@dataclass(frozen=True, slots=True)
class Trip:
    """Why a partition rests, and from where on. `cause`: a code, or a load, as `hub.pause` has it."""

    kind: Kind
    cause: str
    counted: int
    of: int  # records, or live rows
    next_offset: int  # the first offset that is not settled


@dataclass(frozen=True, slots=True)
class Touched:
    """The events by which a batch changes, or deletes, keys: the newest of each, of one counter, in any order."""

    kind: Kind
    counter: str
    offsets: Offsets


@dataclass(slots=True)
class Watched:
    """What the breaker remembers of a partition."""

    since: float = 0.0  # when its hour began, in seconds of the log
    born: int = 0  # keys that are new in this hour
    rows: int | None = None  # live rows, as they were last counted
    young: bool = False  # the source had too few rows when the hour began: nothing is a flood
    changes: dict[str, int] = field(default_factory=dict)  # keys by counter
    deletes: dict[str, int] = field(default_factory=dict)
    seen: int = 0  # records since the first refusal of those that are counted together
    codes: dict[str, int] = field(default_factory=dict)  # refusals among them

    @classmethod
    def read(cls, stored: Mapping[str, Any] | None) -> Self:
        """As it was stored; what somebody else wrote there is forgotten."""
        names = cls.__slots__
        return cls(**{name: value for name, value in (stored or {}).items() if name in names})

    def written(self) -> dict[str, Any] | None:
        """To be stored: what says something. None when nothing does."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        told = {name: value for name, value in plain.items() if value}
        return told if told.keys() - {"since"} else None

    def begin_hour(self, at: float, hour_s: float) -> None:
        """Count floods anew when an hour of the log is over. `at`: when the batch's last record came."""
        if at - self.since >= hour_s or at < self.since:
            self.since, self.born, self.rows, self.young = at, 0, None, False
            self.changes, self.deletes = {}, {}

    def counted(self, kind: Kind) -> dict[str, int]:
        """The counters of one kind of flood."""
        return self.deletes if kind is Kind.DELETES else self.changes

    def add(self, touched: Sequence[Touched], born: int) -> None:
        """Remember what a batch did."""
        self.born += born
        for each in touched:
            counters = self.counted(each.kind)
            counters[each.counter] = counters.get(each.counter, 0) + len(each.offsets)


def storm(watched: Watched, letters: Sequence[tuple[int, str]], records: int, of: int) -> tuple[int, str, int] | None:
    """Count refusals: `letters` are the ranks (from 0) among the batch's `records`, in order, and the codes.

    The rank of the record with which the storm is one, its code and how many there were; None where there is none.
    """
    start = -watched.seen if watched.codes else None
    codes = dict(watched.codes)
    for rank, code in letters:
        if start is not None and rank - start >= of:
            if found := _commonest(codes, of):
                return start + of - 1, *found
            start = None
        if start is None:
            start, codes = rank, {}
        codes[code] = codes.get(code, 0) + 1
    if start is not None and records - start >= of:
        if found := _commonest(codes, of):
            return start + of - 1, *found
        start = None
    watched.seen, watched.codes = (0, {}) if start is None else (records - start, codes)
    return None


def _commonest(codes: Mapping[str, int], of: int) -> tuple[str, int] | None:
    code = max(codes, key=lambda each: (codes[each], each))
    return (code, codes[code]) if codes[code] * 2 > of else None


def over(watched: Watched, touched: Touched, limit: int) -> int | None:
    """The offset of the event by which a counter goes over its limit; None when it does not."""
    room = max(limit - watched.counted(touched.kind).get(touched.counter, 0), 0)
    return int(np.partition(touched.offsets, room)[room]) if len(touched.offsets) > room else None


def limit_of(share: float, rows: int, least: int) -> int:
    """How many rows may be changed, or deleted."""
    return max(least, int(share * rows))

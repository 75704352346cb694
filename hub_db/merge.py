"""Which events are new, which are known, which must wait: a pure fold over events.

The verdict on an event depends only on what stands before it in its partition, never on when the hub came
to look (`docs/decisions/0005`):

- An event is *known* when a version as high as its own came before it, whether that one went in or waits.
- Two events of one version that say different things are a contest, won by what they say (`contents.py`): the one that
  gives way is kept, and if it came first, the winner goes in after it.
- Otherwise it is new. It goes in when the records it refers to exist, and is parked when one is missing.
- A parked event whose key gets a newer version goes into the history with it: it was new in its place, and
  nothing waits for it any more.
- An event behind a higher version that waits, waits with it: it is known when that one goes in, and judged anew when
  that one is given up.
"""

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field
from enum import Enum, auto
from types import MappingProxyType

from hub_db.contents import content_of
from hub_db.events import Event, Missing, Place, Version
from schemas.contract import Contract, OnMissing
from schemas.names import EntityName, EventKey, FieldName

NO_EVENTS: Mapping[EventKey, Event] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Mark:
    """Version and place of the event that made a row of the reference table."""

    version: Version
    place: Place


@dataclass(frozen=True, slots=True)
class Waiting:
    """An event that is parked already, and what it was waiting for."""

    event: Event
    missing: Missing


@dataclass(frozen=True, slots=True)
class Accepted:
    """An event that goes in, and the place of its key's previous accepted event."""

    event: Event
    before: Place | None


@dataclass(slots=True)
class Merged:
    """The outcome of a fold; every event given is in exactly one of the lists or counted as known."""

    accepted: list[Accepted] = field(default_factory=list)  # new events that go in
    released: list[Accepted] = field(default_factory=list)  # parked events that go in
    outdated: list[Event] = field(default_factory=list)  # parked events that are known now
    known_of: Counter[int] = field(default_factory=Counter)  # new events that are known, by partition
    older_of: Counter[int] = field(default_factory=Counter)  # of those: below their key's row
    parked: list[Waiting] = field(default_factory=list)  # new events that wait
    still_waiting: list[Waiting] = field(default_factory=list)  # parked events that wait on, maybe for another record
    rows: dict[EventKey, Event] = field(default_factory=dict)  # the newest accepted event of each changed key
    losers: list[Event] = field(default_factory=list)  # of contests
    outranked: dict[EventKey, Place] = field(default_factory=dict)  # rows that give way to their own version

    def no_news(self, event: Event, *, was_parked: bool) -> None:
        """Count an event as known; one that waited leaves the parking lot."""
        if was_parked:
            self.outdated.append(event)
        else:
            self.known_of[event.place.partition] += 1

    @property
    def known(self) -> int:
        """New events that are known."""
        return self.known_of.total()


@dataclass(frozen=True, slots=True)
class Need:
    """A record that a row waits for: the one of `entity` whose `columns` hold the row's value of `field`.

    `of_key`: the value is the row's whole key.
    """

    field: FieldName
    entity: EntityName
    columns: tuple[FieldName, ...]
    of_key: bool = False

    def key(self, event: Event) -> EventKey | None:
        """The key of the record, None when the row names none."""
        if event.row is None or self.of_key:
            return None if event.row is None else event.key
        value = event.row[self.field]
        return None if value is None else EventKey(str(value))


def needs(contract: Contract) -> tuple[Need, ...]:
    """What makes a row wait: the records that its fields refer to, and its entity's, if it may not create that."""
    own = () if contract.may_create else (Need(contract.key[0], contract.entity, contract.key, of_key=True),)
    return own + tuple(
        Need(each.name, each.reference.entity, (each.reference.field,))
        for each in contract.fields
        if each.reference is not None and each.reference.on_missing is OnMissing.PARK
    )


def brings_in(contract: Contract, need: Need) -> bool:
    """Whether the document's own new rows are such records."""
    return contract.may_create and need.entity == contract.entity


def wanted(contract: Contract, events: Sequence[Event]) -> dict[Need, set[EventKey]]:
    """The records that the events need."""
    return {need: {key for event in events if (key := need.key(event)) is not None} for need in needs(contract)}


def merge(
    contract: Contract,
    waiting: Sequence[Waiting],
    events: Sequence[Event],
    marks: Mapping[EventKey, Mark],
    present: Mapping[EntityName, Set[EventKey]],
    let_in: Set[Place] = frozenset(),
    standing: Mapping[EventKey, Event] = NO_EVENTS,
) -> Merged:
    """Fold `events` (in offset order) into the keys' state: their row marks and their parked events.

    `waiting` holds every parked event of every key that is named, oldest first; `present` which of the wanted
    records exist. Records that this very fold brings in count as present. `let_in` are parked events that wait for
    nothing any more, whatever they miss. `standing`: the events that made rows, of keys of which an event here has the
    row's version and other bytes.
    """
    merged = Merged()
    newest: dict[EventKey, Version] = {key: mark.version for key, mark in marks.items()}
    holders: dict[EventKey, Event] = dict(standing)  # what has the newest version, where that is known
    behind: list[tuple[Event, bool]] = []  # and whether it waited before
    news: dict[bool, list[Event]] = {True: [], False: []}
    for event, was_parked in [*((each.event, True) for each in waiting), *((event, False) for event in events)]:
        match _verdict(event, marks, newest, holders, merged.losers):
            case _Verdict.NEWS:
                news[was_parked].append(event)
            case _Verdict.BEHIND:
                behind.append((event, was_parked))
            case _Verdict.KNOWN:
                merged.no_news(event, was_parked=was_parked)
                is_older = not was_parked and event.key in marks and event.version < marks[event.key].version
                merged.older_of[event.place.partition] += is_older
    parked, fresh = news[True], news[False]
    free = [event for event in parked if event.place in let_in]
    present = {**present, contract.entity: _with_own(contract, present.get(contract.entity, frozenset()), free)}
    judged = [event for event in parked if event.place not in let_in]
    missing = _missing(contract, judged + fresh, present)
    queues: dict[EventKey, list[tuple[Event, bool]]] = {}  # per key: what waits, and whether it waited before
    before: dict[EventKey, Place] = {key: mark.place for key, mark in marks.items()}

    def go_in(event: Event, *, was_parked: bool) -> None:
        into = merged.released if was_parked else merged.accepted
        into.append(Accepted(event, before.get(event.key)))
        before[event.key] = event.place
        if holders.get(event.key) is event or event.version > _stands(event.key, merged, marks):
            merged.rows[event.key] = event

    def settle(event: Event, *, was_parked: bool) -> None:
        if event.place in missing:
            queues.setdefault(event.key, []).append((event, was_parked))
            return
        for earlier, earlier_was_parked in queues.pop(event.key, ()):
            go_in(earlier, was_parked=earlier_was_parked)
        go_in(event, was_parked=was_parked)

    for event in parked:
        settle(event, was_parked=True)
    for event in fresh:
        settle(event, was_parked=False)
    for queue in queues.values():
        for event, was_parked in queue:
            (merged.still_waiting if was_parked else merged.parked).append(Waiting(event, missing[event.place]))
    for event, was_parked in behind:
        if event.version <= _stands(event.key, merged, marks):
            merged.no_news(event, was_parked=was_parked)
        else:
            before_it, _ = queues[event.key][-1]
            (merged.still_waiting if was_parked else merged.parked).append(Waiting(event, missing[before_it.place]))
    merged.parked.sort(key=lambda each: each.event.place)
    merged.outranked = {
        key: marks[key].place for key, row in merged.rows.items() if key in marks and marks[key].version == row.version
    }
    return merged


_BEFORE_ALL = Version(-1, -1)


class _Verdict(Enum):
    NEWS = auto()
    BEHIND = auto()  # a version as high as its own stands before it, and has not gone in
    KNOWN = auto()


def _verdict(
    event: Event,
    marks: Mapping[EventKey, Mark],
    newest: dict[EventKey, Version],
    holders: dict[EventKey, Event],
    losers: list[Event],
) -> _Verdict:
    """What stands before an event makes of it. One that is newer than all that, or wins against what has its version,
    stands before those after it."""
    stands, holder = newest.get(event.key, _BEFORE_ALL), holders.get(event.key)
    mark = marks.get(event.key)
    lesser = _Verdict.KNOWN if mark is not None and event.version <= mark.version else _Verdict.BEHIND
    if event.version < stands:
        return lesser
    if event.version == stands:
        mine, other = content_of(event.row), None if holder is None else content_of(holder.row)
        if other is None or mine.digest == other.digest:
            return _Verdict.KNOWN
        losers.append(event if holder is None or mine < other else holder)
        if mine < other:
            return lesser
    newest[event.key] = event.version
    holders[event.key] = event
    return _Verdict.NEWS


def _stands(key: EventKey, merged: Merged, marks: Mapping[EventKey, Mark]) -> Version:
    """The version of the key's row by now."""
    if (row := merged.rows.get(key)) is not None:
        return row.version
    mark = marks.get(key)
    return _BEFORE_ALL if mark is None else mark.version


def _with_own(contract: Contract, there: Set[EventKey], events: Sequence[Event]) -> Set[EventKey]:
    """The records of the document's entity, with those that its events bring in."""
    if not events or not contract.may_create:
        return there
    return there | {event.key for event in events if event.row is not None}


def _missing(
    contract: Contract, events: Sequence[Event], present: Mapping[EntityName, Set[EventKey]]
) -> dict[Place, Missing]:
    """What each event misses, for those that miss something. A reference to its own key is never missing."""
    wants = needs(contract)
    own = set(present.get(contract.entity, ()))
    unmet = [event for event in events if event.row is not None] if wants else []
    while True:
        missing: dict[Place, Missing] = {}
        still: list[Event] = []
        grown = False
        for event in unmet:
            gap = _first_gap(contract, wants, event, present, own)
            if gap is None:
                if contract.may_create and event.key not in own:
                    own.add(event.key)
                    grown = True
            else:
                missing[event.place] = gap
                still.append(event)
        if not grown or not still:
            return missing
        unmet = still


def gaps(contract: Contract, event: Event, present: Mapping[EntityName, Set[EventKey]]) -> Missing | None:
    """The first record that an event misses; a reference to its own key is never missing."""
    return _first_gap(contract, needs(contract), event, present, present.get(contract.entity, frozenset()))


def _first_gap(
    contract: Contract,
    wants: Sequence[Need],
    event: Event,
    present: Mapping[EntityName, Set[EventKey]],
    own: Set[EventKey],
) -> Missing | None:
    for need in wants:
        key = need.key(event)
        if key is None:
            continue
        inside = brings_in(contract, need)
        if key in (own if inside else present.get(need.entity, ())) or (inside and key == event.key):
            continue
        return Missing(need.field, need.entity, key)
    return None

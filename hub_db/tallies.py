"""What became of the records of each part of a batch."""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from hub_db.event_frames import Batch, Judged
from hub_db.events import Event, Tally
from hub_db.frame_merge import FoldedFrame
from hub_db.merge import Accepted, Merged

Home = tuple[int, int]  # a partition: the number of the topic's incarnation, its own


@dataclass(frozen=True, slots=True)
class Leaving:
    """Events that leave the parking lot: those that go in, and those that are known by now."""

    released: list[Accepted] = field(default_factory=list)
    outdated: list[Event] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.released or self.outdated)


NONE: Final = Leaving()


def leaving_of(merged: Merged) -> dict[Home, Leaving]:
    """What left the parking lot, by where it had been parked: a key's events may lie in several partitions."""
    found: defaultdict[Home, Leaving] = defaultdict(Leaving)
    for each in merged.released:
        found[each.event.place[:2]].released.append(each)
    for event in merged.outdated:
        found[event.place[:2]].outdated.append(event)
    return dict(found)


def home_of(part: Judged) -> Home:
    """The partition of a part."""
    return part.stretch.topic_no, part.stretch.partition


def tallies_of(
    batch: Batch, merged: Merged, folded: FoldedFrame | None, leaving: Mapping[Home, Leaving]
) -> list[Tally]:
    """How many records of each part ended how."""
    accepted = Counter(each.event.place.partition for each in merged.accepted)
    parked = Counter(each.event.place.partition for each in merged.parked)
    known = Counter(merged.known_of)
    if folded is not None:
        accepted.update(dict(folded.events.marks["partition"].value_counts().iter_rows()))
        known.update(folded.known)
    return [
        Tally(
            accepted=accepted[part.stretch.partition],
            known=known[part.stretch.partition] + part.repeated,
            parked=parked[part.stretch.partition],
            dead=sum(letter.records for letter in part.dead_letters),
            released=len(left.released),
            outdated=len(left.outdated),
        )
        for part in batch.parts
        for left in (leaving.get(home_of(part), NONE),)
    ]


def older_of(batch: Batch, merged: Merged, folded: FoldedFrame | None) -> list[int]:
    """How many events of each part were below their key's row."""
    of_frame = folded.older if folded is not None else {}
    numbers = [part.stretch.partition for part in batch.parts]
    return [merged.older_of[number] + of_frame.get(number, 0) for number in numbers]

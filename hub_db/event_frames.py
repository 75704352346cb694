"""Valid events of one topic as columns: what `Event` is, many at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import polars as pl

from hub_db.events import Arrival, DeadLetter, Event, Place, Stretch, Version
from schemas.names import EventKey, SchemaId

# Columns of an event besides its row, in order.
MARKS: Final = (
    *("partition", "offset", "key", "epoch", "sequence", "schema_id"),
    *("ce_id", "event_time", "load", "value", "warnings"),
)


@dataclass(frozen=True, slots=True)
class EventFrame:
    """Events with a row each in `marks` (the columns of MARKS) and in `rows` (the contract's columns, its order).

    None of them is a delete. They stand in the order of the log, partition by partition, unless a function says
    otherwise.
    """

    marks: pl.DataFrame
    rows: pl.DataFrame

    def __len__(self) -> int:
        return self.marks.height

    def take(self, which: pl.Series) -> "EventFrame":
        """Some events, by their places in the frame and in that order."""
        return EventFrame(self.marks[which], self.rows[which])

    def only(self, chosen: pl.Series) -> "EventFrame":
        """The events for which `chosen` is true. Nearly always all of them or none: then nothing is copied."""
        if chosen.all():
            return self
        return EventFrame(self.marks.filter(chosen), self.rows.filter(chosen))

    def split(self, chosen: pl.Series) -> tuple["EventFrame", "EventFrame"]:
        """The events for which `chosen` is true, and the others."""
        return self.only(chosen), self.only(~chosen)

    def of_partition(self, number: int) -> "EventFrame":
        """The events of one partition; they stand beside each other."""
        partitions = self.marks["partition"]
        first, behind = (partitions.search_sorted(number, side) for side in ("left", "right"))
        return EventFrame(self.marks[first:behind], self.rows[first:behind])

    def events(self, topic_no: int) -> list[Event]:
        """Each as an object of its own."""
        return [
            Event(
                Place(topic_no, mark["partition"], mark["offset"]),
                EventKey(mark["key"]),
                Version(mark["epoch"], mark["sequence"]),
                SchemaId(mark["schema_id"]),
                mark["ce_id"],
                mark["event_time"],
                mark["load"],
                mark["value"],
                row,
                mark["warnings"],
            )
            for mark, row in zip(self.marks.iter_rows(named=True), self.rows.iter_rows(named=True), strict=True)
        ]


def concat(frames: Sequence[EventFrame]) -> EventFrame:
    """The frames' events in the order of the log."""
    if len(frames) == 1:
        return frames[0]
    marks = pl.concat([each.marks for each in frames])
    rows = pl.concat([each.rows for each in frames])
    order = log_order(marks)
    return EventFrame(marks[order], rows[order])


def log_order(marks: pl.DataFrame) -> pl.Series:
    """The places of events, partition by partition and there by offset."""
    partitions = marks["partition"]
    if partitions.min() == partitions.max():  # nearly always; one column is quicker
        return marks["offset"].arg_sort()
    return marks.select(pl.arg_sort_by("partition", "offset")).to_series()


@dataclass(frozen=True, slots=True)
class Judged:
    """A stretch with the verdict on each of its records: an event, an event of the frame, or a dead letter.

    `repeated` counts what is none of these: replays of dead letters that were settled before.
    """

    stretch: Stretch
    events: Sequence[Event]
    dead_letters: Sequence[DeadLetter]
    accepted_on: date
    frame: EventFrame | None = None
    repeated: int = 0
    arrival: Callable[[int], Arrival] | None = None  # how the record at an offset came; asked for what is parked

    def one_by_one(self) -> "Judged":
        """The same without a frame: every event by itself, in the order of the log."""
        if self.frame is None:
            return self
        events = sorted([*self.events, *self.frame.events(self.stretch.topic_no)], key=lambda event: event.place)
        return replace(self, events=events, frame=None)


@dataclass(frozen=True, slots=True)
class Batch:
    """Judged stretches of one topic, each of another partition and in their order, that are settled in one transaction.

    `frame` has the events of all their frames.
    """

    parts: Sequence[Judged]
    frame: EventFrame | None

    @classmethod
    def of(cls, parts: Sequence[Judged]) -> "Batch":
        """Of parts that were judged; not empty."""
        frames = [each.frame for each in parts if each.frame is not None]
        return cls(parts, concat(frames) if frames else None)

    @property
    def topic_no(self) -> int:
        return self.parts[0].stretch.topic_no

    @property
    def accepted_on(self) -> date:
        return self.parts[0].accepted_on

    @property
    def events(self) -> list[Event]:
        """Those that came one by one."""
        return [event for part in self.parts for event in part.events]

    def arrival(self, place: Place) -> Arrival | None:
        """How the record came that an event was made of."""
        asked = next((each.arrival for each in self.parts if each.stretch.partition == place.partition), None)
        return None if asked is None else asked(place.offset)

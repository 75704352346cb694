"""Valid events of one stretch as columns: what `Event` is, many at a time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import polars as pl

from hub_db.events import Arrival, DeadLetter, Event, Place, Stretch, Version
from schemas.names import EventKey, SchemaId

# Columns of an event besides its row, in order.
MARKS: Final = ("offset", "key", "epoch", "sequence", "schema_id", "ce_id", "event_time", "load", "value", "warnings")


@dataclass(frozen=True, slots=True)
class EventFrame:
    """Events with a row each in `marks` (the columns of MARKS) and in `rows` (the contract's columns, its order).

    None of them is a delete. They stand in the order of the log unless a function says otherwise.
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

    def events(self, stretch: Stretch) -> list[Event]:
        """Each as an object of its own."""
        return [
            Event(
                Place(stretch.topic_no, stretch.partition, mark["offset"]),
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
    order = marks["offset"].arg_sort()
    return EventFrame(marks[order], rows[order])


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
        events = sorted([*self.events, *self.frame.events(self.stretch)], key=lambda event: event.place)
        return replace(self, events=events, frame=None)

"""Records of one partition that a settler has in hand."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from consumers import records
from consumers.backlog import Work
from consumers.partition import Partition
from consumers.records import Records
from consumers.unpacking import Opened


@dataclass(frozen=True, slots=True)
class Taken:
    """Records of one partition in offset order, all at or after `position`."""

    partition: Partition
    position: int
    records: Records
    fetched_at: datetime  # when the first of them came in

    @classmethod
    def of(cls, work: Work, opened: Sequence[Opened]) -> "Taken":
        """What was taken from the backlog, read."""
        return cls(work.partition, work.position, records.read(opened, work.position), work.fetched_at)

    def first(self, most: int) -> "Taken":
        """No more than so many records of it."""
        return replace(self, records=self.records.first(most))

    def until(self, offset: int) -> "Taken":
        """What of it begins before an offset."""
        return replace(self, records=self.records.until(offset))

    def behind(self, position: int) -> "Taken | None":
        """What is left of it behind a position."""
        if position > self.records.last_offset:
            return None
        return replace(self, position=position, records=self.records.behind(position))

    def span(self) -> dict[str, object]:
        """Where it stands, for the log."""
        return {
            "topic": self.partition.topic,
            "partition": self.partition.number,
            "first_offset": self.records.first_offset,
            "last_offset": self.records.last_offset,
            "records": self.records.total,
        }

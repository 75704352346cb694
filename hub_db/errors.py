"""Errors of the room.

HubDbError
├── Unreachable   PostgreSQL is away or cannot take the work now: wait, retry the whole transaction
├── Contended     a deadlock or a serialization failure: retry the whole transaction at once
├── EventFault    the server refused a value: some event of the batch is to blame
├── Fenced        another worker owns this partition now: roll back, drop the assignment
├── LogTruncated  the log ends before the place where the hub stands: stop the partition, call a person
├── Paused        the partition rests until a person decides: take nothing of it
├── Tripped       a flood: settle what stands before it, then let the partition rest
├── NoSuchMove    a source may not go from its state to that one
├── CopyGone      what a rebuild has made is no longer there, or of a document that is another one by now
└── Halted        the schema or the rights are not what this release expects: stop, call a person
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub_db.breaker import Trip


class HubDbError(Exception):
    """Base of everything this room raises."""


class Unreachable(HubDbError):
    """The world's fault: consume nothing, wait, try again."""


class Contended(HubDbError):
    """Another transaction was in the way: the same work will succeed when it is tried again."""


class EventFault(HubDbError):
    """A value of some event was refused by a type or a constraint. Carries the SQLSTATE, never the value."""

    def __init__(self, sqlstate: str, constraint: str | None) -> None:
        super().__init__(f"SQLSTATE {sqlstate}" + (f", constraint {constraint}" if constraint else ""))
        self.sqlstate, self.constraint = sqlstate, constraint


class Fenced(HubDbError):
    """The stored position is not the one this worker started from."""


class LogTruncated(HubDbError):
    """The stored position lies beyond the end of the log: the broker has lost records that the hub has."""

    def __init__(self, topic: str, partition: int, next_offset: int, log_end: int) -> None:
        super().__init__(
            f"{topic}[{partition}]: the hub stands at {next_offset}, the log ends at {log_end}; nothing is read of it"
        )
        self.partition, self.next_offset, self.log_end = partition, next_offset, log_end


class Paused(HubDbError):
    """Nothing of this partition is settled, from `next_offset` on, before somebody has ended its pause."""

    def __init__(self, topic: str, partition: int, next_offset: int) -> None:
        super().__init__(f"{topic}[{partition}] rests at {next_offset}")
        self.next_offset = next_offset


class Tripped(HubDbError):
    """The batch holds a flood. `trip` says which, and up to where the batch may be settled."""

    def __init__(self, trip: "Trip") -> None:
        super().__init__(f"{trip.kind}: {trip.counted} of {trip.of}")
        self.trip = trip


class NoSuchMove(HubDbError):
    """The text is Indonesian: it says where the source stands and where it may go."""


class CopyGone(HubDbError):
    """The text is Indonesian: it says what became of the copy. A new run makes a new one."""


class Halted(HubDbError):
    """Going on would be guessing."""

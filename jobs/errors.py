"""Errors of the room.

JobsError
├── UnknownKind   no release that was prepared here knows this kind of job
├── NoSuchJob     there is no job of this number
├── NotPossible   the job's state does not allow what was asked
├── TurnLost      another turn works on the job now: roll back, leave it alone
└── LeadLost      another process schedules now: roll back, stand in line
"""


class JobsError(Exception):
    """Base of everything this room raises. Its text is for a person, in Indonesian."""


class UnknownKind(JobsError):
    """A name that stands in no release's table of kinds."""


class NoSuchJob(JobsError):
    """A number that was never given, or whose job was pruned."""


class NotPossible(JobsError):
    """What was asked does not fit the state of the job."""


class TurnLost(JobsError):
    """The job was paused or cancelled, or is another turn's now."""


class LeadLost(JobsError):
    """The term of this leader is over."""

"""Errors of the room.

JobsError
├── UnknownKind   no release that was prepared here knows this kind of job
├── NoSuchJob     there is no job of this number
├── NoSuchNotice  there is no notice of this number
├── NoSuchConflict  there is no conflict of this number
├── NotPossible   the state of the job or the notice does not allow what was asked
├── TurnLost      another turn works on the job now: roll back, leave it alone
└── LeadLost      another process schedules now: roll back, stand in line
"""


class JobsError(Exception):
    """Base of everything this room raises. Its text is for a person, in Indonesian."""


class UnknownKind(JobsError):
    """A name that stands in no release's table of kinds."""


class NoSuchJob(JobsError):
    """A number that was never given, or whose job was pruned."""


class NoSuchNotice(JobsError):
    """A number that was never given."""


class NoSuchConflict(JobsError):
    """A number that was never given."""


class NotPossible(JobsError):
    """What was asked does not fit the state of the job or of the notice."""


class TurnLost(JobsError):
    """The job was paused or cancelled, or is another turn's now."""


class LeadLost(JobsError):
    """The term of this leader is over."""

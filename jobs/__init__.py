"""Everything long or scheduled, on one queue in PostgreSQL, and the notifier."""

from jobs.errors import JobsError, NoSuchJob, NotPossible, UnknownKind
from jobs.job import Job, JobId, State
from jobs.kinds import Kind, Step, register
from jobs.loops import Loop, Session
from jobs.queue import cancel, enqueue, find, list_jobs, pause, resume
from jobs.schedule import Daily, Every, Scheduled, Weekly
from jobs.settings import JobsSettings

__all__ = [
    "Daily",
    "Every",
    "Job",
    "JobId",
    "JobsError",
    "JobsSettings",
    "Kind",
    "Loop",
    "NoSuchJob",
    "NotPossible",
    "Scheduled",
    "Session",
    "State",
    "Step",
    "UnknownKind",
    "Weekly",
    "cancel",
    "enqueue",
    "find",
    "list_jobs",
    "pause",
    "register",
    "resume",
]

"""What each worker does for the queue as a whole: lost turns, and the schedule when it leads."""

import logging
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from jobs import turns
from jobs.errors import LeadLost
from jobs.loops import Loop, Session
from jobs.schedule import Leadership, Scheduled
from jobs.settings import JobsSettings

log = logging.getLogger("simpul.jobs")


class Housekeeping:
    """Two loops with a connection each."""

    def __init__(self, settings: JobsSettings, schedules: Sequence[Scheduled]) -> None:
        self.lease_s = settings.lease_s
        self.of_turns = Session(settings.dsn, "simpul-jobs-keeper")
        self.of_schedule = Session(settings.dsn, "simpul-jobs-schedule", idle_s=settings.lease_s)
        zone = ZoneInfo(settings.time_zone)
        self.leadership = Leadership(schedules, holder=settings.worker, lease_s=settings.lease_s, zone=zone)
        self.loops = (
            Loop("turns", settings.look_every_s, self.keep, self.of_turns.close),
            Loop("schedule", settings.look_every_s, self.schedule, self.resign),
        )

    def keep(self) -> None:
        dead, given = turns.keep(self.of_turns(), self.lease_s)
        if dead:
            log.warning("turns were lost", extra={"action": "keep", "dead": dead, "given": given})

    def schedule(self) -> None:
        led = self.leadership.term
        try:
            enqueued = self.leadership.pass_by(self.of_schedule())
        except LeadLost:
            log.warning("another process schedules now", extra={"action": "schedule", "term": led})
            return
        if enqueued or self.leadership.term != led:
            log.info("scheduled", extra={"action": "schedule", "term": self.leadership.term, "enqueued": enqueued})

    def resign(self) -> None:
        try:
            self.leadership.resign(self.of_schedule())
        finally:
            self.of_schedule.close()

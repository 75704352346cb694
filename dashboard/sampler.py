"""One thread that samples the exchange for every reader: pages and streams never ask the database for figures."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from dashboard import reading
from dashboard.course import Course
from dashboard.database import Pool, snapshot
from dashboard.errors import SourceAway
from dashboard.exchange import LogEnds, Reading
from dashboard.log_ends import LogEndsWatch
from dashboard.row_counts import RowCounts
from dashboard.settings import Settings
from dashboard.standing import Whole, judge

log = logging.getLogger(__name__)

LETTERS = 10  # newest dead letters on the first page
PAGE_WAIT_S = 3.0  # how long a page waits for a fresh sample
STOP_S = 10.0


@dataclass(frozen=True, slots=True)
class Sample:
    """What is known at `at`. `whole` is the last good picture, however old; None before the first."""

    number: int
    at: datetime
    whole: Whole | None
    away_since: datetime | None  # PostgreSQL does not answer since then; None: it answers


class Sampler:
    """Samples at `sample_s` while somebody looks, else at `idle_sample_s`, and hands each sample on."""

    def __init__(
        self,
        settings: Settings,
        pool: Pool,
        log_ends: LogEndsWatch,
        *,
        hand_on: Callable[[Sample], None],
        watched: Callable[[], bool],
    ) -> None:
        self._settings, self._pool, self._log_ends = settings, pool, log_ends
        self._hand_on, self._watched = hand_on, watched
        self._course = Course()
        self._counts = RowCounts(every_s=settings.count_s)
        self._started_at = datetime.now(UTC)
        self._kafka_was_away = False
        self._changed = threading.Condition()
        self._latest = Sample(0, self._started_at, None, None)
        self._latest_at = float("-inf")  # time.monotonic() of it
        self._wanted = self._stopped = False
        self._thread = threading.Thread(target=self._run, name="sampler", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        self._thread.join(STOP_S)

    @property
    def alive(self) -> bool:
        """False after a fault of ours, which is in the log: nothing on the page moves any more."""
        return self._thread.is_alive()

    def wake(self) -> None:
        """Take the next sample now: somebody has begun to look."""
        with self._changed:
            self._wanted = True
            self._changed.notify_all()

    def current(self) -> Sample:
        """A sample that is not older than `sample_s`; an older one if none comes within PAGE_WAIT_S."""
        if not self.alive:
            raise RuntimeError("the sampler has ended; its reason is in the log")
        with self._changed:
            seen = self._latest.number
            if time.monotonic() - self._latest_at > self._settings.sample_s:
                self._wanted = True
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._latest.number > seen or self._stopped, PAGE_WAIT_S)
            return self._latest

    def _run(self) -> None:
        try:
            self._sample_on()
        except Exception:
            log.critical("the sampler ends by a fault of its own", exc_info=True)
            raise

    def _sample_on(self) -> None:
        while self._wait_for_turn():
            whole = self._latest.whole
            away_since: datetime | None = None
            try:
                whole = self._look()
                if self._latest.away_since:
                    log.info("PostgreSQL answers again")
            except SourceAway as error:
                away_since = self._latest.away_since or datetime.now(UTC)
                if self._latest.away_since is None:
                    log.warning("PostgreSQL does not answer; asking on", extra={"reason": str(error)})
            sample = Sample(self._latest.number + 1, datetime.now(UTC), whole, away_since)
            self._hand_on(sample)
            with self._changed:
                self._latest, self._latest_at = sample, time.monotonic()
                self._changed.notify_all()

    def _wait_for_turn(self) -> bool:
        """Until the next sample is due; False when it is time to stop."""
        pause = self._settings.sample_s if self._watched() else self._settings.idle_sample_s
        with self._changed:
            left = self._latest_at + pause - time.monotonic()
            if left > 0:
                self._changed.wait_for(lambda: self._stopped or self._wanted, left)
            self._wanted = False
            return not self._stopped

    def _look(self) -> Whole:
        ends = self._fresh_ends()
        taken = self._read()
        self._log_ends.follow(document.topic for document in taken.documents)
        self._course.observe(taken, ends)
        waited_s = (taken.taken_at - self._started_at).total_seconds()
        return judge(taken, self._course, kafka_away=ends is None and waited_s > self._settings.stale_s)

    def _read(self) -> Reading:
        with snapshot(self._pool) as conn:
            documents = reading.documents(conn)
            positions = reading.positions(conn)
            entities = tuple(dict.fromkeys(document.entity for document in documents))
            return Reading(
                taken_at=datetime.now(UTC),
                documents=documents,
                positions=positions,
                rows=self._counts.of(conn, entities, [position.tally for position in positions]),
                unpublished=reading.unpublished(conn),
                letters=reading.newest_dead_letters(conn, limit=LETTERS),
                round=reading.newest_round(conn),
            )

    def _fresh_ends(self) -> LogEnds | None:
        """The broker's last answer, unless it has grown stale."""
        ends = self._log_ends.latest()
        oldest = datetime.now(UTC) - timedelta(seconds=self._settings.stale_s)
        away = ends is None or ends.seen_at < oldest
        if away and not self._kafka_was_away and self._started_at < oldest:
            log.warning("Kafka does not tell its log ends; asking on")
        if self._kafka_was_away and not away:
            log.info("Kafka tells its log ends again")
        self._kafka_was_away = away and self._started_at < oldest
        return None if away else ends

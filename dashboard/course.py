"""What the totals did during the last minutes: rates, lag, and how long somebody has been waiting."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from dashboard.exchange import LogEnds, Position, Reading, Tally
from schemas.names import TopicName

SHORT_S = 10.0  # a rate over this is "now"
LONG_S = 60.0  # a rate over this counts single events
MEMORY_S = 180.0  # what the small curves show
CURVE_S = 3  # between two points of a small curve


@dataclass(frozen=True, slots=True)
class Lag:
    """Events in the log that the hub has not settled, and for how long the oldest has waited at most."""

    events: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Rate:
    """Events that were settled, now and during the last minute."""

    per_second: float
    per_minute: float


@dataclass(frozen=True, slots=True)
class _Sample:
    at: datetime
    tallies: Mapping[TopicName, Tally]
    lag: int | None  # of all topics


class Course:
    """Remembers a few minutes of samples. Belongs to one thread."""

    def __init__(self) -> None:
        self._samples: deque[_Sample] = deque()
        self._caught_up_at: dict[tuple[TopicName, int], datetime] = {}
        self._lags: dict[TopicName, Lag] = {}
        self._ends_known = False

    def observe(self, reading: Reading, ends: LogEnds | None) -> None:
        """Take in one sample; `ends` is None while the broker is away."""
        tallies = {document.topic: reading.tally(document.topic) for document in reading.documents}
        self._ends_known = ends is not None
        self._lags = {} if ends is None else self._measure(reading, ends)
        lag = sum(lag.events for lag in self._lags.values()) if self._ends_known else None
        self._samples.append(_Sample(reading.taken_at, tallies, lag))
        oldest = reading.taken_at - timedelta(seconds=MEMORY_S)
        while len(self._samples) > 1 and self._samples[0].at < oldest:
            self._samples.popleft()

    def lag(self, topic: TopicName) -> Lag | None:
        """None while the broker is away: unknown is not zero."""
        return self._lags.get(topic, Lag(0, 0.0)) if self._ends_known else None

    def rate(self, topic: TopicName) -> Rate | None:
        """None until two samples are far enough apart."""
        short, long = self._rise(topic, SHORT_S), self._rise(topic, LONG_S)
        return None if short is None or long is None else Rate(short, long * 60)

    def speeds(self) -> list[float]:
        """Events per second of all documents between samples, oldest first; for a small curve."""
        totals = [(sample.at, sum(t.records for t in sample.tallies.values())) for sample in self._thinned()]
        return [
            max(0, here - before) / (at - then).total_seconds()
            for (then, before), (at, here) in pairwise(totals)
            if at > then
        ]

    def lags(self) -> list[int]:
        """Unsettled events of all documents at each sample, oldest first; for a small curve."""
        return [sample.lag for sample in self._thinned() if sample.lag is not None]

    def _thinned(self) -> list[_Sample]:
        """The first sample of each stretch of CURVE_S seconds, so that a point once drawn stays where it is."""
        firsts: dict[int, _Sample] = {}
        for sample in self._samples:
            firsts.setdefault(int(sample.at.timestamp() // CURVE_S), sample)
        return list(firsts.values())

    def _rise(self, topic: TopicName, over_s: float) -> float | None:
        """Records per second over the last `over_s` seconds, or over what there is, at least half of SHORT_S."""
        last = self._samples[-1] if self._samples else None
        if last is None:
            return None
        since = last.at - timedelta(seconds=over_s)
        first = next((sample for sample in self._samples if sample.at >= since and topic in sample.tallies), None)
        if first is None or (last.at - first.at).total_seconds() < SHORT_S / 2 or topic not in last.tallies:
            return None
        grown = last.tallies[topic].records - first.tallies[topic].records
        return max(0, grown) / (last.at - first.at).total_seconds()

    def _measure(self, reading: Reading, ends: LogEnds) -> dict[TopicName, Lag]:
        stands = {(p.topic, p.partition): p for p in reading.positions if p.current}
        lags: dict[TopicName, Lag] = {}
        for (topic, partition), (first, end) in ends.ends.items():
            stand = stands.get((topic, partition))
            events = max(0, end - max(first, stand.next_offset if stand else 0))
            seconds = self._waited((topic, partition), events, stand, reading.taken_at, ends.seen_at)
            before = lags.get(topic, Lag(0, 0.0))
            lags[topic] = Lag(before.events + events, max(before.seconds, seconds))
        return lags

    def _waited(
        self, place: tuple[TopicName, int], events: int, stand: Position | None, now: datetime, seen_at: datetime
    ) -> float:
        """Seconds that the oldest unsettled event has waited at most.

        It came after the last settled one, and after the moment at which nothing was waiting.
        """
        if not events:
            self._caught_up_at[place] = seen_at
            return 0.0
        bounds = [self._caught_up_at.get(place), stand.appended_at if stand else None]
        known = [bound for bound in bounds if bound is not None]
        if not known:
            self._caught_up_at[place] = known_since = seen_at
            known = [known_since]
        return max(0.0, (now - max(known)).total_seconds())

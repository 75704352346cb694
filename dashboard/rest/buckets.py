"""How often one program may ask: a bucket of permissions that fills again with time (RELIABILITY §5)."""

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic
from typing import Final

MOST: Final = 10_000  # callers that are remembered; the longest quiet goes first, and its bucket would be full again


class Buckets:
    """One bucket per caller, in this process. Not for several threads."""

    def __init__(self, *, a_second: float, burst: int, clock: Callable[[], float] = monotonic) -> None:
        self._rate, self._burst, self._clock = a_second, float(burst), clock
        self._buckets: OrderedDict[int, tuple[float, float]] = OrderedDict()  # left in it, and when

    def wait(self, caller: int) -> float:
        """Take one; 0.0 when it was there, else the seconds until there is one."""
        now = self._clock()
        left, then = self._buckets.pop(caller, (self._burst, now))
        left = min(self._burst, left + (now - then) * self._rate)
        taken = left >= 1.0
        self._buckets[caller] = (left - 1.0 if taken else left, now)
        if len(self._buckets) > MOST:
            self._buckets.popitem(last=False)
        return 0.0 if taken else (1.0 - left) / self._rate

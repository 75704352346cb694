"""A publisher that waits: later each time, not for ever longer, and at once again after it has led for a while."""

import logging
from collections.abc import Iterator
from itertools import repeat
from threading import Event

import pytest

from consumers import patience
from hub_db.errors import Unreachable

log = logging.getLogger("simpul.test")


class Hurried(Event):
    """Nobody waits; it is told how long it would have been, and is set after so many times."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self.times, self.waits = times, list[float]()

    def wait(self, timeout: float | None = None) -> bool:
        self.waits.append(timeout or 0)
        if len(self.waits) == self.times:
            self.set()
        return self.is_set()


def waited(monkeypatch: pytest.MonkeyPatch, led_s: Iterator[float], times: int) -> list[float]:
    """How long it waits each time, where it led for so long before each trouble."""
    now, stopping = [0.0], Hurried(times)

    def lead() -> None:
        now[0] += next(led_s)
        raise Unreachable("away")

    monkeypatch.setattr(patience, "monotonic", lambda: now[0])
    patience.lead_on(lead, lambda: None, stopping, log)
    return stopping.waits


def test_an_outage_of_hours_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    waits = waited(monkeypatch, repeat(0.1), times=2_000)

    assert waits[:5] == [1, 2, 4, 8, 10]
    assert waits[-1] == 10


def test_who_led_for_a_while_begins_with_a_short_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    assert waited(monkeypatch, iter([1, 1, 1, 3_600, 1]), times=5) == [1, 2, 4, 1, 2]

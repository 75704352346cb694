"""How a publisher lives with the world's faults: it gives up its session and begins anew, later each time."""

from collections.abc import Callable
from logging import Logger
from threading import Event as Flag
from time import monotonic

from confluent_kafka import KafkaException

from base.pauses import pause_s
from hub_db.errors import Contended, Unreachable

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 10.0
SETTLED_AFTER_S = 60.0  # led for so long: the next trouble is a first one again


def lead_on(lead: Callable[[], None], forget: Callable[[], None], stopping: Flag, log: Logger) -> None:
    """Lead until `stopping` is set; after each fault of Kafka or PostgreSQL forget what is open, wait, lead again."""
    failures = 0
    while not stopping.is_set():
        began = monotonic()
        try:
            lead()
        except (Unreachable, Contended, KafkaException) as error:
            failures = 1 if monotonic() - began > SETTLED_AFTER_S else failures + 1
            pause = pause_s(failures, first_s=FIRST_WAIT_S, longest_s=LONGEST_WAIT_S)
            log.warning("waiting", extra={"action": "wait", "why": str(error), "pause_s": pause})
            forget()
            stopping.wait(pause)
    forget()

"""How a publisher lives with the world's faults: it gives up its session and begins anew, later each time."""

from collections.abc import Callable
from logging import Logger
from threading import Event as Flag

from confluent_kafka import KafkaException

from hub_db.errors import Contended, Unreachable

FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 10.0


def lead_on(lead: Callable[[], None], forget: Callable[[], None], stopping: Flag, log: Logger) -> None:
    """Lead until `stopping` is set; after each fault of Kafka or PostgreSQL forget what is open, wait, lead again."""
    failures = 0
    while not stopping.is_set():
        try:
            lead()
            failures = 0
        except (Unreachable, Contended, KafkaException) as error:
            failures += 1
            pause = min(FIRST_WAIT_S * 2**failures, LONGEST_WAIT_S)
            log.warning("waiting", extra={"action": "wait", "why": str(error), "pause_s": pause})
            forget()
            stopping.wait(pause)
    forget()

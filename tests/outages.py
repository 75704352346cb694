"""What a test does to the services of its run: kill, stop, freeze, start again."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cli.stack import kafka, postgres
from cli.stack.local import Stack
from cli.stack.processes import Child
from tests.hub import Hub

ANSWER_WITHIN_S = 60


def start_again(stack: Stack, name: str) -> None:
    """Start Kafka or PostgreSQL where it was; returns when it answers."""
    again = stack.add(stack.services, Child(stack.services[name].program))
    if name == "postgres":
        found = postgres.wait(stack.layout, stack.ports["postgres"], again, threading.Event(), ANSWER_WITHIN_S)
        stack.add(stack.services, found)
    else:
        kafka.wait(stack.kafka(), again, threading.Event(), ANSWER_WITHIN_S)


def kill(stack: Stack, name: str) -> None:
    """Kill -9."""
    stack.services[name].kill()


def stop(stack: Stack, name: str) -> None:
    """As an operator does, in order."""
    child = stack.services[name]
    child.ask_to_stop()
    child.popen.wait(timeout=ANSWER_WITHIN_S)


@contextmanager
def kept_running(hub: Hub, **told: Any) -> Iterator[list[Any]]:
    """A worker and a publisher, started again whenever they are gone, as the supervisor does; every worker so far."""
    workers: list[Any] = []
    over = threading.Event()

    def keep(start: Callable[[], Any], note: Callable[[Any], None]) -> None:
        while not over.is_set():
            with start() as process:
                note(process)
                while process.poll() is None and not over.wait(0.1):
                    pass

    threads = [
        threading.Thread(target=keep, args=(lambda: hub.worker(**told), workers.append)),
        threading.Thread(target=keep, args=(hub.publisher, lambda _: None)),
    ]
    for thread in threads:
        thread.start()
    try:
        yield workers
    finally:
        over.set()
        for thread in threads:
            thread.join()

"""An object in a process of its own: what it answers and raises comes here, and it never outlives us."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from cli import settings
from cli.demo.apart import Apart, Ended
from producers.errors import DeliveryFailed
from tests.eventually import eventually


class Office:
    """Counts, and may fail."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, more: int) -> tuple[int, int]:
        self.count += more
        return self.count, os.getpid()

    def refuse(self) -> None:
        raise ValueError("not today")

    def fail_to_deliver(self) -> None:
        raise DeliveryFailed("3 kejadian belum dikonfirmasi", 3)


@pytest.fixture
def office() -> Iterator[Apart]:
    made = Apart(Office)
    yield made
    made.close()


def test_methods_are_done_in_order_in_another_process(office: Apart) -> None:
    office.ask("add", 2)
    office.ask("add", 3)

    (first, pid), (second, same) = office.answer(), office.answer()

    assert (first, second) == (2, 5)
    assert pid == same != os.getpid()


def test_what_it_raises_is_raised_here_and_it_goes_on(office: Apart) -> None:
    office.ask("refuse")
    with pytest.raises(ValueError, match="not today"):
        office.answer()

    office.ask("fail_to_deliver")
    with pytest.raises(Exception, match="belum dikonfirmasi"):
        office.answer()

    office.ask("add", 1)
    assert office.answer()[0] == 1


def test_a_killed_one_is_told(office: Apart) -> None:
    os.kill(office.process.pid or 0, signal.SIGKILL)

    with pytest.raises(Ended):
        office.answer()


def test_it_ends_with_whoever_made_it_however_that_ends() -> None:
    code = (
        "from cli.demo.apart import Apart; from tests.cli.test_apart import Office; import time;"
        " print(Apart(Office).process.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=settings.ROOT) as maker:
        assert maker.stdout is not None
        child = int(maker.stdout.readline())
        maker.kill()

    eventually(lambda: psutil.pid_exists(child), until=lambda there: not there, within_s=20)

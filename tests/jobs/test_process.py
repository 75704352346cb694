"""The process as a whole: when it waits, when it gives up, and its loops."""

import signal
import socket
from threading import Event

import pytest

from hub_db.errors import Halted, Unreachable
from jobs.job import State
from jobs.loops import LONGEST_PAUSE_S, Loop, Runner, Session
from jobs.worker import GIVEN_UP
from tests.eventually import eventually
from tests.jobs.workshop import Workshop


def test_a_worker_without_its_rights_gives_up(workshop: Workshop) -> None:
    dsn = workshop.database.dsn("simpul_web").get_secret_value()

    with workshop.worker(dsn=dsn) as process:
        assert process.wait(timeout=30) == GIVEN_UP

    assert "SQLSTATE 42501" in workshop.log.read_text(encoding="utf-8")


def test_a_worker_waits_for_a_database_that_is_not_there_and_ends_when_asked(workshop: Workshop) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        port = nobody.getsockname()[1]

    with workshop.worker(dsn=f"postgresql://x:secret-of-x@127.0.0.1:{port}/x") as process:
        eventually(lambda: workshop.log.read_text(encoding="utf-8"), until=lambda said: said.count("begins anew") >= 2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0

    assert "secret-of-x" not in workshop.log.read_text(encoding="utf-8")


def test_a_second_signal_is_no_harm(workshop: Workshop) -> None:
    job = workshop.enqueue(items=100, rest_s=0.3)

    with workshop.worker() as process:
        workshop.has_done(job, 1)
        for _ in range(2):
            process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=10) == 0

    assert workshop.find(job).state is State.QUEUED


class Troubled:
    """Fails twice, then is well."""

    def __init__(self) -> None:
        self.calls = 0
        self.closed = Event()

    def run(self) -> None:
        self.calls += 1
        if self.calls <= 2:
            raise Unreachable("away")


def test_a_loop_that_fails_is_called_again_and_closed_in_the_end() -> None:
    troubled, stopping, given_up = Troubled(), Event(), list[Halted]()
    runner = Runner(Loop("troubled", 0.01, troubled.run, troubled.closed.set), stopping, given_up.append)

    runner.start()
    eventually(lambda: troubled.calls, until=lambda calls: calls >= 5)
    stopping.set()
    runner.join(5)

    assert not runner.is_alive()
    assert troubled.closed.is_set()
    assert given_up == []
    assert runner.failures == 0


def test_a_loop_goes_on_however_long_it_failed() -> None:
    runner = Runner(Loop("troubled", 0.01, Troubled().run), Event(), list[Halted]().append)
    runner.failures = 3_000  # a database that was away for a day

    assert runner.once() == LONGEST_PAUSE_S


def test_a_loop_that_finds_what_a_person_must_see_to_ends_the_process() -> None:
    wrong, stopping = Halted("no such table"), Event()
    given_up: list[Halted] = []

    def give_up(error: Halted) -> None:
        given_up.append(error)
        stopping.set()

    def run() -> None:
        raise wrong

    Runner(Loop("wrong", 0.01, run), stopping, give_up).run()

    assert given_up == [wrong]


def test_a_session_is_made_again_after_it_was_lost(workshop: Workshop) -> None:
    session = Session(workshop.database.dsn("simpul_jobs"), "test", idle_s=7)
    first = session()
    same = session()
    first.close()

    again = session()

    assert (same is first, again is first) == (True, False)
    assert again.execute("show idle_in_transaction_session_timeout").fetchone() == ("7s",)
    session.close()
    with pytest.raises(Exception, match="closed"):
        again.execute("select 1")

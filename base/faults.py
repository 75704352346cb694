"""Named fault points: places in the code where a test kills, stops, fails or delays the process, exactly there.

A point is free until a fault is armed. `cli/settings.py` alone reads the setting and calls `arm`.
"""

import itertools
import os
import re
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

# Every point that the code passes, in the order of an event's road. A name that is not here cannot be armed.
POINTS = frozenset(
    {
        "group.assigned",  # intake: the worker knows where to read its partitions from, nothing is read
        "group.leave",  # intake: nothing is in hand of partitions that go to somebody else
        "batch.begin",  # intake: a batch of records is in hand, nothing is decoded
        "batch.decode",  # intake: that a worker may die in it is noted where need be, decoding is next
        "copy.row",  # intake: before each row (or block) of a COPY
        "tx.precommit",  # intake: all statements of the batch ran, COMMIT is next
        "tx.committed",  # intake: the database has the batch, Kafka does not know
        "release.precommit",  # intake: parked events are settled, COMMIT is next
        "round.opened",  # publication: the round has its snapshot, nothing is sent
        "outbox.produced",  # publication: Kafka has the round, the database does not know
        "facts.produced",  # publication: Kafka has some facts, the database does not know
        "status.produced",  # events of cases: Kafka has some, the database does not know
        "stages.decided",  # stages: evidence and place are written, COMMIT is next
        "stages.committed",  # stages: the database has the evidence, Kafka does not know
        "boards.decided",  # boards: an event is drawn and the place moved on, COMMIT is next
        "boards.committed",  # boards: the database has the event, Kafka does not know
        "job.claimed",  # jobs: a turn has its job, no step is done
        "job.precommit",  # jobs: a step and its progress are written, COMMIT is next
        "job.committed",  # jobs: the step is done, the next one has not begun
        "conflicts.precommit",  # jobs: some conflicts are found, COMMIT is next; the job's own follows
        "duplicates.precommit",  # jobs: some records are entered or compared, COMMIT is next; the job's own follows
        "recount.precommit",  # jobs: some records are reckoned anew, COMMIT is next; the job's own follows
        "ruling.precommit",  # jobs: a record follows a decision, COMMIT is next; the job's own follows
        "load.precommit",  # jobs: some rows of a load are reckoned anew, COMMIT is next; the job's own follows
        "rebuild.step",  # jobs: a piece of a rebuild is in the copy, COMMIT is next; the job's own follows
        "rebuild.precommit",  # jobs: the rows that differ are written, COMMIT is next; the job's own follows
        "replay.sent",  # jobs: Kafka has some returned events again, the database does not know
        "schedule.begin",  # jobs: the leader knows what is due, nothing is written
        "schedule.precommit",  # jobs: the leader's jobs are written, COMMIT is next
    }
)
SLEEP_S = 5.0  # how long the action `sleep` lasts
_SPEC = re.compile(r"(?P<point>[a-z.]+):(?P<nth>[1-9][0-9]{0,8}):(?P<action>[a-z]+)")


class Action(StrEnum):
    """What happens at the point."""

    KILL = "kill"  # SIGKILL: nothing more of this process runs
    STOP = "stop"  # SIGSTOP: the process freezes until somebody sends SIGCONT
    RAISE = "raise"  # FaultInjected
    SLEEP = "sleep"  # SLEEP_S seconds


class FaultInjected(Exception):
    """The error that the action `raise` raises."""


class FaultSpecError(ValueError):
    """A fault specification that names no point, no number or no action."""


@dataclass(frozen=True, slots=True)
class _Fault:
    nth: int
    action: Action
    visits: Iterator[int]  # itertools.count: `next` is atomic, so threads share it without a lock


_armed: dict[str, _Fault] = {}


def arm(spec: str) -> None:
    """Arm the faults of `spec` in this process, in place of those armed before.

    `spec` is `<point>:<nth>:<kill|stop|raise|sleep>[,…]`: at the nth visit (from 1) of the point the action
    happens, once. An empty text disarms. Raises FaultSpecError, and then changes nothing.
    """
    faults = dict(_parse(part.strip()) for part in spec.split(",") if part.strip())
    _armed.clear()
    _armed.update(faults)


def point(name: str) -> None:
    """Pass the point `name`. Costs a function call when nothing is armed (hot loops call it)."""
    if _armed:
        _visit(name)


def _parse(part: str) -> tuple[str, _Fault]:
    match = _SPEC.fullmatch(part)
    if match is None:
        raise FaultSpecError(f"fault {part!r} is not <point>:<nth>:<action>")
    if match["point"] not in POINTS:
        raise FaultSpecError(f"unknown fault point {match['point']!r}; known: {', '.join(sorted(POINTS))}")
    if match["action"] not in set(Action):
        raise FaultSpecError(f"unknown action {match['action']!r}; known: {', '.join(Action)}")
    return match["point"], _Fault(int(match["nth"]), Action(match["action"]), itertools.count(1))


def _visit(name: str) -> None:
    if name not in POINTS:
        raise FaultSpecError(f"fault point {name!r} is not declared in POINTS")
    fault = _armed.get(name)
    if fault is None or next(fault.visits) != fault.nth:
        return
    match fault.action:
        case Action.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
            threading.Event().wait()  # the signal is on its way: no line after the point may run
        case Action.STOP:
            os.kill(os.getpid(), signal.SIGSTOP)
        case Action.RAISE:
            raise FaultInjected(name)
        case Action.SLEEP:
            time.sleep(SLEEP_S)

"""The processes of a stack: started in groups of their own, recorded by pid and start time, stopped without orphans."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import psutil

from cli.stack.layout import write_private

LOG_LIMIT = 16 << 20  # bytes; a longer log of the last start is put aside as `.1`
POLL_S = 0.02


@dataclass(frozen=True, slots=True)
class Record:
    """What is remembered of a process, so that a later start can find it and no other."""

    name: str
    pid: int  # also its process group
    started: float  # seconds since the epoch, as the system tells


@dataclass(frozen=True, slots=True)
class Program:
    """How to start one process. `stop_signal` is what makes it end orderly."""

    name: str
    command: Sequence[str]
    log: Path
    folder: Path
    stop_signal: signal.Signals = signal.SIGTERM
    user: str | None = None  # run as this system user; None = as we are
    environment: Mapping[str, str] | None = None  # None = ours


class Child:
    """A running process of ours and its group."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.began = time.monotonic()
        with opened_log(program.log) as log:
            self.popen = subprocess.Popen(
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=program.folder,
                env=program.environment,
                start_new_session=True,  # a Ctrl-C at the terminal reaches us alone; we stop the children in order
                user=program.user,
                group=program.user,
                extra_groups=[] if program.user else None,
            )
        self.record = Record(program.name, self.popen.pid, start_time(self.popen.pid) or time.time())

    def is_running(self) -> bool:
        return self.popen.poll() is None

    def ask_to_stop(self) -> None:
        if self.is_running():
            self.popen.send_signal(self.program.stop_signal)

    def kill(self) -> None:
        kill_group(self.record)
        self.popen.wait()


def opened_log(path: Path) -> IO[bytes]:
    if path.exists() and path.stat().st_size > LOG_LIMIT:
        path.replace(path.with_suffix(".log.1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb")


def stop_all(children: Sequence[Child], within_s: float) -> None:
    """Ask all to stop, wait, and kill what is still there then; also what their groups left behind."""
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + within_s
    while any(child.is_running() for child in children) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    for child in children:
        child.kill()


def start_time(pid: int) -> float | None:
    """When the process started; None when there is none."""
    try:
        return float(psutil.Process(pid).create_time())
    except psutil.Error:
        return None


def is_alive(record: Record) -> bool:
    """Whether just this process lives: the pid alone may have gone to another since."""
    started = start_time(record.pid)
    # 1 s: the start is counted in clock ticks since boot, and the boot time moves when the clock is set.
    if started is None or abs(started - record.started) > 1:
        return False
    try:
        return bool(psutil.Process(record.pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def members(record: Record) -> list[psutil.Process]:
    """The living processes of the record's group, its leader or not.

    While a group has a member the system gives its number to no new process; so a leader with another
    start time means that the old group is gone and this one is a stranger's.
    """
    leader_started = start_time(record.pid)
    if leader_started is not None and abs(leader_started - record.started) > 1:
        return []
    found = []
    for process in psutil.process_iter():
        try:
            if os.getpgid(process.pid) == record.pid and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.Error, ProcessLookupError, PermissionError):
            continue
    return found


def kill_group(record: Record) -> None:
    for process in members(record):
        try:
            process.kill()
        except psutil.Error:  # gone already
            continue


def write_records(path: Path, records: Iterable[Record]) -> None:
    write_private(path, json.dumps([asdict(record) for record in records], indent=2) + "\n")


def read_records(path: Path) -> list[Record]:
    """What the last start recorded; empty when nothing or nothing readable is there."""
    try:
        return [Record(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
    except (OSError, ValueError, TypeError):
        return []


def stop_leftovers(records: Sequence[Record], last: Sequence[str], within_s: float) -> list[str]:
    """Stop what an earlier start left behind, those named in `last` after the others; the names of what was found.

    The order matters: a worker that can still reach Kafka leaves its group, and the next one need not wait for it.
    """
    first = [record for record in records if record.name not in last]
    then = [record for record in records if record.name in last]
    return [*stop_groups(first, within_s), *stop_groups(then, within_s)]


def stop_groups(records: Sequence[Record], within_s: float) -> list[str]:
    """Stop these at once; the names of those of which something lived."""
    groups = {record: members(record) for record in records}
    left = [process for found in groups.values() for process in found]
    for process in left:
        try:
            # SIGINT: PostgreSQL's fast stop; all the others end on it orderly too.
            process.send_signal(signal.SIGINT)
        except psutil.Error:
            continue
    psutil.wait_procs(left, timeout=within_s)
    for record in records:
        kill_group(record)
    deadline = time.monotonic() + within_s
    while any(members(record) for record in records) and time.monotonic() < deadline:
        time.sleep(POLL_S)
    return [record.name for record, found in groups.items() if found]

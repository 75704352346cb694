"""What runs on a state folder, seen from outside, and how to stop it from there."""

import fcntl

import psutil

from cli.stack import processes
from cli.stack.layout import Layout
from cli.stack.processes import Record, read_records

SUPERVISOR = "supervisor"
SERVICES = ("postgres", "kafka")
LEFTOVERS_S = 5.0  # for each of the two steps
ORDERLY_S = 15.0  # a little more than the supervisor gives its children


def supervisor(layout: Layout) -> Record | None:
    """The process that keeps the stack of this folder, as recorded; it may be dead."""
    return next((record for record in read_records(layout.processes) if record.name == SUPERVISOR), None)


def stop(layout: Layout) -> list[str]:
    """Stop what runs on the folder: through its supervisor when that lives, then whatever is left. Names what ran."""
    if not layout.run.exists():
        return []
    records = read_records(layout.processes)
    found = [record.name for record in records if record.name != SUPERVISOR and processes.members(record)]
    keeper = holder(layout)
    if keeper is not None:
        end(keeper)
    stop_leftovers(layout)
    layout.processes.unlink(missing_ok=True)
    layout.ready.unlink(missing_ok=True)
    return found or ([SUPERVISOR] if keeper is not None else [])


def stop_leftovers(layout: Layout) -> list[str]:
    """Stop what is recorded and still lives although its supervisor does not; its names."""
    records = [record for record in read_records(layout.processes) if record.name != SUPERVISOR]
    return processes.stop_leftovers(records, SERVICES, LEFTOVERS_S)


def end(pid: int) -> None:
    """Ask the process that keeps the stack to stop, and kill it when it does not. It may end meanwhile."""
    try:
        process = psutil.Process(pid)
        process.terminate()
        try:
            process.wait(ORDERLY_S)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(ORDERLY_S)
    except psutil.NoSuchProcess:
        return


def holder(layout: Layout) -> int | None:
    """The process that holds the folder's lock now."""
    try:
        with layout.lock.open("r+", encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                text = file.read().strip()
                return int(text) if text.isdecimal() else None
    except FileNotFoundError:
        return None
    return None

"""CPU time of running processes with everything that they started, as the operating system accounts for it."""

from collections.abc import Mapping

import psutil


def cpu_seconds(pids: Mapping[str, int]) -> dict[str, float]:
    """CPU seconds (user and system) that each process and its living children have used so far."""
    return {name: _of_tree(pid) for name, pid in pids.items()}


def per_event_us(before: Mapping[str, float], after: Mapping[str, float], events: int) -> dict[str, float]:
    """Microseconds of CPU per event between two readings. A process that began in between began at 0."""
    return {name: round((after[name] - before.get(name, 0.0)) / events * 1e6, 1) for name in after}


def _of_tree(pid: int) -> float:
    try:
        root = psutil.Process(pid)
        processes = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return 0.0
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total

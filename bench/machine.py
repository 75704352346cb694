"""On what something was measured: the machine, what else it was doing, versions, the commit."""

import os
import platform
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psutil

MODEL = re.compile(r"^model name\s*: (.+)$", re.MULTILINE)
GIB = 1 << 30


def about(root: Path, versions: Mapping[str, str]) -> dict[str, Any]:
    """Machine, load of the last minutes, versions, and the commit of the checkout at `root`."""
    return {
        "machine": {
            "processor": _processor(),
            "cores": os.cpu_count(),
            "memory_gib": round(psutil.virtual_memory().total / GIB, 1),
            "system": platform.platform(),
        },
        "load_average": load_average(),
        "versions": {"python": platform.python_version(), **versions},
        "commit": _commit(root),
    }


def load_average() -> list[float]:
    """Of one, five and fifteen minutes."""
    return [round(each, 2) for each in os.getloadavg()]


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    found = MODEL.search(file.read_text(encoding="utf-8")) if file.exists() else None
    return found[1] if found else platform.processor()


def _commit(root: Path) -> str | None:
    """None outside of a checkout."""
    try:
        told = subprocess.run(
            ["git", "-C", str(root), "describe", "--always", "--dirty", "--abbrev=12"],  # noqa: S607
            capture_output=True,
            text=True,
            check=False,
        )
    except OSError:
        return None
    return told.stdout.strip() or None

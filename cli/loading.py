"""How a process of the hub loads what it runs."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


@contextmanager
def loading() -> Iterator[None]:
    """Import within, without the collector: what is loaded stays, and is walked again and again meanwhile, for a sixth
    of the time that a process takes to start."""
    # httpx has a command line of its own, with rich, pygments and click; without it httpx leaves that out.
    sys.modules.setdefault("httpx._main", ModuleType("httpx._main"))
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()

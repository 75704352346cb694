"""Whether there is room on the disk: a hub that fills it while it starts leaves half of everything behind."""

import shutil
from collections.abc import Iterable
from pathlib import Path

from cli.stack.errors import StackError

# Bytes. A first start writes 80 MB (PostgreSQL 50, Kafka 25) and its first batches a few times that.
WITH_SERVERS, WITHOUT_SERVERS, NEARLY_NONE = 512 << 20, 64 << 20, 4 << 20


def must_have(places: Iterable[Path], least: int) -> None:
    """Raises StackError for a place, there or yet to be made, with fewer free bytes."""
    for place in places:
        there = next(each for each in (place, *place.parents) if each.exists())
        free = shutil.disk_usage(there).free
        if free < least:
            raise StackError(
                f"Ruang disk untuk {place} tinggal {free >> 20} MB; perlu paling sedikit {least >> 20} MB. "
                "Kosongkan disk itu, atau pilih folder di disk lain (SIMPUL_HOME; untuk peragaan SIMPUL_DEMO_HOME)."
            )

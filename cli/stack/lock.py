"""One stack per state folder."""

import fcntl
import os
from typing import TextIO

from cli.stack.errors import StackError
from cli.stack.layout import PRIVATE_FILE, Layout


def take(layout: Layout) -> TextIO:
    """The folder's lock, held as long as the file is open. Raises StackError that names who has it."""
    file = os.fdopen(os.open(layout.lock, os.O_RDWR | os.O_CREAT, PRIVATE_FILE), "r+", encoding="utf-8")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = file.read().strip() or "?"
        file.close()
        raise StackError(
            f"Simpul sudah berjalan pada folder {layout.home} (proses {holder}). "
            "Lihat dengan './simpul status', hentikan dengan './simpul down', atau pilih folder lain (SIMPUL_HOME)."
        ) from error
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file

"""What a person sees while something long runs: a bar on a terminal, plain lines otherwise; all of it on stderr."""

import sys
import threading
from collections.abc import Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress

PLAIN_STEP = 0.25  # without a terminal: a line for each quarter


def tell(line: str) -> None:
    """One line for the person who waits."""
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Rows under their headings on standard output. No line is cut: what is copied from it is whole."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    for cells in (head, *rows):
        line = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
        sys.stdout.write(f"{line.rstrip()}\n")


class Download:
    """The course of a download. Nothing is shown until there is something to fetch."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.bar: Progress | None = None
        self.told = 0.0
        self.turn = threading.Lock()  # several threads report

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        with self.turn:
            if self.bar is not None:
                self.bar.stop()
                self.bar = None

    def __call__(self, done: int, total: int) -> None:
        """Bytes so far, bytes in all."""
        with self.turn:
            if sys.stderr.isatty():
                self.show(done, total)
            elif total and done / total >= self.told:
                tell(f"{self.title}: {done / total:.0%} dari {total / 1e6:.0f} MB")
                self.told += PLAIN_STEP

    def show(self, done: int, total: int) -> None:
        # Here, so that no other command loads it.
        from rich.console import Console
        from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TransferSpeedColumn

        if self.bar is None:
            self.bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                DownloadColumn(),
                TransferSpeedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self.bar.add_task(self.title, total=total)
            self.bar.start()
        self.bar.update(self.bar.task_ids[0], completed=done, total=total)

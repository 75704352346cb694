"""The rows that were not sent, as a CSV beside the input: line, reasons, and the cells as they were."""

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

from producers.csv_file import LINE_COLUMN, REASON_COLUMN, CsvFile, Line
from schemas.rejection import Rejection

SUFFIX: Final = ".rejected.csv"
# A spreadsheet takes a cell that begins with one of these for a formula (ASVS 1.2.10); full-width forms too.
_FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # noqa: RUF001


def path_beside(path: Path) -> Path:
    """`data.csv` → `data.rejected.csv`."""
    return path.with_name(path.stem + SUFFIX)


def restored(cell: str) -> str:
    """A cell of a mended file of rejected rows as it was before `_harmless`."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(_FORMULA_SIGNS) else cell


class RejectedRows:
    """Writes the file when the first row comes; a file of an earlier run goes when there is none.

    UTF-8 with a byte order mark, which Excel reads, with the input's separator, for its owner's eyes only.
    """

    def __init__(self, source: CsvFile) -> None:
        self.path = path_beside(source.path)
        self.count = 0
        self._source = source
        self._partial = self.path.with_name(f"{self.path.name}.part")
        self._file: IO[str] | None = None
        self._writer: Any = None
        self._kept = tuple(place for place, name in enumerate(source.fields) if name is not None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        """Puts the file in its place; after an error too, as far as it got."""
        if self._file is not None:
            self._file.close()
            self._partial.replace(self.path)
        elif kind is None:
            self.path.unlink(missing_ok=True)

    def add(self, line: Line, reasons: Sequence[Rejection]) -> None:
        """One row that was not sent."""
        if self._file is None:
            self._open()
        self.count += 1
        # the row's own cells beyond the header come along, so that nothing is lost
        cells = [line.cells[place] for place in self._kept if place < len(line.cells)]
        cells += line.cells[len(self._source.header) :]
        sentences = " ".join(reason.sentence() for reason in reasons)
        self._writer.writerow([line.number, sentences, *(_harmless(cell) for cell in cells)])

    def _open(self) -> None:
        self._partial.unlink(missing_ok=True)
        handle = os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(handle, "w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file, delimiter=self._source.delimiter)
        self._writer.writerow([LINE_COLUMN, REASON_COLUMN, *(self._source.header[place] for place in self._kept)])


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA_SIGNS) else cell

"""Reads CSV files as offices make them: several encodings and separators, and refuses what cannot be read safely.

A file is read twice: once to its end before anything is sent (so that a file with a broken quote is refused as a
whole, and its rows are counted), once to publish it.
"""

import codecs
import csv
import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from random import Random
from typing import Final, NamedTuple

from producers.errors import FileRefused

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DELIMITERS: Final = ",;\t|"
_BLOCK_BYTES: Final = 1 << 20
_MAX_HEADER_BYTES: Final = 1 << 16
# An unclosed quote swallows the rest of a file into one cell; no cell of ours has that many lines.
_MAX_CELL_LINES: Final = 20
_MAX_CELL: Final = 100_000  # characters; beyond, csv raises by itself
_SHOWN: Final = 5  # names in a message
SAMPLE: Final = 5_000  # rows: their share of something is that of the file to within 1.4 % (two standard errors)
# Columns of our own rejected rows: a mended file may be sent as it is.
LINE_COLUMN: Final = "baris"
REASON_COLUMN: Final = "alasan"


class Line(NamedTuple):
    """A row of cells and the line of the file in which it begins (from 1)."""

    number: int
    cells: list[str]


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file that was read to its end once. `fields` has the field of each column, None for a column of ours."""

    path: Path
    encoding: str
    delimiter: str
    header: tuple[str, ...]
    fields: tuple[str | None, ...]
    rows: int
    digest: str  # SHA-256 of the bytes, hexadecimal
    sample: tuple[Line, ...]  # SAMPLE of the rows, drawn by the digest; all of them where there are no more

    def lines(self) -> Iterator[Line]:
        """The rows without the header; empty lines are left out."""
        lines = _lines(self.path, self.encoding, self.delimiter)
        next(lines, None)
        yield from lines


def examine(path: Path, *, known: Sequence[str], required: Sequence[str]) -> CsvFile:
    """Read the file to its end. `known` are the columns that may come, `required` those that must.

    Raises FileRefused with what is wrong and where.
    """
    try:
        encoding, digest = _encoding(path)
        delimiter = _delimiter(path, encoding, known)
        lines = _lines(path, encoding, delimiter)
        first = next(lines, None)
        if first is None:
            raise FileRefused(f"Berkas {path.name} kosong. Mohon isi baris judul kolom dan datanya.")
        header = tuple(cell.strip() for cell in first.cells)
        fields = _match(path, header, known, required)
        rows, sample = _count_and_draw(lines, digest)
    except OSError as error:
        raise FileRefused(f"Berkas {path} {_unreadable(error)}.") from error
    except UnicodeError as error:
        raise FileRefused(
            f"Huruf dalam berkas {path.name} tidak dapat dibaca. Mohon simpan ulang sebagai CSV UTF-8."
        ) from error
    return CsvFile(path, encoding, delimiter, header, fields, rows, digest, sample)


def _count_and_draw(lines: Iterator[Line], digest: str) -> tuple[int, tuple[Line, ...]]:
    """How many lines there are, and some of them: each with the same chance, the same ones for the same file."""
    chance = Random(digest).random  # noqa: S311 - no secret: anybody may know which rows are drawn
    rows, drawn = 0, list[Line]()
    for rows, line in enumerate(lines, start=1):
        if rows <= SAMPLE:
            drawn.append(line)
        elif (place := int(chance() * rows)) < SAMPLE:
            drawn[place] = line
    return rows, tuple(drawn)


def _unreadable(error: OSError) -> str:
    match error:
        case FileNotFoundError():
            return "tidak ditemukan"
        case PermissionError():
            return "tidak boleh dibaca oleh pengguna ini"
        case IsADirectoryError():
            return "adalah folder"
        case _:
            return "tidak dapat dibaca"


def _encoding(path: Path) -> tuple[str, str]:
    """Encoding and digest: a byte order mark decides; else UTF-16 by its zero bytes, else UTF-8, else CP1252."""
    digest = hashlib.sha256()
    utf8: codecs.IncrementalDecoder | None = codecs.getincrementaldecoder("utf-8")()
    head = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK_BYTES):
            head = head or block[:4_096]
            digest.update(block)
            if utf8 is not None:
                try:
                    utf8.decode(block)
                except UnicodeDecodeError:
                    utf8 = None
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name, digest.hexdigest()
    zeros_even, zeros_odd = head[0::2].count(0), head[1::2].count(0)
    if max(zeros_even, zeros_odd) > len(head) // 4:
        return ("utf-16-be" if zeros_even > zeros_odd else "utf-16-le"), digest.hexdigest()
    return ("utf-8" if utf8 is not None else "cp1252"), digest.hexdigest()


def _delimiter(path: Path, encoding: str, known: Sequence[str]) -> str:
    """The one that finds the most known columns in the header."""
    with path.open(encoding=encoding, newline="") as file:
        head = file.read(_MAX_HEADER_BYTES)
    first = next((line for line in head.splitlines() if line.strip()), "")
    names = set(known)
    return max(
        _DELIMITERS, key=lambda sign: (sum(_name(cell) in names for cell in first.split(sign)), first.count(sign))
    )


def _name(cell: str) -> str:
    """A column's name as contracts write it."""
    return "_".join(cell.strip().strip('"').strip().lower().split())


def _match(path: Path, header: Sequence[str], known: Sequence[str], required: Sequence[str]) -> tuple[str | None, ...]:
    names = [_name(cell) for cell in header]
    doubled = [name for name, count in Counter(names).items() if count > 1 and name]
    if doubled:
        raise FileRefused(f"Kolom {doubled[0][:60]} ada dua kali dalam berkas {path.name}. Mohon hapus salah satunya.")
    unknown = [name for name in names if name not in known and name not in (LINE_COLUMN, REASON_COLUMN)]
    if unknown:
        shown = ", ".join(_described(name, known) for name in unknown[:_SHOWN])
        more = f" dan {len(unknown) - _SHOWN} lagi" if len(unknown) > _SHOWN else ""
        raise FileRefused(
            f"Kolom tidak dikenal dalam berkas {path.name}: {shown}{more}. "
            f"Kolom yang dikenal: {', '.join(known)}. Mohon sesuaikan baris judul."
        )
    missing = [name for name in required if name not in names]
    if missing:
        raise FileRefused(f"Kolom wajib tidak ada dalam berkas {path.name}: {', '.join(missing)}. Mohon tambahkan.")
    return tuple(name if name in known else None for name in names)


def _described(name: str, known: Sequence[str]) -> str:
    """The column's name as far as it may be shown, with the one that was probably meant."""
    shown = "".join(char if char.isprintable() else "?" for char in name[:60]) or "(tanpa judul)"
    near = get_close_matches(name[:60], known, n=1)
    return f"{shown} (mungkin {near[0]})" if near else shown


def _lines(path: Path, encoding: str, delimiter: str) -> Iterator[Line]:
    """Every row, the header too. Raises FileRefused where the quotes do not close."""
    with path.open(encoding=encoding, newline="") as file:
        source = _Guarded(file, path.name)
        previous = csv.field_size_limit(_MAX_CELL)
        try:
            reader = csv.reader(source, delimiter=delimiter, strict=True)
            while True:
                source.begin(reader.line_num)
                try:
                    cells = next(reader)
                except StopIteration:
                    return
                except csv.Error as error:
                    raise _broken_quote(path.name, source.first) from error
                if any(cell.strip() for cell in cells):
                    yield Line(source.first, cells)
        finally:
            csv.field_size_limit(previous)


class _Guarded:
    """The lines of a file, of which one row may take only so many."""

    def __init__(self, lines: Iterator[str], name: str) -> None:
        self._lines, self._name, self._taken = lines, name, 0
        self.first = 1

    def begin(self, line_number: int) -> None:
        """A new row begins after the line `line_number`."""
        self.first, self._taken = line_number + 1, 0

    def __iter__(self) -> "_Guarded":
        return self

    def __next__(self) -> str:
        self._taken += 1
        if self._taken > _MAX_CELL_LINES:
            raise _broken_quote(self._name, self.first)
        return next(self._lines)


def _broken_quote(name: str, line: int) -> FileRefused:
    return FileRefused(
        f"Tanda kutip pada baris {line} berkas {name} tidak ditutup dengan benar. Belum ada yang dikirim. "
        'Mohon periksa tanda kutip (") pada baris itu, lalu kirim ulang.'
    )

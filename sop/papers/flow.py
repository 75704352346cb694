"""A paper as a word processor has it: lines in styles, grids of cells, and pages that turn. Pure.

ODT and DOCX are written from this alone, so that they say the same as the PDF and as each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sop.papers.parts import (
    Block,
    Box,
    Facts,
    Form,
    Letterhead,
    Paper,
    Paragraph,
    Points,
    Section,
    Signature,
    Signatures,
    Table,
)
from sop.papers.repertoire import shown

TICKED, UNTICKED = "☑", "☐"


class Look(StrEnum):
    """Styles of a line; the text is their name in the files."""

    HEAD = "Kop"
    HEAD_OFFICE = "Kop Dinas"
    HEAD_CONTACT = "Kop Alamat"
    TITLE = "Judul Naskah"
    CENTRED = "Tengah"
    NAME = "Nama Penanda Tangan"
    HEADING = "Judul Bagian"
    CAPTION = "Judul Tabel"
    BODY = "Isi"
    ITEM = "Butir"
    CELL = "Sel"
    CELL_RIGHT = "Sel Kanan"
    CELL_CODE = "Sel Kode"
    CELL_HEAD = "Sel Judul"
    LABEL = "Label"
    RULED = "Garis Isian"
    ROOM = "Ruang Tanda Tangan"


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph."""

    text: str
    look: Look


Cell = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: shares of the width, rows of cells, and whether lines are drawn and the first row comes again."""

    shares: tuple[float, ...]
    rows: tuple[tuple[Cell, ...], ...]
    ruled: bool = False
    headed: bool = False


@dataclass(frozen=True, slots=True)
class Turn:
    """From here on pages are wide, or upright again; the next element begins one."""

    wide: bool


Element = Line | Grid | Turn


def flow(paper: Paper) -> Iterator[Element]:
    """The whole paper in order; every text as it is shown (`sop/papers/repertoire.py`)."""
    yield from _letterhead(paper.letterhead)
    yield _line(paper.title.upper(), Look.TITLE)
    yield from (_line(each, Look.CENTRED) for each in (paper.subtitle, f"Nomor: {paper.number}") if each)
    wide = False
    for section in paper.sections:
        if section.wide is not wide or section.wide:
            yield Turn(section.wide)
        wide = section.wide
        yield from _section(section)
    if paper.verified_at is not None:
        yield _line(f"Keadaan tanda tangan naskah ini diperiksa di: {paper.verified_at}", Look.BODY)


def _letterhead(head: Letterhead) -> Iterator[Line]:
    *above, office = head.lines
    yield from (_line(each, Look.HEAD) for each in above)
    yield _line(office, Look.HEAD_OFFICE)
    yield _line(head.contact, Look.HEAD_CONTACT)


def _section(section: Section) -> Iterator[Element]:
    if section.title:
        yield _line(section.title, Look.HEADING)
    for block in section.blocks:
        yield from _block(block)


def _block(block: Block) -> Iterator[Element]:
    match block:
        case Paragraph():
            yield _line(block.text, Look.BODY)
        case Points():
            for at, item in enumerate(block.items, 1):
                yield _line(f"{at}. {item}" if block.numbered else f"• {item}", Look.ITEM)
        case Facts():
            yield Grid((5.4, 0.4, 10.7), tuple(_fact(*each) for each in block.lines))
        case Table():
            yield from _table(block)
        case Form():
            for row in block.rows:
                yield Grid(tuple(1.0 for _ in row), (tuple(map(_box, row)),), ruled=True)
        case Signatures():
            yield from _signatures(block.parties)


def _fact(label: str, value: str) -> tuple[Cell, ...]:
    return tuple((_line(text, Look.BODY),) for text in (label, ":", value))


def _table(table: Table) -> Iterator[Element]:
    if table.title:
        yield _line(table.title, Look.CAPTION)
    if not table.rows:
        yield _line(table.empty, Look.BODY)
        return
    head = tuple((_line(each.title, Look.CELL_HEAD),) for each in table.columns)
    looks = [
        Look.CELL_CODE if each.code else Look.CELL_RIGHT if each.right else Look.CELL for each in table.columns
    ]  # fmt: skip
    rows = tuple(tuple((_line(text, look),) for text, look in zip(row, looks, strict=True)) for row in table.rows)
    yield Grid(tuple(each.share for each in table.columns), (head, *rows), ruled=True, headed=True)


def _box(box: Box) -> Cell:
    lines = [_line(box.title, Look.LABEL)]
    if box.text:
        lines.append(_line(box.text, Look.BODY))
    lines += [_line(f"{TICKED if ticked else UNTICKED} {text}", Look.BODY) for ticked, text in box.choices]
    return (*lines, *(_line("", Look.RULED) for _ in range(box.lines)))


def _signatures(parties: tuple[Signature, ...]) -> Iterator[Element]:
    cells: list[Cell] = [
        (
            *(_line(each, Look.CENTRED) for each in party.above),
            _line("", Look.ROOM),
            _line(party.name, Look.NAME),
        )
        for party in parties
    ]
    if len(cells) == 1:
        cells.insert(0, (_line("", Look.CENTRED),))
    yield Grid(tuple(1.0 for _ in cells), (tuple(cells),))


def _line(text: str, look: Look) -> Line:
    return Line(shown(text), look)

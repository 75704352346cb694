"""What a paper is made of, whatever file it becomes: sections of paragraphs, lists, tables, boxes and signatures. Pure.

All texts are plain: whatever stands in them is shown as it is, and nothing of it is markup. Not every file can show
every character (`sop/papers/repertoire.py`).
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

GAP: Final = "………………………………"  # what a person fills in by hand


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text."""

    text: str


@dataclass(frozen=True, slots=True)
class Points:
    """Items of a list, numbered or not."""

    items: tuple[str, ...]
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """Lines of a label and what it says."""

    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its share of the width, and whether names of the machine or numbers stand in it."""

    title: str
    share: float
    code: bool = False
    right: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Columns and rows; each row has as many texts as there are columns."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[str, ...], ...]
    empty: str = "Tidak ada."  # said in place of a table without rows

    def __post_init__(self) -> None:
        if any(len(row) != len(self.columns) for row in self.rows):
            raise ValueError(f"{self.title}: a row has another number of texts than there are columns")


@dataclass(frozen=True, slots=True)
class Box:
    """A field of a form: its label, what stands in it, choices with or without a tick, and blank lines to write on."""

    title: str
    text: str = ""
    choices: tuple[tuple[bool, str], ...] = ()
    lines: int = 0


@dataclass(frozen=True, slots=True)
class Form:
    """Rows of boxes beside each other."""

    rows: tuple[tuple[Box, ...], ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """Who signs: lines over the room for the signature, and the name under it if it is known."""

    above: tuple[str, ...]
    name: str = GAP


@dataclass(frozen=True, slots=True)
class Signatures:
    """One to three who sign, beside each other."""

    parties: tuple[Signature, ...]


Block = Paragraph | Points | Facts | Table | Form | Signatures


@dataclass(frozen=True, slots=True)
class Section:
    """A part with its heading ("" for none); a wide one stands on pages of its own in landscape."""

    title: str
    blocks: tuple[Block, ...]
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The head of the first page (Permendagri 1/2023); `arms` is an SVG or PNG file."""

    lines: tuple[str, ...]
    contact: str
    arms: bytes | None = None


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper, ready to be written into a file.

    `verified_at` is the address of the page that tells of its signature: a draft has none and is marked *KONSEP*; a
    paper that waits for its signature has one, and its mark as a code to be read by a telephone.
    """

    code: str
    title: str
    subtitle: str
    number: str
    case: str
    on: date
    letterhead: Letterhead
    sections: tuple[Section, ...]
    verified_at: str | None = None

    @property
    def is_draft(self) -> bool:
        """Whether it is marked as one."""
        return self.verified_at is None

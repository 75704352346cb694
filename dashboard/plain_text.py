"""The little Markdown of the rules' pages, as blocks that a template draws: headings, paragraphs, numbered lists,
and code between backticks. Nothing of it is ever HTML. Pure."""

import re
from dataclasses import dataclass

_NUMBERED = re.compile(r"[0-9]+\. ")


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words, or some code."""

    text: str
    is_code: bool


@dataclass(frozen=True, slots=True)
class Block:
    """A heading ("h"), a paragraph ("p"), or a list ("l") with a line for each item."""

    kind: str
    lines: tuple[tuple[Piece, ...], ...]


def read_page(text: str) -> list[Block]:
    """Blocks are parted by empty lines, or by a heading."""
    blocks: list[Block] = []
    for part in re.split(r"\n\s*\n", text.strip()):
        lines = part.splitlines()
        while lines and lines[0].startswith("#"):
            blocks.append(Block("h", (pieces(lines.pop(0).lstrip("# ")),)))
        if lines and all(_NUMBERED.match(line) for line in lines):
            blocks.append(Block("l", tuple(pieces(_NUMBERED.sub("", line, count=1)) for line in lines)))
        elif lines:
            blocks.append(Block("p", (pieces(" ".join(lines)),)))
    return blocks


def pieces(line: str) -> tuple[Piece, ...]:
    """What stands between backticks is code."""
    parts = enumerate(line.split("`"))
    return tuple(Piece(text, is_code=number % 2 == 1) for number, text in parts if text)

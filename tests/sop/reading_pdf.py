"""What a reader of ours finds in a PDF: texts and where they stand, and pages as pictures."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import pypdfium2

AT_LINE_END = "\x02"  # how PDFium tells a hyphen with which a line ends
WATERMARK = 40.0  # points; what is taller is no running text


@dataclass(frozen=True, slots=True)
class Run:
    """A piece of a line, in points from the lower left corner."""

    left: float
    bottom: float
    right: float
    top: float

    def covers(self, other: "Run") -> bool:
        """Whether the two lie over each other, but for the hair by which glyphs lean over."""
        wide = min(self.right, other.right) - max(self.left, other.left)
        high = min(self.top, other.top) - max(self.bottom, other.bottom)
        return wide > 1.5 and high > 3.0


@dataclass(frozen=True, slots=True)
class Page:
    """A page: its size, its text in reading order, and the pieces of its lines without the watermark."""

    width: float
    height: float
    text: str
    runs: tuple[Run, ...]

    def overlaps(self) -> list[tuple[Run, Run]]:
        """Pieces that lie over each other."""
        found = []
        runs = sorted(self.runs, key=lambda run: run.bottom)
        for at, one in enumerate(runs):
            for other in runs[at + 1 :]:
                if other.bottom >= one.top:
                    break
                if one.covers(other):
                    found.append((one, other))
        return found


def pages(data: bytes) -> list[Page]:
    """The pages of a file."""
    document = pypdfium2.PdfDocument(data)
    try:
        return [_page(page) for page in document]
    finally:
        document.close()


def letters(text: str) -> str:
    """The text without white space: where a line ends is the layout's business."""
    return "".join(text.replace(AT_LINE_END, "-").split())


def pictures(data: bytes) -> Iterator[bytes]:
    """Each page as a PNG."""
    document = pypdfium2.PdfDocument(data)
    try:
        for page in document:
            yield _png(page.render(scale=1.5, rev_byteorder=True))
    finally:
        document.close()


def _page(page: pypdfium2.PdfPage) -> Page:
    text = page.get_textpage()
    told = text.get_text_bounded()
    runs = [Run(*text.get_rect(at)) for at in range(text.count_rects())]
    width, height = page.get_size()
    return Page(width, height, told, tuple(run for run in runs if run.top - run.bottom < WATERMARK))


def _png(bitmap: pypdfium2.PdfBitmap) -> bytes:
    pixels = bitmap.to_numpy()[:, :, :3]
    high, wide = pixels.shape[:2]
    rows = b"".join(b"\0" + pixels[row].tobytes() for row in range(high))
    head = struct.pack(">IIBBBBB", wide, high, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 1)), (b"IEND", b""))
    made = (
        struct.pack(">I", len(each)) + tag + each + struct.pack(">I", zlib.crc32(tag + each)) for tag, each in parts
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(made)

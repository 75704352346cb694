"""One table as XLSX, ODS or CSV: the same cells in each, the same bytes for the same cells. Pure."""

import csv
import io
from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from registry.artefacts.workbook import Sheet as Page
from registry.artefacts.workbook import workbook
from sop import slots
from sop.papers.zipped import container

Cell = str | int
_BOM: Final = "\ufeff"  # by which a spreadsheet knows UTF-8
# A spreadsheet takes a cell of a CSV that begins with one of these for a formula (ASVS 1.2.10); full-width forms too.
_FORMULA_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # noqa: RUF001
_ILLEGAL: Final = dict.fromkeys([*range(9), 11, 12, *range(14, 32), 0xFFFE, 0xFFFF, *range(0xD800, 0xE000)], "\ufffd")


class SheetForm(StrEnum):
    """What kind of file, by the end of its name."""

    XLSX = "xlsx"
    ODS = "ods"
    CSV = "csv"


SHEET_MEDIA: Mapping[SheetForm, str] = MappingProxyType(
    {SheetForm.XLSX: slots.XLSX, SheetForm.ODS: slots.ODS, SheetForm.CSV: slots.CSV}
)


def spreadsheet(form: SheetForm, title: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    """The file; texts stay texts in it, whatever they begin with."""
    clean = [[each.translate(_ILLEGAL) if isinstance(each, str) else each for each in row] for row in rows]
    match form:
        case SheetForm.CSV:
            return _csv(head, clean)
        case SheetForm.XLSX:
            texts = frozenset(
                at for at in range(len(head)) if any(isinstance(row[at], str) for row in clean)
            )  # fmt: skip
            return workbook([Page(title[:31], head, clean, text_columns=texts)], title=title)
        case SheetForm.ODS:
            return _ods(title, head, clean)


def _csv(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([[_harmless(cell) for cell in row] for row in rows])
    return (_BOM + text.getvalue()).encode()


def _harmless(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA_SIGNS) else cell


def _ods(title: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> bytes:
    lines = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in (head, *rows))
    content = (
        f"{_XML}<office:document-content{_SPACES}><office:body><office:spreadsheet>"
        f"<table:table table:name={quoteattr(title)}>"
        f'<table:table-column table:number-columns-repeated="{len(head)}"/>{lines}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    parts = [("mimetype", slots.ODS.encode()), ("content.xml", content.encode()), ("META-INF/manifest.xml", _MANIFEST)]
    return container(parts)


def _ods_cell(cell: Cell) -> str:
    kind = f'"float" office:value="{cell}"' if isinstance(cell, int) else '"string"'
    return f"<table:table-cell office:value-type={kind}><text:p>{escape(str(cell))}</text:p></table:table-cell>"


_XML: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACES: Final = (
    ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
    ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
    ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.3"'
)
_MANIFEST: Final = (
    f'{_XML}<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    f' manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:media-type="{slots.ODS}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
).encode()

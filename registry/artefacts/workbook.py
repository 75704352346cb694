"""Workbooks (XLSX) that are the same bytes for the same content."""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

Cell = str | int | float
# A workbook tells when it was made; these are made anew each time, so the date would say nothing.
_MADE_AT: Final = datetime(2000, 1, 1)  # noqa: DTZ001 (the library wants no zone)
_WIDEST: Final = 60  # characters
_ROWS_TO_FILL: Final = 10_000  # rows of a column that keep its format and its choices
_MAX_CHOICES: Final = 255  # characters of a list of choices, a limit of the format


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: head, rows; columns (from 0) in which a choice is offered, and those that are text throughout."""

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    choices: Mapping[int, Sequence[str]] = field(default_factory=dict)
    text_columns: frozenset[int] = frozenset()


def workbook(sheets: Sequence[Sheet], *, title: str) -> bytes:
    """The file."""
    import xlsxwriter  # here, so that no process loads it that makes no workbook

    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"title": title, "author": "Simpul", "created": _MADE_AT})
    bold = book.add_format({"bold": True, "bg_color": "#E8EDF2", "bottom": 1})
    text = book.add_format({"num_format": "@"})
    for sheet in sheets:
        _write(book.add_worksheet(sheet.name), sheet, bold, text)
    book.close()
    return target.getvalue()


def _write(page: Any, sheet: Sheet, bold: Any, text: Any) -> None:
    for column, name in enumerate(sheet.head):
        cells = [str(row[column]) for row in sheet.rows]
        width = min(_WIDEST, max(map(len, [name, *cells])) + 2)
        page.set_column(column, column, width, text if column in sheet.text_columns else None)
        page.write_string(0, column, name, bold)
    for line, row in enumerate(sheet.rows, 1):
        for column, cell in enumerate(row):
            if isinstance(cell, str):
                page.write_string(line, column, cell, text)
            else:
                page.write_number(line, column, cell)
    for column, words in sheet.choices.items():
        if len(",".join(words)) <= _MAX_CHOICES:
            page.data_validation(1, column, _ROWS_TO_FILL, column, {"validate": "list", "source": list(words)})
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, max(1, len(sheet.rows)), len(sheet.head) - 1)

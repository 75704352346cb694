"""Sample files of a document, as an agency may fill them in: CSV, and a workbook with the codes beside the data."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from base.titles import human
from registry.artefacts.edition import Edition
from registry.artefacts.events import good_rows
from registry.artefacts.example_rows import ExampleRows
from registry.artefacts.workbook import Cell, Sheet, workbook
from schemas import code_lists
from schemas.contract import Contract, Field, Kind, Value
from schemas.requirements import KINDS, requirement

_BOM: Final = "\ufeff"  # by which a spreadsheet knows UTF-8
_NUMBERS: Final = frozenset({Kind.INT, Kind.LONG, Kind.DOUBLE, Kind.DECIMAL})


def sample_csv(edition: Edition) -> bytes:
    """Header and good rows; `;` and a byte order mark, as spreadsheets here read them."""
    contract = edition.contract
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([field.name for field in contract.fields])
    for row in _rows(contract):
        writer.writerow([cell_text(row[field.name]) for field in contract.fields])
    return (_BOM + text.getvalue()).encode()


def sample_workbook(edition: Edition) -> bytes:
    """Sheets: the data (identifiers and dates as text, so that nothing eats a zero), the fields, the codes."""
    contract = edition.contract
    data = Sheet(
        "Data",
        [field.name for field in contract.fields],
        [[_cell(field, row[field.name]) for field in contract.fields] for row in _rows(contract)],
        choices={place: words for place, field in enumerate(contract.fields) if (words := _words(field))},
        text_columns=frozenset(place for place, field in enumerate(contract.fields) if field.kind not in _NUMBERS),
    )
    fields = Sheet(
        "Isian", ["isian", "arti", "jenis", "wajib", "ketentuan", "sensitivitas", "contoh"], list(_described(contract))
    )
    codes = Sheet("Kode", ["isian", "kode", "arti", "daftar"], list(_codes(contract)))
    return workbook([data, fields, codes], title=edition.title)


def cell_text(value: Value) -> str:
    """A value as a cell of a file holds it; nothing for null."""
    match value:
        case None:
            return ""
        case bool():
            return "ya" if value else "tidak"
        case date():
            return value.isoformat().replace("+00:00", "Z")
        case Decimal():
            return f"{value:f}"
        case _:
            return str(value)


def _rows(contract: Contract) -> list[Mapping[Any, Value]]:
    return [row for _, row in good_rows(contract, ExampleRows(contract))]


def _cell(field: Field, value: Value) -> Cell:
    if field.kind in _NUMBERS and isinstance(value, int | float | Decimal):
        return float(value) if isinstance(value, Decimal) else value
    return cell_text(value)


def _words(field: Field) -> list[str]:
    """What a cell of the field may be chosen from."""
    if field.kind is Kind.BOOLEAN:
        return ["ya", "tidak"]
    return list(field.enum or ())


def _described(contract: Contract) -> Iterable[Sequence[Cell]]:
    for field in contract.fields:
        yield [
            field.name,
            field.doc,
            KINDS[field.kind],
            "tidak" if field.nullable else "ya",
            requirement(field),
            f"{field.sensitivity}, data spesifik" if field.specific else str(field.sensitivity),
            field.example or "",
        ]


def _codes(contract: Contract) -> Iterable[Sequence[Cell]]:
    for field in contract.fields:
        yield from ([field.name, word, human(word.lower()), "pilihan dalam kontrak"] for word in field.enum or ())
        if field.codes:
            found = code_lists.load(field.codes)
            yield from ([field.name, code, name, found.title] for code, name in found.codes.items())

"""Papers as PDF/A by Typst: the template is ours; what a paper says goes in as values, which are never markup."""

import json
import re
from dataclasses import fields, replace
from datetime import UTC, date, datetime, time
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from importlib.resources import files
from typing import Any, Final

import typst

from sop.papers.parts import Paper
from sop.papers.repertoire import shown
from sop.papers.seal import qr_code

_CATALOGUE: Final = b"<</Type/Catalog"
_FORM: Final = b"/AcroForm<</Fields[]>>"
_TABLE: Final = re.compile(rb"(?s)endobj\s+xref\s.*startxref\s+([0-9]+)")
STANDARD: Final = "a-2a"  # archival, with structure and readable text (ISO 19005-2, level A)


def pdf(paper: Paper) -> bytes:
    """The file. The same paper is the same bytes: its date is the paper's own, at midnight UTC."""
    made = typst.compile(
        _template(),
        format="pdf",
        font_paths=_fonts(),
        ignore_system_fonts=True,
        pdf_standards=STANDARD,
        timestamp=datetime.combine(paper.on, time(), UTC),
        sys_inputs={"paper": json.dumps(values(paper) | _pictures(paper), ensure_ascii=False)},
    )
    if not isinstance(made, bytes):
        raise TypeError("Typst made no PDF")
    return made if paper.is_draft else _with_empty_form(made)


def _with_empty_form(made: bytes) -> bytes:
    """The file with room for fields in its catalogue. A signature is a field: with the form there already, all that a
    signer adds to it can be told from a change of what the paper says.

    Typst writes the catalogue last, so nothing but the place of the table of objects moves.
    """
    before, catalogue, after = made.rpartition(_CATALOGUE)
    table = _TABLE.search(after)
    if not catalogue or table is None or b" obj" in after[: table.start()]:
        raise TypeError("Typst wrote another file than this module knows")
    moved = int(table[1]) + len(_FORM)
    return b"".join((before, catalogue, _FORM, after[: table.start(1)], b"%d" % moved, after[table.end(1) :]))


def origin(paper: Paper) -> dict[str, Any]:
    """What the file was made from, to be kept beside it: all that the paper says, and the layout by its hash."""
    arms = paper.letterhead.arms
    kept = replace(paper, letterhead=replace(paper.letterhead, arms=None))
    return {
        "paper": values(kept),
        "arms": None if arms is None else sha256(arms).hexdigest(),
        "layout": sha256(_template()).hexdigest(),
        "typst": version("typst"),
        "standard": STANDARD,
    }


@cache
def _template() -> bytes:
    return files("sop.papers").joinpath("paper.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    """Those of the wheel, so that a paper looks the same on every machine."""
    return typst.Fonts(include_system_fonts=False)


def values(part: Any) -> dict[str, Any]:
    """A part as the template reads it; `kind` says which it is."""
    return {"kind": type(part).__name__} | {each.name: _value(getattr(part, each.name)) for each in fields(part)}


def _value(value: Any) -> Any:
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return shown(value)
        case bytes():
            return list(value)  # Typst makes bytes of a list of numbers
        case date():
            return {"year": value.year, "month": value.month, "day": value.day}
        case tuple():
            return [_value(each) for each in value]
        case _:
            return values(value)


def _pictures(paper: Paper) -> dict[str, Any]:
    return {"draft": paper.is_draft, "mark": None if paper.verified_at is None else qr_code(paper.verified_at)}

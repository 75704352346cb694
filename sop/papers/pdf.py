"""Papers as PDF/A by Typst: the template is ours; what a paper says goes in as values, which are never markup."""

import json
from dataclasses import fields
from datetime import UTC, date, datetime, time
from functools import cache
from importlib.resources import files
from typing import Any, Final

import typst

from sop.papers.parts import Paper
from sop.papers.repertoire import shown
from sop.papers.seal import qr_code

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
        sys_inputs={"paper": json.dumps(_values(paper) | _pictures(paper), ensure_ascii=False)},
    )
    if not isinstance(made, bytes):
        raise TypeError("Typst made no PDF")
    return made


@cache
def _template() -> bytes:
    return files("sop.papers").joinpath("paper.typ").read_bytes()


@cache
def _fonts() -> typst.Fonts:
    """Those of the wheel, so that a paper looks the same on every machine."""
    return typst.Fonts(include_system_fonts=False)


def _values(part: Any) -> dict[str, Any]:
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
            return _values(value)


def _pictures(paper: Paper) -> dict[str, Any]:
    return {"draft": paper.is_draft, "mark": None if paper.verified_at is None else qr_code(paper.verified_at)}

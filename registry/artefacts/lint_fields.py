"""The verdicts on one field of a contract."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from registry.artefacts.json_lines import Path
from registry.artefacts.lint_words import (
    CONTACT,
    CONTACT_FORMATS,
    GUESSED,
    NAME_FORMATS,
    OFFICE_FORMATS,
    PERSONAL_FORMATS,
    PERSONAL_NAMES,
    REFUSED_PATTERNS,
    RESTRICTED_FORMATS,
    SHORTENED,
    SPECIFIC_NAMES,
    in_full,
)
from schemas.contract import Severity

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_SHORT: Final = 3  # letters of a name that are an abbreviation rather than a word
_LONGEST_NAME: Final = 48  # of a field (schemas/attributes.py)
_LONGEST_DOC: Final = 2_000
_MANY: Final = 20  # words of an enum above which a code list is the better place
# The serial of an invented number: the civil registry and BKN do not issue these (docs/reference/contract.md).
_INVENTED: Final = {"nik": r"[0-9]{12}9[0-9]{3}", "no-kk": r"[0-9]{12}9[0-9]{3}", "nip": r"[0-9]{15}9[0-9]{2}"}


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict that still has a path instead of a line."""

    path: Path
    severity: Severity
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom a document is about, as its fields tell."""

    persons: bool  # any field tells who a person is
    in_office: bool  # its persons are civil servants or teachers: their names are not private

    @classmethod
    def of(cls, fields: Iterable[Mapping[str, Any]]) -> "Subject":
        known = list(fields)
        return cls(
            any(_is_personal(field, name_of(field)) for field in known),
            any(_format(field) in OFFICE_FORMATS and name_of(field) == _format(field) for field in known),
        )


def name_of(field: Any) -> str:
    """A field's name in short; what is no name, or no field, is ""."""
    name = field.get("name") if isinstance(field, dict) else None
    return name[:_LONGEST_NAME] if isinstance(name, str) else ""


def findings(field: Mapping[str, Any], path: Path, subject: Subject) -> Iterator[Finding]:
    """All that is said of one field of a document about `subject`."""
    name = name_of(field)
    yield from _of_name(name, (*path, "name"))
    yield from _of_doc(field, name, path)
    yield from _of_content(field, name, path)
    yield from _of_sensitivity(field, name, (*path, "sensitivity"), subject)
    yield from _of_example(field, name, path)
    words = field.get("enum")
    if isinstance(words, list) and len(words) > _MANY:
        text = f"{name}: lebih dari {_MANY} pilihan; pakai daftar kode (codes), agar kode baru bukan versi baru."
        yield Finding((*path, "enum"), Severity.WARN, "enum-panjang", text)


def needed_sensitivity(name: str, format_name: str | None, subject: Subject) -> str:
    """The most open that a field may be."""
    name = in_full(name)
    if format_name in NAME_FORMATS and subject.in_office:
        return "terbatas"
    if format_name in PERSONAL_FORMATS or PERSONAL_NAMES.search(name) or SPECIFIC_NAMES.search(name):
        return "pribadi"
    if subject.persons and (format_name in CONTACT_FORMATS or CONTACT.search(name)):
        return "pribadi"
    return "terbatas" if format_name in RESTRICTED_FORMATS else "umum"


def is_specific(name: str) -> bool:
    """Whether a field of this name is data spesifik (UU 27/2022, Pasal 4)."""
    return SPECIFIC_NAMES.search(in_full(name)) is not None


def _is_personal(field: Mapping[str, Any], name: str) -> bool:
    return _format(field) in PERSONAL_FORMATS or PERSONAL_NAMES.search(in_full(name)) is not None


def _format(field: Mapping[str, Any]) -> str | None:
    found = field.get("format")
    return found if isinstance(found, str) else None


def _of_name(name: str, path: Path) -> Iterator[Finding]:
    if not _NAME.fullmatch(name):
        text = f"Nama isian {name!r} bukan huruf kecil, digit, dan garis bawah."
        yield Finding(path, Severity.ERROR, "nama", text)
    for part in name.split("_"):
        if part in SHORTENED:
            text = f"Nama isian {name} memakai singkatan {part}; tulis {SHORTENED[part]}."
            yield Finding(path, Severity.WARN, "singkatan", text)


def _of_doc(field: Mapping[str, Any], name: str, path: Path) -> Iterator[Finding]:
    doc = field.get("doc")
    if not isinstance(doc, str) or not doc.strip():
        yield Finding(path, Severity.ERROR, "doc", f"{name}: keterangan (doc) belum ada.")
    elif doc.strip().lower() == name and len(name) <= _SHORT:
        yield Finding((*path, "doc"), Severity.WARN, "doc", f"{name}: keterangan hanya mengulang singkatan.")
    elif GUESSED in doc:
        yield Finding((*path, "doc"), Severity.WARN, "dugaan", f"{name}: masih dugaan; periksa, lalu hapus tandanya.")


def _of_content(field: Mapping[str, Any], name: str, path: Path) -> Iterator[Finding]:
    doc = field.get("doc")
    text = f"{name.replace('_', ' ')} {doc[:_LONGEST_DOC] if isinstance(doc, str) else ''}"
    for what, pattern in REFUSED_PATTERNS.items():
        if pattern.search(text):
            message = f"{name}: isi jenis {what} tidak diterima hub (UU 24/2013 Pasal 84; UU 27/2022)."
            yield Finding((*path, "name"), Severity.ERROR, f"isi-{what}", message)


def _of_sensitivity(field: Mapping[str, Any], name: str, path: Path, subject: Subject) -> Iterator[Finding]:
    order = ["umum", "terbatas", "pribadi"]
    said, needed = field.get("sensitivity"), needed_sensitivity(name, _format(field), subject)
    if said not in order:
        yield Finding(
            path, Severity.ERROR, "sensitivitas", f"{name}: sensitivitas belum disebut (umum, terbatas, pribadi)."
        )
    elif order.index(said) < order.index(needed):
        yield Finding(path, Severity.ERROR, "sensitivitas", f"{name}: disebut {said}, seharusnya {needed}.")
    if is_specific(name) and field.get("specific") is not True:
        text = f'{name}: data spesifik menurut UU 27/2022 Pasal 4; tambahkan "specific": true.'
        yield Finding(path, Severity.WARN, "spesifik", text)


def _of_example(field: Mapping[str, Any], name: str, path: Path) -> Iterator[Finding]:
    example = field.get("example")
    if example is None:
        yield Finding(path, Severity.WARN, "contoh", f"{name}: contoh buatan (example) belum ada.")
    pattern = _INVENTED.get(_format(field) or "")
    if pattern and isinstance(example, str) and example.isdigit() and not re.fullmatch(pattern, example):
        text = f"{name}: contoh harus nomor buatan (nomor urut berawal 9), jangan nomor orang."
        yield Finding((*path, "example"), Severity.ERROR, "contoh-orang", text)

"""What a field of a contract asks for, in words: the kind of its values, and what they must be. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

from base.indonesian import number
from schemas import code_lists
from schemas.contract import Field, Kind
from schemas.formats import FORMATS

KINDS: Final[Mapping[Kind, str]] = {
    Kind.STRING: "teks",
    Kind.INT: "bilangan bulat",
    Kind.LONG: "bilangan bulat",
    Kind.DOUBLE: "bilangan pecahan",
    Kind.BOOLEAN: "ya atau tidak",
    Kind.DATE: "tanggal (tttt-bb-hh)",
    Kind.TIMESTAMP: "waktu dengan zona (ISO 8601)",
    Kind.DECIMAL: "bilangan desimal",
}


def requirement(field: Field) -> str:
    """What a value of the field must be, in words."""
    parts: list[str] = []
    if field.format:
        found = FORMATS[field.format]
        parts.append(f"{found.label}: {found.expected}")
    if field.enum:
        parts.append(f"salah satu dari {', '.join(field.enum)}")
    if field.codes:
        parts.append(f"kode {code_lists.load(field.codes).title}")
    if field.pattern:
        parts.append(f"pola {field.pattern}")
    parts += [f"paling {word} {number(size)} karakter" for word, size in _lengths(field)]
    parts += [f"paling {word} {limit}" for word, limit in _limits(field)]
    if field.reference:
        parts.append(f"merujuk {field.reference.entity}.{field.reference.field}")
    return "; ".join(parts)


def _lengths(field: Field) -> Iterable[tuple[str, int]]:
    yield from ((w, n) for w, n in (("sedikit", field.min_length), ("banyak", field.max_length)) if n is not None)


def _limits(field: Field) -> Iterable[tuple[str, str]]:
    if field.minimum is not None:
        yield ("awal" if field.kind is Kind.DATE else "kecil"), str(field.minimum)
    if field.maximum is not None:
        yield ("akhir" if field.kind is Kind.DATE else "besar"), str(field.maximum)
    if field.maximum_today:
        yield "akhir", "hari ini"

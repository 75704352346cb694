"""How papers say what contracts, evidence and clocks say in signs. Pure."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from base import indonesian
from base.freshness import promise
from base.titles import human
from schemas.contract import Contract, Field, OnMissing, Sensitivity, Severity
from schemas.requirements import KINDS
from sop.papers.dossier import Dossier, Interchange
from sop.papers.parts import GAP, Column, Signature, Table

SENSITIVITIES: Final = {
    Sensitivity.UMUM: "umum",
    Sensitivity.TERBATAS: "terbatas",
    Sensitivity.PRIBADI: "pribadi",
}
ON_MISSING: Final = {OnMissing.PARK: "ditunda sampai rujukan ada", OnMissing.WARN: "diterima dengan peringatan"}
EFFECTS: Final = {Severity.ERROR: "dikembalikan", Severity.WARN: "diterima dengan peringatan"}
SURVIVORSHIP: Final = {"priority": "prioritas", "latest": "terbaru", "longest": "terpanjang"}
NONE: Final = "–"
GUARDIAN: Final = "Kepala Bidang Aptika"
TEAM: Final = "Ketua Tim Teknis Data Center"
_ROMAN: Final = ((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))


def roman(number: int) -> str:
    """4 → "IV"; up to the few sections that a paper has."""
    text = ""
    for value, sign in _ROMAN:
        while number >= value:
            text, number = text + sign, number - value
    return text


def title_of(interchange: Interchange) -> str:
    """ "Peserta didik (disdik.peserta-didik)"."""
    return f"{human(interchange.name.partition('.')[2])} ({interchange.name})"


def listed(names: Iterable[str]) -> str:
    """ "gtk, sekolah"; a dash for none."""
    return ", ".join(names) or NONE


def length_of(duration: str) -> str:
    """A span of a contract in words; a day is a day here, not the working day of a promise."""
    return "1 hari" if duration == "P1D" else promise(duration)


def sensitivity_of(field: Field) -> str:
    """How open a field is; *data spesifik* of UU 27/2022 is told."""
    word = SENSITIVITIES[field.sensitivity]
    return f"{word}, data spesifik" if field.specific else word


def kind_of(field: Field) -> str:
    """The kind of a field's values, with what the database makes of decimals."""
    if field.precision is not None:
        return f"{KINDS[field.kind]} ({field.precision},{field.scale or 0})"
    return KINDS[field.kind]


def key_of(contract: Contract, field: Field) -> str:
    """Whether a field is part of the key, or names another record."""
    if field.name in contract.key:
        return "kunci utama"
    return "rujukan" if field.reference else NONE


def reference_of(field: Field) -> str:
    """What a field refers to, and what happens when that is not there."""
    if field.reference is None:
        return NONE
    found = field.reference
    return f"{found.entity}.{found.field} ({ON_MISSING[found.on_missing]})"


def day_of(on: date | str | None) -> str:
    """A day, also as an event's details have it ("2026-01-05"); a gap where it is not known."""
    if on is None:
        return GAP
    return indonesian.day(date.fromisoformat(on) if isinstance(on, str) else on)


def share(part: int, whole: int) -> str:
    """ "98,5 %"; a dash of nothing."""
    return NONE if whole == 0 else f"{indonesian.decimal(100 * part / whole, 1)} %"


def tallies(title: str, interchanges: Iterable[Interchange], *, sandbox: bool) -> Table:
    """Events by final state, one row for each document."""
    rows = []
    for each in interchanges:
        found = each.sandbox if sandbox else each.production
        counts = (found.records, found.accepted, found.known, found.parked, found.dead)
        rows.append((each.name, *map(indonesian.number, counts)))
    heads = ("Diterima hub", "Tergabung", "Sudah dikenal", "Ditunda", "Dikembalikan")
    columns = (Column("Dokumen", 2.4, code=True), *(Column(head, 1.5, right=True) for head in heads))
    return Table(title, columns, tuple(rows))


def of_office(dossier: Dossier, office: str, name: str = GAP) -> Signature:
    """Who signs for the Walidata."""
    return Signature((dossier.place_and_date, f"{office},", dossier.walidata), name)


def of_agency(dossier: Dossier, office: str) -> Signature:
    """Who signs for the agency whose case it is."""
    return Signature(("Mengetahui,", f"{office},", dossier.opd))

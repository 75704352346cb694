"""Conflicts for the pages: two sides line by line as somebody may see them, and what is said of them. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from base import indonesian
from dashboard.record_reading import title
from hub_db.conflicts.causes import Kind
from hub_db.conflicts.reading import Choice, Conflict, Count, Follows, State
from identity.masking import Shown, Viewer, shown
from schemas.contract import Contract, Field
from schemas.names import FieldName

KINDS: Final[Mapping[Kind, str]] = {
    Kind.AGREE: "Isian berbeda",
    Kind.TWO_PERSONS: "Satu kunci, dua orang",
    Kind.CHECK: "Aturan antardata",
    Kind.DUPLICATE: "Dugaan ganda",
    Kind.VERSION: "Satu versi, dua isi",
    Kind.NEW_PERSON: "Kunci berpindah orang",
}
SIDES: Final[Mapping[Kind, tuple[str, str]]] = {  # where both sides are one source
    Kind.VERSION: ("isi yang berlaku", "isi lain, versi yang sama"),
    Kind.NEW_PERSON: ("sebelumnya", "sekarang"),
}
STATES: Final[Mapping[State, tuple[str, str, str]]] = {  # look, shape, word
    State.OPEN: ("bad", "late", "Menunggu keputusan"),
    State.ASKED: ("wait", "clock", "Menunggu OPD"),
    State.DECIDED: ("ok", "ok", "Diputus"),
    State.ENDED: ("known", "known", "Berakhir sendiri"),
}
HINTS: Final[Mapping[str, str]] = {
    "nama.ejaan": "kedua nama sama bila ejaan dan singkatan seperti MOH. disamakan",
    "nama.mirip": "kedua nama hampir sama, mungkin salah ketik",
    "nama.lain": "kedua nama tidak mirip",
    "tanggal.tertukar": "hari dan bulan tertukar",
    "tanggal.satu-bagian": "hanya hari, bulan, atau tahunnya yang berbeda",
    "tanggal.lain": "lebih dari satu bagian tanggalnya berbeda",
    "nama.sama": "nama sama, gelar dan ejaan disamakan",
    "lahir.sama": "lahir pada tanggal yang sama",
    "lahir.tertukar": "hari dan bulan lahir tertukar",
    "lahir.satu-bagian": "hanya hari, bulan, atau tahun lahirnya yang berbeda",
    "ibu.sama": "nama ibu sama",
    "ibu.mirip": "nama ibu hampir sama",
    "tempat.sama": "tempat lahir sama",
    "desa.sama": "tinggal di desa yang sama",
    "kk.sama": "pada kartu keluarga yang sama",
    "nik.a": "digit 7–12 NIK cocok dengan A",
    "nik.b": "digit 7–12 NIK cocok dengan B",
    "versi.hapus": "salah satunya penghapusan; baris yang berisi didahulukan",
}
ACTS: Final[Mapping[str, str]] = {
    "opened": "Ditemukan",
    "changed": "Nilainya berubah",
    "reopened": "Dibuka kembali",
    "stands": "Keputusan tetap berlaku, nilainya sama",
    "ended": "Berakhir sendiri, sebabnya hilang",
    "decided": "Diputus",
    "taken_back": "Keputusan ditarik kembali",
}
CHOICES: Final[Mapping[Choice, str]] = {
    Choice.A: "Pakai A",
    Choice.B: "Pakai B",
    Choice.DIFFERENT: "Bukan yang sama",
    Choice.ASK: "Tanyakan kepada OPD",
}
OF_DUPLICATES: Final[Mapping[Choice, str]] = {
    Choice.A: "Satu orang, pakai A",
    Choice.B: "Satu orang, pakai B",
    Choice.DIFFERENT: "Dua orang",
    Choice.ASK: CHOICES[Choice.ASK],
}
OF_VERSIONS: Final[Mapping[Choice, str]] = {
    Choice.A: "Pakai yang berlaku",
    Choice.ASK: CHOICES[Choice.ASK],
}
OF_NEW_PERSONS: Final[Mapping[Choice, str]] = {
    Choice.A: "Orang yang lama",
    Choice.B: "Orang yang baru",
    Choice.ASK: CHOICES[Choice.ASK],
}
NOT_SENT: Final = "tidak dikirim"
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Line:
    """One field with what both sides say: None where a side says nothing, "" where the viewer may not see it."""

    title: str
    a: str | None
    b: str | None
    differs: bool
    masked: bool
    now: str | None = None  # whose value the record has: a, b, both, neither


@dataclass(frozen=True, slots=True)
class Effect:
    """What a decision in force does to one field of the record."""

    title: str
    before: str
    now: str
    applied: bool


def lines(
    found: Conflict, contracts: Mapping[str, Contract], viewer: Viewer, follows: Sequence[Follows] = ()
) -> list[Line]:
    """The fields of both sides, the one in question marked; what the viewer may not see at all is left out."""
    record = {each.field: each.now for each in follows}
    a, b = contracts.get(found.source_a), contracts.get(found.source_b)
    told: list[Line] = []
    about = {*found.about.split(","), *found.shown.get("differs", ())}
    names = dict.fromkeys([*found.shown.get("a", {}), *found.shown.get("b", {})])
    for name in names:
        field = _field(name, a, b)
        sides = (_said(found, "a", name, a, viewer), _said(found, "b", name, b, viewer))
        if field is None or all(each in (None, "") for each in sides):
            continue
        masked = name in found.shown.get("masked", ())
        told.append(Line(title(field), *sides, differs=name in about, masked=masked, now=record.get(name)))
    return sorted(told, key=lambda line: not line.differs)


def heading(found: Conflict, contracts: Mapping[str, Contract]) -> str:
    """What it is, in a few words."""
    contract = contracts.get(found.source_b)
    if found.kind is Kind.AGREE:
        field = _field(found.about, contracts.get(found.source_a), contract)
        return f"{title(field) if field else found.about} berbeda"
    if found.kind is Kind.CHECK and contract is not None:
        rule = next((each for each in contract.checks if each.name == found.about), None)
        return rule.message.rstrip(".") if rule else found.about
    return KINDS[found.kind]


def sort_of(count: Count) -> str:
    """A sort of conflicts in a few words: "penduduk, nama"."""
    about = count.about.replace(",", " dan ").replace("_", " ")
    return f"{count.entity}, {about}" if about else count.entity


def choices(found: Conflict) -> Mapping[Choice, str]:
    """What there is to decide."""
    match found.kind:
        case Kind.DUPLICATE:
            return OF_DUPLICATES
        case Kind.VERSION:
            return OF_VERSIONS
        case Kind.NEW_PERSON:
            return OF_NEW_PERSONS
        case Kind.AGREE | Kind.TWO_PERSONS | Kind.CHECK:
            return CHOICES


def hints(found: Conflict) -> list[str]:
    """What may be said of the values without telling them."""
    return [HINTS[each] for each in found.hints if each in HINTS]


def consequences(found: Conflict, names: Mapping[str, str], follows: Sequence[Follows] = ()) -> dict[Choice, str]:
    """What each decision brings about."""
    a, b = (names.get(opd, opd) for opd in found.opds)
    if found.kind is Kind.DUPLICATE:
        return {
            Choice.A: f"{b} diminta menandai nomor B sebagai ganda.",
            Choice.B: f"{a} diminta menandai nomor A sebagai ganda.",
            Choice.DIFFERENT: "Keduanya tetap ada; pasangan ini tidak ditanyakan lagi.",
            Choice.ASK: f"Permintaan pemeriksaan kepada {b}, 5 hari kerja.",
        }
    if found.kind is Kind.VERSION:
        return {
            Choice.A: f"Isi A tetap berlaku. {a} diberi tahu, agar mengirim nomor versi baru bila B yang benar.",
            Choice.ASK: f"{a} diminta mengirim isi yang benar dengan nomor versi baru, 5 hari kerja.",
        }
    if found.kind is Kind.NEW_PERSON:
        return {
            Choice.A: f"{a} diminta memperbaiki datanya; sampai itu isi sekarang tetap tampil.",
            Choice.B: "Isi sekarang benar; hal ini selesai.",
            Choice.ASK: f"Permintaan pemeriksaan kepada {a}, 5 hari kerja.",
        }
    if found.kind is Kind.CHECK:
        return {
            Choice.A: f"Data {a} dinilai benar. {b} diminta memperbaiki datanya.",
            Choice.B: f"Data {b} dinilai benar. {a} diminta memperbaiki datanya.",
            Choice.DIFFERENT: f"{b} diminta memperbaiki kuncinya.",
            Choice.ASK: f"Permintaan perbaikan kepada {b}, 5 hari kerja.",
        }
    now = {each.now for each in follows}
    return {
        Choice.A: f"{_takes('A', now == {'a'})} {b} diminta memperbaiki datanya.",
        Choice.B: f"{_takes('B', now == {'b'})} {a} diminta memperbaiki datanya.",
        Choice.DIFFERENT: f"{_takes('A', now == {'a'})} {b} diminta memperbaiki kuncinya.",
        Choice.ASK: f"Data Induk belum berubah. Permintaan perbaikan kepada {b}, 5 hari kerja.",
    }


def effects(
    found: Conflict, follows: Sequence[Follows], contracts: Mapping[str, Contract], names: Mapping[str, str]
) -> list[Effect]:
    """What the decision in force does to the record, field by field."""
    sides = {
        "a": f"nilai A ({names.get(found.opds[0], found.opds[0])})",
        "b": f"nilai B ({names.get(found.opds[1], found.opds[1])})",
        "both": "nilai yang sama pada A dan B",
        "neither": "nilai sumber lain",
        None: "kosong",
    }
    told: list[Effect] = []
    for each in follows:
        field = _field(each.field, contracts.get(found.source_a), contracts.get(found.source_b))
        if each.ruled is not None and field is not None:
            applied = each.now in (each.ruled, "both")
            told.append(Effect(title(field), sides[each.before], sides[each.ruled], applied))
    return told


def _takes(letter: str, already: bool) -> str:  # noqa: FBT001
    return f"Data Induk {'tetap memakai' if already else 'beralih ke'} nilai {letter}."


def _said(found: Conflict, side: str, name: str, contract: Contract | None, viewer: Viewer) -> str | None:
    values = found.shown.get(side, {})
    if contract is None or values.get(name) is None:
        return None
    if shown(contract, viewer).get(FieldName(name), Shown.HIDDEN) is Shown.HIDDEN:
        return ""
    text = str(values[name])
    return indonesian.day(date.fromisoformat(text)) if _DAY.fullmatch(text) else text


def _field(name: str, *contracts: Contract | None) -> Field | None:
    fields: Sequence[Field | None] = [each.by_name.get(FieldName(name)) for each in contracts if each is not None]
    return next((field for field in fields if field is not None), None)

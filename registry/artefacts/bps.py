"""Statistical metadata for BPS as a workbook: MS-Kegiatan (one row per document) and MS-Variabel (one per field).

The terms are those of Perpres 39/2019 (Standar Data: konsep, definisi, klasifikasi, ukuran, satuan). The columns follow
the two forms as they are commonly filled in; they were not held against the annex of BPS's regulation, so the sheet
`Catatan` says what a person has to look at before it is handed in. What the contract does not know stays marked.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from base.titles import human
from registry.artefacts.edition import Edition, promise
from registry.artefacts.workbook import Cell, Sheet, workbook
from schemas import code_lists
from schemas.contract import Field, Kind, Sensitivity
from schemas.expressions import names
from schemas.requirements import KINDS, requirement

ASK: Final = "(diisi Produsen Data)"
_ACTIVITY: Final = (
    "Kode dokumen",
    "Judul kegiatan",
    "Instansi penyelenggara",
    "Unit penanggung jawab",
    "Unit pengganti",
    "Narahubung",
    "Cara pengumpulan data",
    "Latar belakang dan tujuan",
    "Dasar hukum",
    "Frekuensi pemutakhiran",
    "Tahun kegiatan",
    "Rekomendasi BPS",
    "Cakupan wilayah",
    "Unit observasi (Data Induk)",
    "Kunci",
    "Banyak variabel",
    "Sifat data",
    "Walidata",
)
_VARIABLE: Final = (
    "Kode dokumen",
    "Nama variabel",
    "Alias",
    "Konsep",
    "Definisi",
    "Klasifikasi (Kode Referensi)",
    "Ukuran",
    "Satuan",
    "Referensi waktu",
    "Tipe data",
    "Wajib diisi",
    "Klasifikasi isian",
    "Aturan validasi",
    "Merujuk Data Induk",
    "Dapat diakses umum",
)
_UNITS: Final = {"kg": "kilogram", "cm": "sentimeter", "km2": "kilometer persegi", "m2": "meter persegi"}
_NOTES: Final = (
    ("Asal", "Lembar ini dibuat dari kontrak Dokumen Pertukaran; isian bertanda " + ASK + " tidak ada di dalamnya."),
    ("Kolom", "Susunan kolom mengikuti MS-Kegiatan dan MS-Variabel; belum dicocokkan dengan lampiran Peraturan BPS."),
    ("Konsep", "Konsep diambil dari nama dan arti isian; Forum Satu Data dapat menetapkan rumusan lain."),
    ("Satuan", "Satuan diduga dari akhiran nama isian (_kg, _cm, _km2); mohon periksa yang kosong."),
    ("Akses", "'Ya' hanya bagi isian umum yang bukan data spesifik; data perseorangan tidak pernah umum."),
    ("MS-Indikator", "Tidak dibuat: dokumen memuat data dasar, bukan indikator."),
)


def bps_workbook(editions: Sequence[Edition]) -> bytes:
    """The metadata of these documents."""
    activities = [_activity(edition) for edition in editions]
    variables = [row for edition in editions for row in _variables(edition)]
    return workbook(
        [
            Sheet("MS-Kegiatan", _ACTIVITY, activities),
            Sheet("MS-Variabel", _VARIABLE, variables),
            Sheet("Catatan", ("Hal", "Keterangan"), _NOTES),
        ],
        title=f"Metadata statistik {editions[0].hub.instance.nama}",
    )


def _activity(edition: Edition) -> Sequence[Cell]:
    contract = edition.contract
    return (
        contract.name,
        human(contract.document),
        edition.agency,
        contract.owner,
        contract.deputy or ASK,
        contract.contact,
        "Kompilasi produk administrasi",
        contract.doc,
        contract.legal_basis or ASK,
        promise(contract.freshness),
        ASK,
        ASK,
        edition.hub.instance.nama,
        human(contract.entity),
        ", ".join(contract.key),
        len(contract.fields),
        str(contract.sensitivity),
        edition.guardian,
    )


def _variables(edition: Edition) -> Iterator[Sequence[Cell]]:
    contract = edition.contract
    for field in contract.fields:
        yield (
            contract.name,
            human(field.name),
            field.name,
            human(field.name),
            field.doc,
            _classification(field),
            _measure(field),
            _unit(field),
            "Saat sumber diubah" if field.name == "sumber_diubah" else "Keadaan pada sumber_diubah",
            KINDS[field.kind],
            "Tidak" if field.nullable else "Ya",
            ", ".join(field.enum or ()),
            "; ".join(part for part in (requirement(field), *_rules(edition, field)) if part),
            f"{field.reference.entity}.{field.reference.field}" if field.reference else "",
            "Ya" if field.sensitivity is Sensitivity.UMUM and not field.specific else "Tidak",
        )


def _rules(edition: Edition, field: Field) -> Iterator[str]:
    for rule in (*edition.contract.rules, *edition.contract.checks):
        if field.name in names(rule.expression):
            yield rule.message.rstrip(".")


def _classification(field: Field) -> str:
    if field.codes:
        found = code_lists.load(field.codes)
        return f"{found.title} ({found.source})"
    return "Pilihan dalam kontrak" if field.enum else ""


def _measure(field: Field) -> str:
    """What of a thing is told: a number is counted or measured, all else tells of a quality."""
    match field.kind:
        case Kind.INT | Kind.LONG:
            return "Cacah"
        case Kind.DOUBLE | Kind.DECIMAL:
            return "Ukur"
        case _:
            return "Kategori atau uraian"


def _unit(field: Field) -> str:
    if field.format in {"lintang", "bujur"}:
        return "derajat"
    suffix = field.name.rpartition("_")[2]
    if field.kind in {Kind.INT, Kind.LONG, Kind.DOUBLE, Kind.DECIMAL}:
        return _UNITS.get(suffix, ASK)
    return "tidak ada"

"""*Laporan Hasil Validasi*: what the OPD's own check and the reconciliation have shown; stage 9, from 6 and 8."""

from base import indonesian
from base.freshness import promise
from sop.events import Kind
from sop.papers import proofs
from sop.papers.dossier import Dossier
from sop.papers.parts import Column, Paragraph, Points, Section, Signatures, Table
from sop.papers.unit_tests import faults
from sop.papers.words import NONE, TEAM, of_agency, of_office, share, tallies

TESTED, CHECKED, REPORTED = 6, 8, 9


def sections(dossier: Dossier) -> tuple[Section, ...]:
    """Basis, method, comparison, quality, what does not match, recommendation, approval."""
    return (
        Section("1. Dasar", (Points(_bases(dossier), numbered=True),)),
        Section("2. Metode", (Points(_METHOD),)),
        Section("3. Hasil Pencocokan Jumlah dan Isi", (proofs.table(dossier, CHECKED),)),
        Section("4. Kualitas Data", (_quality(dossier), Points(_MEANING))),
        Section(
            "5. Ketidakpadanan",
            (faults(dossier, sandbox=True), tallies("Kejadian di tempat uji", dossier.interchanges, sandbox=True)),
        ),
        Section("6. Rekomendasi", (Paragraph(_advice(dossier)),)),
        Section(
            "7. Pengesahan",
            (Signatures((of_agency(dossier, "Kepala"), of_office(dossier, TEAM))),),
        ),
    )


_METHOD = (
    "Uji kesesuaian dijalankan instansi dari mesin dan kredensialnya sendiri terhadap tempat uji.",
    "Jumlah baris dan sidik isi di pusat pertukaran data dicocokkan dengan sumber.",
    "Setiap kejadian diperiksa menurut kontraknya; yang tidak sesuai dikembalikan beserta alasannya.",
)
_MEANING = (
    "Lengkap: atribut wajib terisi pada setiap kejadian yang tergabung, sebab kontrak mengembalikan yang kosong.",
    "Valid: bagian kejadian yang lolos seluruh aturan kontrak, dari yang diterima hub.",
    "Unik: satu baris per kunci; kejadian yang sudah dikenal tidak mengubah apa pun.",
    "Tepat waktu: menurut janji kemutakhiran pada kontrak.",
)


def _bases(dossier: Dossier) -> tuple[str, ...]:
    sop, request = dossier.instance.sop, dossier.last(Kind.SUBMITTED)
    letter = f"Surat permohonan {dossier.opd} nomor {request.detail['letter']}" if request else "Surat permohonan"
    return (
        f"SOP {sop.judul}, Nomor {sop.nomor}, tanggal {indonesian.day(sop.tanggal)}",
        letter,
        "Dokumen Rumusan Integrasi Data",
        "Unit Tes Integrasi Aplikasi",
    )


def _quality(dossier: Dossier) -> Table:
    columns = (
        Column("Dokumen", 2, code=True),
        Column("Valid", 0.9, right=True),
        Column("Dikembalikan", 1.3, right=True),
        Column("Ditunda", 1, right=True),
        Column("Sudah dikenal", 1, right=True),
        Column("Janji kemutakhiran", 1.5),
    )
    rows = []
    for each in dossier.interchanges:
        found = each.sandbox
        valid = found.records - found.dead
        shares = (share(part, found.records) for part in (valid, found.dead, found.parked, found.known))
        rows.append((each.name, *shares, promise(each.contract.freshness) if each.contract else NONE))
    return Table("", columns, tuple(rows))


def _advice(dossier: Dossier) -> str:
    lacking = proofs.lacking(dossier, (TESTED, CHECKED))
    if lacking:
        return f"Validasi dilanjutkan: {lacking} hasil tahap 6 dan 8 belum terlihat."
    return "Hasil tahap 6 dan 8 lengkap; integrasi direkomendasikan dibuka di produksi sebagai pratinjau (tahap 10)."

"""*Unit Tes Integrasi Aplikasi*: what the sandbox has shown; stage 6."""

from base import indonesian
from schemas.names import TopicName
from schemas.sandbox import SANDBOX, is_sandbox
from sop.papers import proofs
from sop.papers.dossier import Dossier, Fault
from sop.papers.parts import Column, Facts, Paragraph, Points, Section, Signature, Signatures, Table
from sop.papers.words import NONE, listed, of_agency, of_office, tallies, title_of

STAGE = 6


def sections(dossier: Dossier) -> tuple[Section, ...]:
    """Scope, surroundings, cases and results, figures, findings, conclusion."""
    return (
        Section("1. Lingkup", (_scope(dossier),)),
        Section("2. Lingkungan Uji", (_surroundings(dossier),)),
        Section("3. Skenario dan Hasil", (proofs.table(dossier, STAGE),)),
        Section("4. Ringkasan Data", (tallies("", dossier.interchanges, sandbox=True),)),
        Section("5. Temuan dan Tindak Lanjut", (faults(dossier, sandbox=True),)),
        Section("6. Simpulan", (Paragraph(_conclusion(dossier)), Signatures(_who(dossier)))),
    )


def _scope(dossier: Dossier) -> Points:
    return Points(tuple(f"{title_of(each)}: kontrak {each.standing}" for each in dossier.interchanges))


def _surroundings(dossier: Dossier) -> Facts:
    attempt = proofs.newest_attempt(dossier, STAGE)
    began = indonesian.day(attempt.entered) if attempt and attempt.entered else "belum dimulai"
    return Facts(
        (
            ("Tempat uji", "pusat pertukaran data, terpisah dari produksi; hanya data buatan"),
            ("Topik", listed(f"{SANDBOX}{each.name}" for each in dossier.interchanges)),
            ("Tahap 6 dimulai", began),
            ("Putaran", str(attempt.round) if attempt else NONE),
        )
    )


def faults(dossier: Dossier, *, sandbox: bool) -> Table:
    """Returned events by reason, and what became of them."""
    columns = (
        Column("Topik", 2, code=True),
        Column("Alasan", 1.4, code=True),
        Column("Kolom", 1.5, code=True),
        Column("Seharusnya", 2.6),
        Column("Jumlah", 0.9, right=True),
        Column("Selesai", 0.9, right=True),
    )
    found = [each for each in dossier.faults if is_sandbox(TopicName(each.topic)) is sandbox]
    return Table("", columns, tuple(map(_line, found)), empty="Tidak ada data yang dikembalikan.")


def _line(fault: Fault) -> tuple[str, ...]:
    counts = (indonesian.number(fault.count), indonesian.number(fault.settled))
    return (fault.topic, fault.code, fault.field or NONE, fault.expected, *counts)


def _conclusion(dossier: Dossier) -> str:
    lacking = proofs.lacking(dossier, (STAGE,))
    if lacking:
        return f"Pengujian belum lengkap: {lacking} dari hasil yang diharapkan belum terlihat."
    return "Seluruh hasil yang diharapkan telah terlihat; integrasi siap disampaikan kepada instansi untuk dicek."


def _who(dossier: Dossier) -> tuple[Signature, Signature]:
    return (of_agency(dossier, "Pejabat yang menangani"), of_office(dossier, "Tim Teknis Data Center"))

"""*Dokumen Integrasi Aplikasi*: which application, what data it gives and needs, how much, how open; stages 2 and 3."""

from collections import Counter

from base import indonesian
from base.freshness import promise
from schemas.contract import Sensitivity
from sop.papers import structure
from sop.papers.dossier import Access, Dossier, Interchange
from sop.papers.parts import GAP, Column, Facts, Paragraph, Points, Section, Signatures, Table
from sop.papers.words import NONE, SENSITIVITIES, TEAM, listed, of_agency, of_office, tallies, title_of

UNKNOWN = "belum dirancang"


def sections(dossier: Dossier) -> tuple[Section, ...]:
    """Sections I to VI, who signs, and the structure of each document."""
    return (
        Section("I. Identitas Aplikasi", (_identity(dossier),)),
        Section("II. Tujuan dan Dasar Hukum", _purpose(dossier)),
        Section("III. Data yang Disediakan", (_given(dossier),)),
        Section("IV. Data yang Dibutuhkan", _needed(dossier)),
        Section("V. Volume dan Frekuensi", _volume(dossier)),
        Section("VI. Klasifikasi Keamanan", (_classes(dossier),)),
        Section("", (Signatures((of_agency(dossier, "Kepala"), of_office(dossier, TEAM))),)),
        *structure.attachments(dossier),
    )


def _identity(dossier: Dossier) -> Facts:
    contact = dossier.contact
    called = f"{contact.name}, {contact.phone}" if contact and contact.is_filled else "tercatat pada permohonan"
    return Facts(
        (
            ("Nama aplikasi", listed(dossier.systems) if dossier.systems else GAP),
            ("Pengelola", dossier.opd),
            ("Narahubung (contact person)", called),
            ("Teknologi", GAP),
            ("Lokasi server", GAP),
        )
    )


def _purpose(dossier: Dossier) -> tuple[Paragraph | Points, ...]:
    sop = dossier.instance.sop
    bases = [f"{each.name}: {each.contract.legal_basis}" for each in _known(dossier) if each.contract.legal_basis]  # type: ignore[union-attr]
    return (
        Paragraph(
            f"Data {dossier.opd} dipertukarkan melalui satu pusat pertukaran data sehingga data yang sama tidak "
            "dikumpulkan dua kali dan Data Induk daerah selalu mutakhir."
        ),
        Points((f"SOP {sop.judul}, Nomor {sop.nomor}, tanggal {indonesian.day(sop.tanggal)}", *bases), numbered=True),
    )


def _given(dossier: Dossier) -> Table:
    columns = (
        Column("Dokumen pertukaran", 2.4),
        Column("Isi", 3),
        Column("Data Induk", 1.4, code=True),
        Column("Kunci", 1.4, code=True),
        Column("Kolom", 0.8, right=True),
    )
    rows = []
    for each in dossier.interchanges:
        found = each.contract
        if found is None:
            rows.append((title_of(each), UNKNOWN, NONE, NONE, NONE))
        else:
            size = indonesian.number(len(found.fields))
            rows.append((title_of(each), found.doc, str(found.entity), listed(found.key), size))
    return Table("", columns, tuple(rows))


def _needed(dossier: Dossier) -> tuple[Table, ...]:
    references = sorted(
        {
            (field.reference.entity, field.reference.field, each.name)
            for each in _known(dossier)
            for field in each.contract.fields  # type: ignore[union-attr]
            if field.reference
        }
    )
    columns = (Column("Data Induk yang dirujuk", 2, code=True), Column("Oleh dokumen", 2, code=True))
    named = tuple((f"{entity}.{field}", name) for entity, field, name in references)
    return (
        Table("Rujukan dokumen di atas", columns, named),
        accesses("Data yang dibaca berdasarkan Hak Akses", dossier, dossier.readings),
    )


def accesses(title: str, dossier: Dossier, found: tuple[Access, ...]) -> Table:
    """Grants: reader, data, fields, purpose, agreement and end."""
    columns = (
        Column("Pembaca", 1.8),
        Column("Data Induk", 1.3, code=True),
        Column("Kolom", 3, code=True),
        Column("Tujuan", 2),
        Column("PKS", 1.1),
        Column("Berlaku sampai", 1.2),
    )
    rows = tuple(
        (
            dossier.agency(each.reader),
            each.entity,
            listed(each.fields),
            each.purpose,
            each.agreement or NONE,
            indonesian.day(each.until),
        )
        for each in found
    )
    return Table(title, columns, rows)


def _volume(dossier: Dossier) -> tuple[Table, ...]:
    columns = (
        Column("Dokumen", 2, code=True),
        Column("Janji kemutakhiran", 1.5),
        Column("Jumlah baris di sumber", 1.5),
    )
    rows = tuple(
        (each.name, promise(each.contract.freshness) if each.contract else UNKNOWN, GAP)
        for each in dossier.interchanges
    )
    return (Table("", columns, rows), tallies("Kejadian yang telah diterima", dossier.interchanges, sandbox=False))


def _classes(dossier: Dossier) -> Table:
    columns = (
        Column("Dokumen", 2, code=True),
        Column("Tingkat dokumen", 1.3),
        *(Column(f"Kolom {word}", 1, right=True) for word in SENSITIVITIES.values()),
        Column("Data spesifik", 1, right=True),
    )
    rows: list[tuple[str, ...]] = []
    for each in dossier.interchanges:
        if each.contract is None:
            rows.append((each.name, UNKNOWN, NONE, NONE, NONE, NONE))
            continue
        fields = each.contract.fields
        counts = Counter(field.sensitivity for field in fields)
        specific = sum(field.specific for field in fields)
        figures = [*(counts[level] for level in Sensitivity), specific]
        rows.append((each.name, SENSITIVITIES[each.contract.sensitivity], *map(str, figures)))
    return Table("", columns, tuple(rows))


def _known(dossier: Dossier) -> list[Interchange]:
    return [each for each in dossier.interchanges if each.contract is not None]

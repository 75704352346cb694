"""*Struktur Database*: tables, columns, types, keys and synthetic examples, from the contract of each document."""

from collections.abc import Iterator

from base import indonesian
from schemas.requirements import requirement
from sop.papers.dossier import Dossier, Interchange
from sop.papers.parts import Column, Facts, Paragraph, Section, Table
from sop.papers.words import NONE, key_of, kind_of, listed, title_of

_COLUMNS = (
    Column("No", 0.5, right=True),
    Column("Kolom", 2.2, code=True),
    Column("Tipe", 1.5),
    Column("Kunci", 0.9),
    Column("Wajib", 0.7),
    Column("Ketentuan isi", 3),
    Column("Contoh sintetis", 1.8, code=True),
    Column("Keterangan", 2.6),
)


def sections(dossier: Dossier) -> tuple[Section, ...]:
    """The parts of the paper that holds nothing else."""
    return tuple(_attachments(dossier, "Tabel"))


def attachments(dossier: Dossier) -> tuple[Section, ...]:
    """The same behind another paper."""
    return tuple(_attachments(dossier, "Lampiran"))


def _attachments(dossier: Dossier, word: str) -> Iterator[Section]:
    for number, each in enumerate(dossier.interchanges, 1):
        yield _of_document(each, f"{word} {number}. Struktur Database {title_of(each)}")


def _of_document(interchange: Interchange, title: str) -> Section:
    contract = interchange.contract
    if contract is None:
        return Section(title, (Paragraph("Struktur dokumen ini belum dirancang di registri."),))
    about = Facts(
        (
            ("Isi", contract.doc),
            ("Data Induk", contract.entity),
            ("Kunci utama", listed(contract.key)),
            ("Jumlah kolom", indonesian.number(len(contract.fields))),
            ("Kontrak", interchange.standing),
        )
    )
    rows = tuple(
        (
            str(number),
            field.name,
            kind_of(field),
            key_of(contract, field),
            "tidak" if field.nullable else "ya",
            requirement(field) or NONE,
            field.example or NONE,
            field.doc,
        )
        for number, field in enumerate(contract.fields, 1)
    )
    return Section(title, (about, Table("", _COLUMNS, rows)), wide=True)

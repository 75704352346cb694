"""*Dokumen Rumusan Integrasi Data*: the contracts as both sides agreed upon them; stage 4."""

from collections.abc import Iterator

from base import indonesian
from base.freshness import promise
from schemas.contract import Contract
from schemas.requirements import requirement
from sop.events import Kind
from sop.papers.application import accesses
from sop.papers.dossier import Dossier, Interchange
from sop.papers.parts import Column, Facts, Paragraph, Points, Section, Signatures, Table
from sop.papers.words import (
    EFFECTS,
    NONE,
    SURVIVORSHIP,
    TEAM,
    kind_of,
    length_of,
    listed,
    of_agency,
    of_office,
    reference_of,
    sensitivity_of,
    share,
    title_of,
)

_SCENARIO = 3  # the stage at which both sides agree
_OF_OPD = (
    "menerbitkan perubahan data melalui jalur yang disepakati, sesuai kontrak dan janji kemutakhirannya;",
    "memperbaiki di sumbernya data yang dikembalikan, lalu mengirimkannya kembali;",
    "menjaga kredensial sistemnya dan segera melaporkan bila kredensial itu diketahui pihak lain;",
    "memberitahukan perubahan struktur sebelum perubahan itu berlaku.",
)
_OF_WALIDATA = (
    "memeriksa data yang masuk menurut kontrak, dan mengembalikan yang tidak sesuai beserta alasannya;",
    "menyediakan Data Induk dan mencatat asal setiap nilainya;",
    "memberikan data hanya kepada pembaca yang memiliki Hak Akses, selama Hak Akses itu berlaku;",
    "menjaga keamanan pusat pertukaran data dan mencatat setiap pembukaan data pribadi.",
)


def sections(dossier: Dossier) -> tuple[Section, ...]:
    """Sections I to VII and who signs."""
    return (
        Section("I. Kesepakatan Skenario", (_agreement(dossier),)),
        *_documents(dossier),
        Section("III. Aturan Validasi dan Prioritas Sumber", (_rules(dossier), _priorities(dossier))),
        Section("IV. Mekanisme Teknis", (_means(dossier), Points(_MECHANISM))),
        Section("V. Hak Akses dan Masa Berlaku", (accesses("", dossier, dossier.accesses),)),
        Section("VI. Tingkat Layanan", (_service(dossier),)),
        Section(
            "VII. Tanggung Jawab Para Pihak",
            (
                Paragraph(f"{dossier.opd} sebagai Produsen Data:"),
                Points(_OF_OPD, numbered=True),
                Paragraph(f"{dossier.walidata} sebagai Walidata:"),
                Points(_OF_WALIDATA, numbered=True),
            ),
        ),
        Section("", (Signatures((of_agency(dossier, "Kepala"), of_office(dossier, TEAM))),)),
    )


def _agreement(dossier: Dossier) -> Table:
    """Every word that was given at the scenario, with who gave it and when; taken back ones too."""
    titles = {each.code: each.title for each in dossier.procedure.at(_SCENARIO).evidence}
    rows = []
    for event in dossier.events:
        code = str(event.detail.get("evidence"))
        if event.kind is not Kind.EVIDENCE or event.stage != _SCENARIO or event.actor == "system":
            continue
        officer = dossier.officer(event.actor)
        said = titles.get(code, code) if event.met else f"{titles.get(code, code)}: ditarik kembali"
        rows.append((said, str(event.round), indonesian.moment(event.at, dossier.zone), officer.name, officer.office))
    columns = (
        Column("Pernyataan", 3),
        Column("Putaran", 0.8, right=True),
        Column("Waktu", 2),
        Column("Oleh", 1.6),
        Column("Jabatan", 1.8),
    )
    return Table("", columns, tuple(rows), empty="Belum ada pernyataan kesepakatan.")


_FIELDS = (
    Column("No", 0.5, right=True),
    Column("Atribut", 2.2, code=True),
    Column("Tipe", 1.5),
    Column("Format dan batas", 3.2),
    Column("Wajib", 0.7),
    Column("Sensitivitas", 1.2),
    Column("Rujukan", 2),
    Column("Keterangan", 2.6),
)


def _documents(dossier: Dossier) -> Iterator[Section]:
    for number, each in enumerate(dossier.interchanges, 1):
        title = f"II.{number} Dokumen Pertukaran {title_of(each)}"
        contract = each.contract
        if contract is None:
            yield Section(title, (Paragraph("Kontrak dokumen ini belum dirancang di registri."),))
            continue
        yield Section(title, (_head(each, contract), Table("", _FIELDS, _lines(contract))), wide=True)


def _head(interchange: Interchange, contract: Contract) -> Facts:
    return Facts(
        (
            ("Isi", contract.doc),
            ("Kontrak", interchange.standing),
            ("Kunci", listed(contract.key)),
            ("Pemilik dan wakil", f"{contract.owner}; {contract.deputy or NONE}"),
            ("Dasar hukum", contract.legal_basis or NONE),
        )
    )


def _lines(contract: Contract) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (
            str(number),
            field.name,
            kind_of(field),
            requirement(field) or NONE,
            "tidak" if field.nullable else "ya",
            sensitivity_of(field),
            reference_of(field),
            field.doc,
        )
        for number, field in enumerate(contract.fields, 1)
    )


def _rules(dossier: Dossier) -> Table:
    rows = []
    for contract in _contracts(dossier):
        rows += [(contract.name, each.name, each.message, EFFECTS[each.severity]) for each in contract.rules]
        rows += [(contract.name, each.name, each.message, "diterima, lalu Tidak Padan") for each in contract.checks]
    columns = (
        Column("Dokumen", 1.6, code=True),
        Column("Aturan", 1.8, code=True),
        Column("Bunyi", 3.2),
        Column("Bila dilanggar", 1.4),
    )
    return Table("Aturan", columns, tuple(rows), empty="Tidak ada aturan selain bentuk tiap atribut.")


def _priorities(dossier: Dossier) -> Table:
    columns = (
        Column("Dokumen", 2, code=True),
        Column("Data Induk", 1.4, code=True),
        Column("Prioritas", 0.9, right=True),
        Column("Dapat melahirkan data", 1.3),
        Column("Atribut dengan cara pilih sendiri", 2.4),
    )
    rows = []
    for contract in _contracts(dossier):
        chosen = [
            f"{field.name} ({SURVIVORSHIP.get(field.survivorship, field.survivorship)})"
            for field in contract.fields
            if field.survivorship != "priority"
        ]
        creates = "ya" if contract.may_create else "tidak"
        rows.append((contract.name, str(contract.entity), str(contract.priority), creates, listed(chosen)))
        rows += [(contract.name, str(feed.entity), str(feed.priority), "tidak", NONE) for feed in contract.feeds]
    return Table("Prioritas sumber (1 = pertama)", columns, tuple(rows))


_MECHANISM = (
    "Setiap perubahan dikirim sebagai satu kejadian Avro menurut skema di registri; penghapusan sebagai pesan kosong.",
    "Sistem masuk dengan nama dan kata sandi sendiri (SCRAM-SHA-512); haknya hanya atas topik instansinya.",
    "Percobaan dilakukan di tempat uji dengan data buatan; produksi dibuka setelah tahap 10.",
    "Instansi yang hanya dapat memakai HTTPS mengirim melalui layanan web pusat pertukaran data.",
)


def _means(dossier: Dossier) -> Table:
    columns = (
        Column("Dokumen", 1.6, code=True),
        Column("Topik produksi", 2, code=True),
        Column("Topik uji", 2, code=True),
        Column("Data dikembalikan", 2, code=True),
        Column("Subjek skema", 2.2, code=True),
    )
    rows = tuple(
        (each.name, each.topic, f"uji.{each.name}", each.dead_letter_topic, each.subject)
        for each in _contracts(dossier)
    )
    return Table("", columns, rows)


def _service(dossier: Dossier) -> Table:
    columns = (
        Column("Dokumen", 1.8, code=True),
        Column("Kemutakhiran", 1.3),
        Column("Lama ditunda", 1.6),
        Column("Masa simpan", 2),
        Column("Perubahan massal perlu persetujuan", 2),
    )
    rows = []
    for each in _contracts(dossier):
        kept = each.retention or {}
        retention = listed(
            f"{word} {length_of(kept[key])}"
            for word, key in (("kejadian", "events"), ("riwayat", "history"))
            if key in kept
        )
        parked = (
            f"{length_of(each.park_for)}, lalu {'dikembalikan' if each.park_then == 'reject' else 'diberi peringatan'}"
        )
        mass = (
            f"hapus > {share(round(each.mass_change_deletes * 1000), 1000)}, "
            f"ubah > {share(round(each.mass_change_changes * 1000), 1000)}"
        )
        rows.append((each.name, promise(each.freshness), parked, retention, mass))
    return Table("", columns, tuple(rows))


def _contracts(dossier: Dossier) -> list[Contract]:
    return [each.contract for each in dossier.interchanges if each.contract is not None]

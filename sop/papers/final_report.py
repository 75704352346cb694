"""*Laporan Hasil Integrasi Aplikasi*: how the case went, stage by stage, and what is exchanged now; stage 12."""

from collections.abc import Iterator

from base import indonesian
from base.freshness import promise
from sop import clock
from sop.case import Attempt
from sop.events import CASE_TITLES, STAGE_TITLES, CaseState, Event, Kind
from sop.papers.dossier import Dossier
from sop.papers.parts import Column, Facts, Paragraph, Points, Section, Signatures, Table
from sop.papers.words import GUARDIAN, NONE, day_of, of_office, tallies

LAWS = (
    "Peraturan Pemerintah Nomor 71 Tahun 2019 tentang Penyelenggaraan Sistem dan Transaksi Elektronik",
    "Peraturan Presiden Nomor 95 Tahun 2018 tentang Sistem Pemerintahan Berbasis Elektronik",
    "Peraturan Presiden Nomor 39 Tahun 2019 tentang Satu Data Indonesia",
    "Undang-Undang Nomor 27 Tahun 2022 tentang Pelindungan Data Pribadi",
)
_HINDRANCES = {
    Kind.RETURNED: "dikembalikan",
    Kind.REWORK: "catatan perbaikan",
    Kind.HELD: "ditahan",
    Kind.CORRECTED: "koreksi",
}


def sections(dossier: Dossier) -> tuple[Section, ...]:
    """Sections I to VII and the attachments."""
    return (
        Section("I. Pendahuluan", _introduction(dossier)),
        Section("II. Dasar Hukum", (Points(_laws(dossier), numbered=True),)),
        Section("III. Pelaksanaan per Tahap", (_stages(dossier),), wide=True),
        Section(
            "IV. Hasil Integrasi", (_result(dossier), tallies("Kejadian produksi", dossier.interchanges, sandbox=False))
        ),
        Section("V. Kendala dan Keterlambatan", (_hindrances(dossier), _late(dossier))),
        Section("VI. Rencana Pemutakhiran dan Pemantauan", (Points(_plan(dossier)),)),
        Section(
            "VII. Penutup",
            (
                Paragraph(_closing(dossier)),
                Signatures((of_office(dossier, GUARDIAN),)),
            ),
        ),
        Section("Lampiran. Daftar Berkas", (_papers(dossier),), wide=True),
    )


def _introduction(dossier: Dossier) -> tuple[Paragraph | Facts, ...]:
    case = dossier.case
    days = clock.days_by_holder(case, dossier.on, dossier.calendar)
    return (
        Paragraph(
            f"{dossier.opd} mengajukan permohonan integrasi {case.number} atas {len(case.documents)} dokumen "
            "pertukaran. Laporan ini disusun dari catatan sistem; setiap tahap ditegaskan pejabat yang berwenang."
        ),
        Facts(
            (
                ("Permohonan diterima", day_of(case.submitted_on)),
                ("Keadaan permohonan", CASE_TITLES[case.state]),
                ("Umur permohonan", _days(clock.age(case, dossier.on, dossier.calendar))),
                ("Hari di OPD", _days(days["opd"])),
                ("Hari di Kominfo", _days(days["kominfo"])),
                ("Hari ditahan", _days(days["held"])),
                ("Dikembalikan", f"{sum(case.returns.values())} kali"),
            )
        ),
    )


def _days(count: int) -> str:
    return f"{indonesian.number(count)} hari kerja"


def _laws(dossier: Dossier) -> tuple[str, ...]:
    sop = dossier.instance.sop
    return (*LAWS, f"SOP {sop.judul}, Nomor {dossier.case.decree}, tanggal {indonesian.day(sop.tanggal)}")


def _stages(dossier: Dossier) -> Table:
    columns = (
        Column("Tahap", 2.2),
        Column("Putaran", 0.7, right=True),
        Column("Mulai", 1.3),
        Column("Selesai", 1.3),
        Column("Tenggat", 1.3),
        Column("Hari kerja", 0.7, right=True),
        Column("Terlambat", 1, right=True),
        Column("Keadaan", 1.1),
        Column("Ditegaskan oleh", 2.8),
    )
    return Table("", columns, tuple(_stage(dossier, each) for each in dossier.attempts))


def _stage(dossier: Dossier, attempt: Attempt) -> tuple[str, ...]:
    on, calendar = dossier.on, dossier.calendar
    late = NONE
    if attempt.due is not None and clock.is_overdue(attempt, on):
        late = f"{calendar.working_days_between(attempt.due, attempt.ended or on)} hari"
    return (
        f"{attempt.stage}. {dossier.procedure.at(attempt.stage).label}",
        str(attempt.round),
        day_of(attempt.entered),
        indonesian.day(attempt.ended) if attempt.ended else NONE,
        day_of(attempt.due),
        str(clock.days_used(attempt, on, calendar)),
        late,
        STAGE_TITLES[attempt.state],
        _who(dossier, attempt),
    )


def _who(dossier: Dossier, attempt: Attempt) -> str:
    """Name and office of who ended the attempt; a delegate is shown as one."""
    if attempt.ended_by is None:
        return NONE
    officer = dossier.officer(attempt.ended_by)
    ended = (
        event for event in reversed(dossier.events) if event.stage == attempt.stage and event.round == attempt.round
    )
    acting = next((event.acting for event in ended if event.kind in (Kind.CONFIRMED, Kind.RETURNED)), None)
    office = f"{acting} {officer.office}" if acting else officer.office
    return f"{officer.name}, {office}" if office else officer.name


def _result(dossier: Dossier) -> Table:
    columns = (
        Column("Dokumen", 2, code=True),
        Column("Data Induk", 1.4, code=True),
        Column("Kontrak", 1.6),
        Column("Keadaan sumber", 1.2),
        Column("Kemutakhiran", 1.2),
    )
    rows = tuple(
        (
            each.name,
            str(each.contract.entity) if each.contract else NONE,
            each.standing,
            each.source_state or NONE,
            _freshness(dossier, each.name) if each.contract else NONE,
        )
        for each in dossier.interchanges
    )
    return Table("", columns, rows)


def _freshness(dossier: Dossier, name: str) -> str:
    if dossier.case.state not in (CaseState.LIVE, CaseState.CLOSED):
        return NONE
    return "tidak mutakhir" if name in dossier.case.stale else "mutakhir"


def _hindrances(dossier: Dossier) -> Table:
    columns = (
        Column("Tahap", 1.6),
        Column("Putaran", 0.9, right=True),
        Column("Tanggal", 1.6),
        Column("Peristiwa", 1.6),
        Column("Alasan", 4),
    )
    rows = tuple(
        (
            dossier.procedure.at(event.stage).label if event.stage else NONE,
            str(event.round or NONE),
            indonesian.day(event.on),
            _happened(event),
            event.reason or NONE,
        )
        for event in dossier.events
        if event.kind in _HINDRANCES
    )
    return Table("Kendala", columns, rows, empty="Tidak ada pengembalian, penahanan, atau catatan perbaikan.")


def _happened(event: Event) -> str:
    told = _HINDRANCES[event.kind]
    if event.kind is Kind.RETURNED:
        told = f"{told} ke tahap {event.returned_to}"
    return f"{told} (di luar alur SOP)" if event.detail.get("outside") else told


def _late(dossier: Dossier) -> Table:
    rows = tuple(
        (
            f"{each.stage}. {dossier.procedure.at(each.stage).label}",
            str(each.round),
            day_of(each.due),
            f"{dossier.calendar.working_days_between(each.due, each.ended or dossier.on)} hari kerja",
        )
        for each in dossier.attempts
        if each.due is not None and clock.is_overdue(each, dossier.on)
    )
    columns = (Column("Tahap", 3), Column("Putaran", 1, right=True), Column("Tenggat", 2), Column("Terlambat", 2))
    return Table("Keterlambatan", columns, rows, empty="Tidak ada tahap yang melewati tenggat.")


def _plan(dossier: Dossier) -> tuple[str, ...]:
    promised = tuple(
        f"{each.name}: dimutakhirkan paling lambat setiap {promise(each.contract.freshness)};"
        for each in dossier.interchanges
        if each.contract
    )
    return (
        *promised,
        "pusat pertukaran data memantau kemutakhiran, data yang dikembalikan, dan jumlah baris terhadap sumbernya;",
        "perubahan struktur yang tidak serasi diajukan sebagai permohonan baru yang merujuk permohonan ini.",
    )


def _closing(dossier: Dossier) -> str:
    if dossier.case.state in (CaseState.LIVE, CaseState.CLOSED):
        return "Integrasi dinyatakan sesuai dan aktif, serta terus dimutakhirkan. Demikian laporan ini dibuat."
    return (
        f"Permohonan {CASE_TITLES[dossier.case.state]}; laporan ini memuat keadaan sampai {indonesian.day(dossier.on)}."
    )


def _papers(dossier: Dossier) -> Table:
    columns = (
        Column("Tahap", 0.6, right=True),
        Column("Putaran", 0.7, right=True),
        Column("Berkas", 2.6),
        Column("Bentuk", 1.2),
        Column("Tanggal", 1.3),
        Column("Oleh", 1.6),
        Column("SHA-256", 4.4, code=True),
    )
    return Table("", columns, tuple(_lines_of_papers(dossier)), empty="Belum ada berkas.")


def _lines_of_papers(dossier: Dossier) -> Iterator[tuple[str, ...]]:
    found = [*dossier.case.past, *dossier.case.attempts.values()]
    for attempt in sorted(found, key=lambda each: (each.stage, each.round)):
        slots = dossier.procedure.at(attempt.stage).slots
        for slot, versions in attempt.papers.items():
            for paper in versions:
                yield (
                    str(attempt.stage),
                    str(attempt.round),
                    slots[slot].title,
                    "bertanda tangan" if paper.signed else "konsep",
                    indonesian.day(paper.at.astimezone(dossier.zone).date()),
                    dossier.officer(paper.by).name,
                    paper.sha256,
                )

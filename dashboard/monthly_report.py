"""The monthly report for the Kepala Dinas: on one page what lives, how fresh it is, and what is late. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from base import indonesian
from base.instance import Instance
from dashboard.case_board import Office
from dashboard.case_statistics import OfStage, Statistics
from sop import clock
from sop.case import Case
from sop.events import CaseState
from sop.papers.parts import Column, Facts, Letterhead, Paper, Section, Signature, Signatures, Table

CODE: Final = "laporan-bulanan"
_WORST: Final = 6  # delays that fit beside everything else on the page
_LONGEST_NAME: Final = 44  # characters
_DAYS: Final = "hari kerja"


@dataclass(frozen=True, slots=True)
class Month:
    """A month up to a day of it."""

    first: date
    last: date

    @classmethod
    def until(cls, on: date) -> "Month":
        """The month of a day, up to it."""
        return cls(on.replace(day=1), on)

    def holds(self, on: date | None) -> bool:
        return on is not None and self.first <= on <= self.last

    @property
    def title(self) -> str:
        """ "Mei 2026"."""
        return indonesian.day(self.last).split(" ", 1)[1]


def monthly_report(
    found: Sequence[Case], told: Statistics, office: Office, instance: Instance, arms: bytes | None = None
) -> Paper:
    """The page as of the office's day; always one page, whatever there is to tell. `told`: of the same cases."""
    month = Month.until(office.on)
    cases = [case for case in found if case.submitted_on is not None and case.submitted_on <= office.on]
    kop = instance.kop
    numbers = instance.nomor
    blank, place = "…………", f"{instance.ibu_kota}, ……………… {office.on.year}"
    return Paper(
        code=CODE,
        title="Laporan Bulanan Integrasi dan Pertukaran Data",
        subtitle=f"Keadaan {month.title}, sampai {indonesian.day(office.on)}",
        number=numbers.surat.format(klasifikasi=blank, urut=blank, unit=numbers.unit, tahun=office.on.year),
        case=month.title,
        on=office.on,
        letterhead=Letterhead(kop.baris, f"{kop.alamat} · Telepon {kop.telepon} · {kop.surel}", arms),
        sections=(
            Section("1. Angka Bulan Ini", (_figures(cases, office, month),)),
            Section("2. Keterlambatan Terberat", (_delays(cases, office),)),
            Section("3. Tempat Permohonan Menunggu", (_stages(told),)),
            Section("", (Signatures((Signature((place, "Kepala Bidang Aptika,")),)),)),
        ),
    )


def _figures(cases: Sequence[Case], office: Office, month: Month) -> Facts:
    live = [case for case in cases if case.state in (CaseState.LIVE, CaseState.CLOSED) and not case.is_retired]
    documents = [name for case in live for name in case.documents if name not in case.withdrawn]
    stale = sum(len(case.stale) for case in live)
    running = [case for case in cases if case.state in (CaseState.RUNNING, CaseState.HELD)]
    late = sum(case.current is not None and clock.is_overdue(case.current, office.on) for case in running)
    ended = [case for case in cases if month.holds(case.ended_on)]
    fresh = f"{len(documents) - stale} dari {len(documents)} dokumen"
    return Facts(
        (
            ("Permohonan baru", str(sum(month.holds(case.submitted_on) for case in cases))),
            ("Permohonan berakhir", str(len(ended))),
            ("Sedang berjalan", f"{len(running)}, {late} di antaranya terlambat"),
            ("Integrasi Aktif", f"{len(live)} permohonan dari {len({case.opd for case in live})} OPD"),
            ("Mutakhir sesuai janji", fresh if documents else "belum ada dokumen aktif"),
        )
    )


def _delays(cases: Sequence[Case], office: Office) -> Table:
    late = []
    for case in cases:
        attempt = case.current
        if attempt is not None and attempt.due is not None and clock.is_overdue(attempt, office.on):
            late.append((-(clock.days_left(attempt, office.on, office.calendar) or 0), case.number, case, attempt))
    late.sort(key=lambda each: (-each[0], each[1]))
    rows = tuple(
        (
            number,
            _shortened(office.agencies.get(case.opd, case.opd)),
            f"{attempt.stage}. {office.book.of(case.procedure).at(attempt.stage).label}",
            {"opd": "OPD", "kominfo": "Kominfo"}.get(case.holder, case.holder),
            f"{days} {_DAYS}",
        )
        for days, number, case, attempt in late[:_WORST]
    )
    columns = (
        Column("Nomor", 1.5),
        Column("OPD", 4.5),
        Column("Tahap", 2),
        Column("Pemegang", 1.2),
        Column("Terlambat", 1.3),
    )
    title = f"{_WORST} dari {len(late)} yang terlambat" if len(late) > _WORST else ""
    return Table(title, columns, rows, empty="Tidak ada permohonan yang melewati tenggat.")


def _stages(told: Statistics) -> Table:
    columns = (
        Column("Tahap", 2.6),
        Column("Menunggu", 1, right=True),
        Column("Terlambat", 1, right=True),
        Column("Selesai", 1, right=True),
        Column("Median hari", 1.1, right=True),
        Column("Dikembalikan", 1.3, right=True),
    )
    return Table("", columns, tuple(map(_stage, told.stages)))


def _stage(each: OfStage) -> tuple[str, ...]:
    middle = "–" if each.median_days is None else indonesian.decimal(each.median_days)
    counts = (each.waiting, each.overdue, each.done)
    return (f"{each.number}. {each.label}", *map(str, counts), middle, str(each.returned))


def _shortened(name: str) -> str:
    """A name that fits its line."""
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"

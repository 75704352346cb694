"""Files about all cases: the register, the monthly report, the evidence for the SPBE evaluation. Each is audited.

Whether somebody may have them is the caller's to check: the reach of `cases.view` says over which agencies, that of
`cases.act` whose contact persons are told.
"""

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, Final

from psycopg import Connection
from psycopg.rows import TupleRow

from base import indonesian
from base.instance import Instance
from dashboard.case_board import Office, office_of
from dashboard.case_statistics import statistics
from dashboard.monthly_report import monthly_report
from dashboard.spreadsheets import SHEET_MEDIA, SheetForm, spreadsheet
from identity.actors import Actor, note
from identity.acts import Act
from identity.audit import Json
from identity.opds import EVERYWHERE
from sop import attachments, renditions
from sop.attachments import UnknownFile
from sop.boards import cases
from sop.case import Case
from sop.papers import Rendered, render
from sop.papers.pdf import pdf
from sop.papers.zipped import container
from sop.reading import ALL
from sop.register import HEAD, Line, cells, register
from sop.slots import PDF
from sop.store import events_of, find

TITLE: Final = "Register Permohonan Integrasi"
SUMS: Final = "SHA256SUMS"
ZIP: Final = "application/zip"


def register_file(
    conn: Connection[TupleRow],
    form: SheetForm,
    *,
    by: Actor,
    now: datetime,
    instance: Instance,
    opds: Collection[str] | None = None,
    calling: Collection[str] | None = None,
) -> Rendered:
    """The register of these agencies (None: of all) as a spreadsheet; `calling`: whose contact persons are told."""
    office = office_of(conn, instance, now)
    found = register(conn, on=office.on, calendar=office.calendar, book=office.book, opds=opds, calling=calling)
    data = _sheet(form, found, office)
    _audit(conn, Act.CASE_REGISTER, data, by, now, form=form.value, cases=len(found))
    return Rendered(f"register-permohonan-{office.on.isoformat()}.{form}", SHEET_MEDIA[form], data)


def report_file(conn: Connection[TupleRow], *, by: Actor, now: datetime, instance: Instance) -> Rendered:
    """The monthly report, of the month up to now."""
    office = office_of(conn, instance, now)
    data = _report(conn, office, instance)
    _audit(conn, Act.CASE_REPORT, data, by, now)
    return Rendered(f"laporan-bulanan-{office.on.isoformat()}.pdf", PDF, data)


def bundle_file(conn: Connection[TupleRow], year: int, *, by: Actor, now: datetime, instance: Instance) -> Rendered:
    """Everything about the requests of a year as evidence: register, report, and for each case its events, its final
    report as of now and its signed papers; with the SHA-256 of every file. Contact persons are left out."""
    office = office_of(conn, instance, now)
    lines = register(conn, on=office.on, calendar=office.calendar, book=office.book, calling=())
    chosen = [line for line in lines if line.case.submitted_on and line.case.submitted_on.year == year]
    parts = [
        ("baca-dahulu.txt", _explained(year, office, instance, len(chosen)).encode()),
        ("register.csv", _sheet(SheetForm.CSV, chosen, office)),
        ("laporan-bulanan.pdf", _report(conn, office, instance)),
    ]
    for line in chosen:
        parts += _of_case(conn, find(conn, line.case.number), office, instance, by, now)
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in parts)
    data = container([*parts, (SUMS, sums.encode())])
    _audit(conn, Act.CASE_BUNDLE, data, by, now, year=year, cases=len(chosen), files=len(parts))
    return Rendered(f"bukti-spbe-{year}-{office.on.isoformat()}.zip", ZIP, data)


def _sheet(form: SheetForm, found: list[Line], office: Office) -> bytes:
    return spreadsheet(form, TITLE, HEAD, [cells(line, office.agencies) for line in found])


def _report(conn: Connection[TupleRow], office: Office, instance: Instance) -> bytes:
    arms = None if instance.kop.logo is None else instance.kop.logo.read_bytes()
    told = statistics(conn, EVERYWHERE, office)
    return pdf(monthly_report(cases(conn, EVERYWHERE, ALL), told, office, instance, arms))


def _of_case(
    conn: Connection[TupleRow], case: Case, office: Office, instance: Instance, by: Actor, now: datetime
) -> Iterator[tuple[str, bytes]]:
    yield f"{case.number}/peristiwa.json", _json([asdict(event) for event in events_of(conn, case.number)])
    signed = [asdict(each) for each in renditions.accepted(conn, case.number)]
    if signed:
        yield f"{case.number}/bertanda-tangan/tanda-tangan.json", _json(signed)
    final = render(conn, case.number, "laporan-integrasi", instance=instance, on=office.on)
    yield f"{case.number}/laporan-integrasi-konsep.pdf", final.data
    for attempt in (*case.past, *case.attempts.values()):
        for slot, versions in attempt.papers.items():
            if versions[-1].signed:
                try:
                    file = attachments.open_file(conn, case.number, versions[-1].sha256, by=by.name, now=now)
                except UnknownFile:
                    continue  # filed by its hash alone, before the hub kept files
                yield f"{case.number}/bertanda-tangan/tahap-{attempt.stage:02}-{attempt.round}-{slot}.pdf", file.data


def _explained(year: int, office: Office, instance: Instance, count: int) -> str:
    sop = instance.sop
    return (
        f"Bukti pelaksanaan SOP {sop.judul}\r\n"
        f"Nomor {sop.nomor}, {instance.nama}\r\n\r\n"
        f"Permohonan integrasi tahun {year}: {count}. Keadaan per {indonesian.day(office.on)}.\r\n\r\n"
        f"Keutuhan berkas diperiksa dengan: sha256sum -c {SUMS}\r\n"
        "Narahubung tidak disertakan. Naskah bertanda KONSEP disusun sistem dan belum ditandatangani.\r\n"
    )


def _json(rows: list[dict[str, Any]]) -> bytes:
    return json.dumps(rows, ensure_ascii=False, indent=1, default=_plain).encode()


def _plain(value: object) -> str:
    if isinstance(value, date):  # moments too
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _audit(conn: Connection[TupleRow], act: Act, data: bytes, by: Actor, now: datetime, **told: str | int) -> None:
    details: dict[str, Json] = {"sha256": hashlib.sha256(data).hexdigest(), **told}
    note(conn, by, act, None, now=now, opd=None, **details)

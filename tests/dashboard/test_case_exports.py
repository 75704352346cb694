"""Files about all cases: the register in three forms, the one-page report, and the evidence with its hashes."""

import csv
import hashlib
import io
import json
import subprocess
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import openpyxl
import pytest

from base.calendar import pinned
from cli.stack.local import Stack
from dashboard import case_exports
from dashboard.case_board import Office as Day
from dashboard.monthly_report import monthly_report
from dashboard.spreadsheets import SheetForm, spreadsheet
from hub_db.connection import transaction
from identity.actors import Actor
from sop import attachments
from sop.commands import Freeze, Letter, Seal, Sign
from sop.media import media_of
from sop.papers import Rendered
from sop.papers.pdf import pdf
from sop.procedure import book
from sop.register import HEAD
from sop.slots import CSV, ODS, XLSX
from sop.store import Contact, set_contact
from tests.conftest import one_database
from tests.dashboard.statistics_model import model
from tests.dashboard.test_desk import INSTANCE
from tests.sop.dossiers import walked
from tests.sop.office import Office, make_office
from tests.sop.reading_pdf import pages
from tests.sop.town import TEKNIS_TOO, Walk

BY = Actor.command("uji")
SIGNED = b"%PDF-1.7\nbertanda tangan\n%%EOF\n"
ROWS = (("=1+1", "007", 12), ("+62812", 'a;b\n"c"', -3), ("@x\x00", "<b>&</b>", 0))
CELL = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}table-cell"


@pytest.fixture(scope="module")
def office(stack: Stack, template: str) -> Iterator[Office]:
    with one_database(stack, template) as database, make_office(database) as made:
        yield made


@pytest.fixture(scope="module")
def numbers(office: Office) -> tuple[str, str]:
    """A case at stage 2, with a signed disposition that was handed in and a contact, and a draft."""
    first, draft = (office.begin().case.number for _ in range(2))
    walk = office.walk(first)
    walk.submit()
    with office.connect() as conn, transaction(conn):
        set_contact(conn, first, Contact("Narahubung Contoh", "+6281200009001"))
        file = attachments.hand_in(conn, first, SIGNED, "disposisi.pdf", by="dewi", now=office.now().at)
    walk.fulfil()
    letter = Letter("500/9/2026", office.day)
    office.do(first, Freeze("disposisi", file, letter, 2), TEKNIS_TOO)
    office.do(first, Sign("disposisi", file, Seal(1, 2, letter)), TEKNIS_TOO)
    office.walk(first).confirm()
    return first, draft


def made(office: Office, make: Any, *arguments: Any, **more: Any) -> Rendered:
    with office.connect() as conn, transaction(conn):
        found: Rendered = make(conn, *arguments, by=BY, now=office.now().at, instance=INSTANCE, **more)
    return found


def test_the_register_tells_letter_and_contact_of_each_request(office: Office, numbers: tuple[str, str]) -> None:
    found = made(office, case_exports.register_file, SheetForm.CSV)

    head, first, draft = list(csv.reader(io.StringIO(found.data.decode("utf-8-sig")), delimiter=";"))
    told = dict(zip(head, first, strict=True))
    assert head == list(HEAD)
    assert (told["Nomor"], draft[0]) == numbers
    assert (told["Surat Permohonan"], told["Tanggal Surat"]) == ("421/7/2026", "5 Januari 2026")
    assert (told["Tahap"], told["Keadaan"]) == ("2. Definisi Data (OPD)", "berjalan")
    assert (told["Contact Person"], told["Telepon"]) == ("Narahubung Contoh", "'+6281200009001")
    assert (found.name, found.media) == ("register-permohonan-2026-01-05.csv", CSV)


def test_the_register_is_of_the_agencies_that_were_asked_for(office: Office, numbers: tuple[str, str]) -> None:
    own = made(office, case_exports.register_file, SheetForm.CSV, opds={"disdik"}, calling=()).data.decode()
    other = made(office, case_exports.register_file, SheetForm.CSV, opds={"dinkes"}).data.decode()

    assert numbers[0] in own
    assert "9001" not in own
    assert len(other.splitlines()) == 1


def test_each_form_of_a_table_holds_the_same_texts_and_no_formula() -> None:
    head = ("satu", "dua", "tiga")

    book_ = openpyxl.load_workbook(io.BytesIO(spreadsheet(SheetForm.XLSX, "Uji", head, ROWS)))
    sheet = [[cell.value for cell in row] for row in book_.active.iter_rows(min_row=2)]
    data = spreadsheet(SheetForm.ODS, "Uji", head, ROWS)
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        cells = ElementTree.fromstring(opened.read("content.xml")).iter(CELL)  # noqa: S314 - ours
        texts = ["".join(cell.itertext()) for cell in cells]
    rows = list(
        csv.reader(io.StringIO(spreadsheet(SheetForm.CSV, "Uji", head, ROWS).decode("utf-8-sig")), delimiter=";")
    )

    clean = [[each.replace("\0", "\ufffd") if isinstance(each, str) else each for each in row] for row in ROWS]
    assert sheet == clean
    assert all(cell.data_type != "f" for row in book_.active.iter_rows() for cell in row)
    assert texts == [*head, *(str(cell) for row in clean for cell in row)]
    assert [row[0] for row in rows[1:]] == ["'=1+1", "'+62812", "'@x\ufffd"]
    assert media_of(data) == ODS
    assert media_of(spreadsheet(SheetForm.XLSX, "Uji", head, ROWS)) == XLSX


def test_the_evidence_proves_itself_and_holds_what_was_signed(
    office: Office, numbers: tuple[str, str], tmp_path: Path
) -> None:
    found = made(office, case_exports.bundle_file, 2026)
    with zipfile.ZipFile(io.BytesIO(found.data)) as opened:
        names = opened.namelist()
        opened.extractall(tmp_path)
    number, _ = numbers

    checked = subprocess.run(["sha256sum", "--check", "--strict", case_exports.SUMS], cwd=tmp_path, capture_output=True)
    events = json.loads((tmp_path / number / "peristiwa.json").read_text())

    assert checked.returncode == 0
    assert set(names) == {
        "baca-dahulu.txt", "register.csv", "laporan-bulanan.pdf", case_exports.SUMS, f"{number}/peristiwa.json",
        f"{number}/laporan-integrasi-konsep.pdf", f"{number}/bertanda-tangan/tahap-01-1-disposisi.pdf",
    }  # fmt: skip
    assert (tmp_path / number / "bertanda-tangan/tahap-01-1-disposisi.pdf").read_bytes() == SIGNED
    assert [event["version"] for event in events] == list(range(1, len(events) + 1))
    assert not any(b"9001" in path.read_bytes() for path in tmp_path.rglob("*.*") if path.is_file())


def test_each_file_stands_in_the_audit_by_its_hash(office: Office, numbers: tuple[str, str]) -> None:
    files = {
        "case.register": made(office, case_exports.register_file, SheetForm.ODS),
        "case.report": made(office, case_exports.report_file),
        "case.bundle": made(office, case_exports.bundle_file, 2025),
    }
    newest = "select details ->> 'sha256' from audit.entry where act = %s order by id desc limit 1"
    with office.database.connect() as conn:
        told = {act: conn.execute(newest, [act]).fetchone() for act in files}

    assert told == {act: (hashlib.sha256(file.data).hexdigest(),) for act, file in files.items()}


@pytest.mark.parametrize("count", [0, 1, 60])
def test_the_monthly_report_is_one_page_whatever_there_is_to_tell(count: int) -> None:
    on = date(2026, 4, 30)
    late, live = Walk().to(3).now, walked().now
    many = [replace(late, number=f"PI-2026-{at:04}", opd=f"opd{at}") for at in range(count)]
    names = {f"opd{at}": "Dinas Pemberdayaan Masyarakat dan Desa serta Perlindungan " * 3 for at in range(count)}
    day = Day(on, pinned(), book(), "kominfo", names)

    cases = [*many, *([live] if count else [])]
    told = model(cases, day.book.newest, on, day.calendar)
    data = pdf(monthly_report(cases, told, day, INSTANCE))

    (page,) = pages(data)
    assert page.overlaps() == []
    assert f"Sedang berjalan : {count}, {count} di antaranya terlambat" in page.text
    assert f"Integrasi Aktif : {min(count, 1)} permohonan" in page.text
    assert "April 2026" in page.text

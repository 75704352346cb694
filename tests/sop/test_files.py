"""Files of cases: judged by content, kept once by their hash, and every opening written down."""

import hashlib
import io
import zipfile
from collections.abc import Iterator

import psycopg
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from cli.stack.local import Stack
from sop import attachments
from sop.attachments import Content, UnknownFile
from sop.commands import File
from sop.errors import Forbidden, Rule
from sop.media import media_of, safe_name
from sop.slots import CSV, DOCX, LARGEST, ODS, ODT, PDF, PNG, SQL, XLSX
from tests.conftest import one_database
from tests.sop.office import TODAY, Office, make_office
from tests.sop.town import moment

PDF_FILE = b"%PDF-1.7\n1 0 obj\n%%EOF\n"
NOW = moment(TODAY).at


def container(*parts: tuple[str, str]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        for name, content in parts:
            made.writestr(name, content)
    return target.getvalue()


def workbook() -> bytes:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        book.add_worksheet().write_string(0, 0, "NIK")
    return target.getvalue()


def word(main: str = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml") -> bytes:
    return container(
        ("word/document.xml", "<x/>"), ("[Content_Types].xml", f'<Types><Override ContentType="{main}"/></Types>')
    )


PNG_FILE = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x01"


@pytest.mark.parametrize(
    ("data", "media"),
    [
        pytest.param(PDF_FILE, PDF, id="pdf"),
        pytest.param(PNG_FILE, PNG, id="png"),
        pytest.param(container(("mimetype", ODT), ("content.xml", "<x/>")), ODT, id="odt"),
        pytest.param(container(("mimetype", ODS), ("content.xml", "<x/>")), ODS, id="ods"),
        pytest.param(word(), DOCX, id="docx"),
        pytest.param(workbook(), XLSX, id="xlsx"),
        pytest.param(b"nama;umur\r\nSITI;40\r\n", CSV, id="csv with semicolons"),
        pytest.param(b'a,b\n"x, y",2\n', CSV, id="csv with a comma in quotes"),
        pytest.param("nama\tkota\nSITI\tKöln\n".encode("cp1252"), CSV, id="csv of an old spreadsheet"),
        pytest.param("﻿-- cadangan\nCREATE TABLE siswa (id int);\n".encode(), SQL, id="sql"),
        pytest.param(b"/* x */\ninsert into siswa values (1);\n" * 9000, SQL, id="long sql"),
    ],
)
def test_a_file_is_what_its_content_says(data: bytes, media: str) -> None:
    assert media_of(data) == media


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"%PDF-1.7" + bytes(LARGEST), id="too large"),
        pytest.param(b"%PDF-1.7 cut off in the middle", id="half a pdf"),
        pytest.param(b"MZ\x90\x00\x03", id="a program"),
        pytest.param(b"<html><script>alert(1)</script></html>", id="a page"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="a drawing with scripts"),
        pytest.param(b"hanya teks biasa\ntanpa tabel\n", id="plain text"),
        pytest.param(b"a;b\n1;2;3\n", id="a table with a line too long"),
        pytest.param(container(("x.txt", "a")), id="any archive"),
        pytest.param(container(("x", "a"), ("mimetype", ODT)), id="a type that does not come first"),
        pytest.param(word("application/vnd.ms-word.document.macroEnabled.main+xml"), id="a document with macros"),
        pytest.param(container(("mimetype", ODT), ("Basic/Standard/Modul.xml", "x")), id="macros in OpenDocument"),
        pytest.param(container(("mimetype", ODT), ("a/vbaProject.bin", "x")), id="macros by another name"),
        pytest.param(workbook()[:-30], id="a cut workbook"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(Forbidden) as refused:
        media_of(data)

    assert refused.value.rule is Rule.FILE_REFUSED
    assert refused.value.sentence.startswith("Berkas ")


def judged(data: bytes) -> str:
    try:
        return media_of(data)
    except Forbidden as refused:
        return refused.rule


@settings(max_examples=200)
@given(data=st.binary(max_size=300) | st.binary(max_size=200).map(lambda tail: b"PK\x03\x04" + tail))
def test_no_bytes_break_the_judgement(data: bytes) -> None:
    found = judged(data)

    assert found in {PDF, PNG, CSV, SQL, Rule.FILE_REFUSED}


@pytest.mark.parametrize(
    ("name", "media", "safe"),
    [
        ("Surat Permohonan (1).pdf", PDF, "Surat Permohonan (1).pdf"),
        ("laporan.pdf.exe", PDF, "laporan.pdf.pdf"),
        ("..\\..\\windows\\a\u202efdp.exe", PDF, "a_fdp.pdf"),
        ("/etc/passwd", SQL, "passwd.sql"),
        ('x"; filename="y\r\n.csv', CSV, "x__ filename=_y__.csv"[:15] + ".csv"),
        ("", PNG, "berkas.png"),
        ("n" * 300, PDF, "n" * 100 + ".pdf"),
    ],
)
def test_a_name_is_fit_to_be_saved_under(name: str, media: str, safe: str) -> None:
    assert safe_name(name, media) == safe


@pytest.fixture(scope="module")
def office(stack: Stack, template: str) -> Iterator[Office]:
    with one_database(stack, template) as database, make_office(database) as made:
        yield made


def test_the_same_bytes_are_kept_once_and_every_handing_in_is(office: Office) -> None:
    first, second = (office.begin().case.number for _ in range(2))
    with office.connect() as conn:
        given = attachments.hand_in(conn, first, PDF_FILE, "surat.pdf", by="wati", now=NOW)
        again = attachments.hand_in(conn, first, PDF_FILE, "surat-2.docx", by="joko", now=NOW)
        attachments.hand_in(conn, second, PDF_FILE, "lain.pdf", by="wati", now=NOW)
        told = attachments.handed_in(conn, first)
        (count,) = conn.execute("select count(*) from sop.file").fetchone() or (0,)

    sha256 = hashlib.sha256(PDF_FILE).hexdigest()
    assert given == again == File(sha256, PDF, len(PDF_FILE))
    assert [(each.sha256, each.name, each.by) for each in told] == [
        (sha256, "surat.pdf", "wati"),
        (sha256, "surat-2.pdf", "joko"),
    ]
    assert count == 1


def test_a_file_is_opened_through_its_case_alone_and_who_did_is_kept(office: Office) -> None:
    own, other = (office.begin().case.number for _ in range(2))
    data = b"nama;umur\nSITI;40\n"
    with office.connect() as conn:
        file = attachments.hand_in(conn, own, data, "data.xls", by="wati", now=NOW)
        opened = attachments.open_file(conn, own, file.sha256, by="hadi", now=NOW)
        with pytest.raises(UnknownFile):
            attachments.open_file(conn, other, file.sha256, by="lala", now=NOW)
        told = attachments.openings(conn, own)

    assert opened == Content("data.csv", CSV, data)
    assert [(each.by, each.at) for each in told[file.sha256]] == [("hadi", NOW)]


def test_the_largest_file_goes_in_and_out_whole(office: Office) -> None:
    number = office.begin().case.number
    data = b"%PDF-1.7\n" + bytes(range(256)) * (LARGEST // 256 - 1) + b"%%EOF"
    with office.connect() as conn:
        file = attachments.hand_in(conn, number, data, "besar.pdf", by="wati", now=NOW)
        opened = attachments.open_file(conn, number, file.sha256, by="wati", now=NOW)

    assert opened.data == data


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("simpul_web", "update sop.file set media = 'text/csv'"),
        ("simpul_web", "delete from sop.file_opened"),
        ("simpul_owner", "update sop.file set content = 'x'"),
        ("simpul_owner", "delete from sop.file_handed_in"),
        ("simpul_owner", "truncate sop.file_opened"),
        ("simpul_intake", "select content from sop.file"),
        ("simpul_jobs", "select content from sop.file"),
        ("simpul_web", "insert into sop.file values ('00', 'text/csv', 1, 'x', now())"),
    ],
)
def test_what_was_handed_in_never_changes_and_only_the_pages_meet_it(office: Office, role: str, statement: str) -> None:
    with office.database.connect(role) as conn, pytest.raises(psycopg.Error) as refused:
        conn.execute(statement)

    assert refused.value.sqlstate in ("23001", "42501", "23514")  # restrict_violation, insufficient_privilege, check

"""Papers as ODT and DOCX: what the PDF says, word for word, in files that word processors open."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sop.media import media_of
from sop.papers.docx import docx
from sop.papers.dossier import Dossier
from sop.papers.flow import Grid, Line, flow
from sop.papers.kinds import KINDS, paper
from sop.papers.odt import odt
from sop.papers.parts import Paper, Paragraph, Section
from sop.papers.rendering import MEDIA, Form
from sop.papers.repertoire import shown
from tests.sop.dossiers import dossier

Writer = Callable[[Paper], bytes]
TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}p"
TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
WRITERS = pytest.mark.parametrize(("form", "write"), [(Form.ODT, odt), (Form.DOCX, docx)])


CASE = dossier()


@pytest.fixture
def case() -> Dossier:
    return CASE


def part(data: bytes, name: str) -> ElementTree.Element:
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        return ElementTree.fromstring(opened.read(name))  # noqa: S314 - ours


def paragraphs(form: Form, data: bytes) -> list[str]:
    """The texts of a file in their order, as a reader of the format's own names finds them."""
    name, tag = ("content.xml", TEXT) if form is Form.ODT else ("word/document.xml", f"{WORD}p")
    return [text for each in part(data, name).iter(tag) if (text := "".join(each.itertext()))]


def said(made: Paper) -> list[str]:
    """Every text of the paper in its order."""
    lines: list[Line] = []
    for element in flow(made):
        if isinstance(element, Line):
            lines.append(element)
        elif isinstance(element, Grid):
            lines += [line for row in element.rows for cell in row for line in cell]
    return [line.text for line in lines if line.text]


@WRITERS
@pytest.mark.parametrize("code", KINDS)
def test_a_file_says_everything_in_the_papers_order(case: Dossier, form: Form, write: Writer, code: str) -> None:
    made = paper(KINDS[code], case)

    data = write(made)

    assert paragraphs(form, data) == said(made)
    assert media_of(data) == MEDIA[form]
    assert write(paper(KINDS[code], dossier())) == data


@WRITERS
def test_every_part_is_well_formed_and_named_in_the_container(case: Dossier, form: Form, write: Writer) -> None:
    data = write(paper(KINDS["dokumen-rumusan"], case))

    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.testzip() is None
        names = opened.namelist()
        for name in names:
            if name != "mimetype":
                part(data, name)
        told = opened.read("META-INF/manifest.xml" if form is Form.ODT else "[Content_Types].xml").decode()
    if form is Form.ODT:
        assert names[0] == "mimetype"
        assert all(f'full-path="{name}"' in told for name in names if name.endswith(".xml") and "/" not in name)
    else:
        assert all(f'PartName="/{name}"' in told for name in names if name.startswith("word/") and "rels" not in name)


@WRITERS
def test_a_draft_is_marked_on_every_page_and_a_paper_that_waits_is_not(
    case: Dossier, form: Form, write: Writer
) -> None:
    header = "styles.xml" if form is Form.ODT else "word/header1.xml"
    kind = KINDS["laporan-validasi"]

    draft = "".join(part(write(paper(kind, case)), header).itertext())
    ready = "".join(part(write(paper(kind, case, verified_at="https://simpul.example/x")), header).itertext())

    assert "KONSEP" in draft
    assert "KONSEP" not in ready


def test_wide_tables_stand_on_wide_pages_and_their_head_comes_again(case: Dossier) -> None:
    made = paper(KINDS["struktur-database"], case)

    document, content = part(docx(made), "word/document.xml"), part(odt(made), "content.xml")

    turned = [each.get(f"{WORD}orient") for each in document.iter(f"{WORD}pgSz")]
    assert turned == [None, "landscape", "landscape"]
    assert len(list(document.iter(f"{WORD}tblHeader"))) == len(list(content.iter(f"{TABLE}table-header-rows"))) == 2


@WRITERS
@settings(max_examples=40)
@given(text=st.text(min_size=1, max_size=80))
def test_no_text_breaks_a_file(form: Form, write: Writer, text: str) -> None:
    made = replace(
        paper(KINDS["disposisi"], CASE), title="Uji", sections=(Section("", (Paragraph(text), Paragraph("akhir"))),)
    )

    found = paragraphs(form, write(made))

    assert found[-1] == "akhir"
    assert shown(text) in (found[-2], "")

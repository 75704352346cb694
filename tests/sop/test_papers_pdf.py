"""Papers as PDF: every value verbatim and selectable, nothing over the edge or over another, the same bytes again."""

import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typst
from hypothesis import given, settings
from hypothesis import strategies as st

from cli import settings as told_settings
from cli.stack import jars, kafka
from sop.commands import Letter
from sop.papers.dossier import Dossier
from sop.papers.kinds import KINDS, paper
from sop.papers.parts import Column, Facts, Letterhead, Paper, Paragraph, Section, Table
from sop.papers.pdf import pdf
from sop.papers.repertoire import everything, shown
from sop.papers.typed import Typed
from tests.sop.dossiers import dossier
from tests.sop.reading_pdf import Page, letters, pages, pictures
from tests.sop.signing import Hands
from tests.sop.town import Walk

EDGE = 25.0  # points: less than any margin
LOCK = Path(__file__).parent / "java" / "verapdf.jars.lock"


@pytest.fixture(scope="module")
def case() -> Dossier:
    return dossier()


@pytest.fixture(scope="module")
def drawn(case: Dossier) -> Callable[[str], list[Page]]:
    """The pages of a paper by its code, each made once."""

    @cache
    def draw(code: str) -> list[Page]:
        return pages(pdf(paper(KINDS[code], case)))

    return draw


def small(*blocks: Any, verified_at: str | None = None) -> Paper:
    """A paper with one section."""
    return Paper(
        code="uji",
        title="Uji",
        subtitle="",
        number="1",
        case="PI-2026-0001",
        on=date(2026, 1, 5),
        letterhead=Letterhead(("PEMERINTAH",), "Jalan 1"),
        sections=(Section("Isi", blocks),),
        verified_at=verified_at,
    )


def texts(part: Any) -> Iterator[str]:
    """Every text of a paper, but for what stands nowhere in it."""
    match part:
        case str():
            yield part
        case tuple():
            for each in part:
                yield from texts(each)
        case Table(rows=rows):
            yield from texts(part.title)
            yield from texts((*part.columns, *rows) if rows else part.empty)
        case Paper():
            yield from texts(
                (part.title.upper(), part.subtitle, part.number, part.case, part.letterhead, part.sections)
            )
        case _ if is_dataclass(part):
            for each in fields(part):
                yield from texts(getattr(part, each.name))


@pytest.mark.parametrize("code", KINDS)
def test_every_value_of_a_paper_is_there_verbatim_and_selectable(
    case: Dossier, drawn: Callable[[str], list[Page]], code: str
) -> None:
    found = letters("".join(page.text for page in drawn(code)))

    for text in texts(paper(KINDS[code], case)):
        # what goes over a page has that page's foot and the next one's head between its pieces
        wanted = re.split(r"[\s_]+", shown(text)) if len(text) > 400 else [shown(text)]
        assert [each for each in wanted if letters(each) not in found] == []


@pytest.mark.parametrize("code", KINDS)
def test_nothing_goes_over_the_edge_or_over_another_text(drawn: Callable[[str], list[Page]], code: str) -> None:
    for page in drawn(code):
        assert min(run.left for run in page.runs) > EDGE
        assert max(run.right for run in page.runs) < page.width - EDGE
        assert min(run.bottom for run in page.runs) > EDGE
        assert max(run.top for run in page.runs) < page.height - EDGE
        assert page.overlaps() == []


@pytest.mark.parametrize("code", ["disposisi", "laporan-validasi"])
def test_a_paper_that_waits_for_its_signatures_has_its_code_beside_them(case: Dossier, code: str) -> None:
    address = f"https://simpul.kabupaten.example/naskah/{'m' * 24}"
    typed = Typed(
        Letter("500/9/411.312/2026", case.on), ("Ratri Contoh, S.T.", "Bayu Contoh")[: len(KINDS[code].signers)]
    )

    drawn = pages(pdf(paper(KINDS[code], replace(case, typed=typed), verified_at=address)))

    (there,) = [page for page in drawn if address in letters(page.text)]
    assert letters(typed.signers[0]) in letters(there.text)
    for page in drawn:
        assert max(run.right for run in page.runs) < page.width - EDGE
        assert min(run.bottom for run in page.runs) > EDGE
        assert page.overlaps() == []


def test_the_reader_of_the_tests_sees_texts_that_lie_over_each_other() -> None:
    made = typst.compile(b"#place[abcdef] #place(dx: 6pt, dy: 2pt)[ghijkl] #place(dy: 3cm)[apart]", format="pdf")
    assert isinstance(made, bytes)

    (page,) = pages(made)

    assert len(page.runs) == 3
    assert len(page.overlaps()) == 1


@pytest.mark.parametrize("stage", [1, 7])
def test_a_paper_can_be_drafted_at_any_stage_with_nothing_known(stage: int) -> None:
    walk = Walk().to(stage)
    bare = replace(dossier(walk), interchanges=(), officers={}, agencies={}, systems=(), contact=None, faults=())

    for kind in KINDS.values():
        assert pages(pdf(paper(kind, bare)))


def test_the_same_paper_is_the_same_bytes(case: Dossier) -> None:
    kind = KINDS["unit-tes"]

    first = pdf(paper(kind, case))

    assert pdf(paper(kind, dossier())) == first
    assert pdf(paper(kind, replace(case, on=date(2026, 5, 5)))) != first


def test_a_draft_is_marked_and_a_paper_that_waits_for_its_signature_says_where_it_is_checked(case: Dossier) -> None:
    kind, address = KINDS["laporan-validasi"], "https://simpul.example/periksa/0f3a"

    draft = pages(pdf(paper(kind, case)))
    ready = pages(pdf(paper(kind, case, verified_at=address)))

    assert all(page.text.startswith("KONSEP") for page in draft)
    assert not any("KONSEP" in page.text for page in ready)
    assert address in letters(ready[-1].text)


def test_every_character_of_the_repertoire_can_be_shown_in_every_style() -> None:
    lines = tuple(everything()[at : at + 40] for at in range(0, len(everything()), 40))
    table = Table("", (Column("Biasa", 1), Column("Kode", 1, code=True)), tuple((line, line) for line in lines))

    found = "".join(page.text for page in pages(pdf(small(table))))

    assert {"á", "ḷ", "Ж", "€", "→", "≤", "■"} <= set(found)
    assert not any(each in everything() for each in "\u202e\u200b\u200d\ufeff\n")


@settings(max_examples=20)
@given(text=st.text(max_size=200))
def test_no_text_is_markup_and_none_breaks_a_paper(text: str) -> None:
    made = small(Paragraph(text or "–"), Facts(((text, text),)), Table("", (Column(text, 1),), ((text,),)))

    found = letters("".join(page.text for page in pages(pdf(made))))

    assert letters(shown(text)) in found


@pytest.mark.full
def test_each_paper_is_valid_pdf_a(case: Dossier, tmp_path: Path) -> None:
    """By veraPDF, on the JRE that runs Kafka, as a draft, frozen, and signed by two; the pages are left as pictures for
    who wants to look at them."""
    told = told_settings.load()
    hands = Hands.new(tmp_path / "penerbit")
    signing = Typed(Letter("500/9/2026", case.on), ("Ratri Contoh, S.T.", "Bayu Contoh, S.Kom."))
    (jar,) = jars.ensure(told.cache / "verapdf", told.maven_url, lambda _done, _total: None, LOCK)
    for kind in KINDS.values():
        typed = replace(signing, signers=signing.signers[: len(kind.signers)])
        for name, address in ((kind.code, None), (f"{kind.code}-siap", "https://simpul.example/naskah/0f3a")):
            data = pdf(paper(kind, case if address is None else replace(case, typed=typed), verified_at=address))
            (tmp_path / f"{name}.pdf").write_bytes(data)
            for number, picture in enumerate(pictures(data), 1):
                (tmp_path / f"{name}-{number}.png").write_bytes(picture)
            if address is not None:
                (tmp_path / f"{name}-bertanda-tangan.pdf").write_bytes(hands.second.sign(hands.head.sign(data)))

    java = [str(kafka.java_home() / "bin" / "java"), "-Djava.awt.headless=true", "-cp", str(jar)]
    files = sorted(map(str, tmp_path.glob("*.pdf")))
    command = [*java, "org.verapdf.apps.GreenfieldCliWrapper", "--flavour", "2a", "--format", "text", *files]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)

    assert ran.stdout.splitlines() == [f"PASS {file} 2a" for file in files]

"""Papers on the pages: made ready, signed elsewhere, brought back; and the page to which the code on a paper leads."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from base import indonesian
from cli.stack.local import Stack
from dashboard.strangers import BURST, Strangers
from identity.permissions import Role
from sop.events import Kind
from sop.renditions import Rendition, of_case, origin_of
from tests.conftest import one_database
from tests.dashboard.cases import today
from tests.dashboard.conftest import servers, settings_of
from tests.dashboard.people import People
from tests.dashboard.test_case_pages import Hall, add_agency, main_of
from tests.sop.office import Office
from tests.sop.reading_pdf import letters, pages
from tests.sop.signing import Hands

ANSWERS = {
    "surat": "500/9/2026",
    "nama1": "Ratri Contoh, S.T.",
    "sifat": "segera",
    "diteruskan": "Tim Teknis Data Center",
    "harap": "koordinasi",
    "catatan": "Mohon dipetakan lebih dahulu.",
}


@pytest.fixture(scope="module")
def hands(tmp_path_factory: pytest.TempPathFactory) -> Hands:
    return Hands.new(tmp_path_factory.mktemp("penerbit"))


@pytest.fixture(scope="module")
def hall(stack: Stack, template: str, hands: Hands) -> Iterator[Hall]:
    with one_database(stack, template) as database:
        people = People(database.dsn())
        add_agency(database)
        told = {"public_url": "https://simpul.example/", "signature_anchors": hands.place}
        with servers(database, people) as start:
            site = start(settings_of(database, stack).model_copy(update=told))
            yield Hall(site, people, Office(database))


def freeze(hall: Hall, number: str, **more: str) -> Rendition:
    """The newest frozen paper after the act of an officer."""
    team = hall.by(Role.TIM_TEKNIS)
    answer = hall.send(team, number, "siapkan:disposisi", **(ANSWERS | {"tanggal": indonesian.day(today())} | more))
    assert answer.headers["location"] == f"/kasus/{number}?kabar=siap-menyusul", answer.text
    with hall.office.session() as conn:
        return of_case(conn, number)[-1]


def fetch(hall: Hall, paper: Rendition) -> bytes:
    return hall.by(Role.TIM_TEKNIS).post(f"/kasus/{paper.case}/berkas/{paper.sha256}").content


def bring(hall: Hall, number: str, data: bytes) -> str:
    """Where the page leads after a signed file was brought, or what it says of it."""
    team, way = hall.by(Role.TIM_TEKNIS), f"/kasus/{number}/langkah/unggah-bertanda-tangan:disposisi"
    hidden = dict(re.findall(r'<input type="hidden" name="([a-z]+)" value="([^"]*)">', team.get(way).text))
    answer = team.upload(way, hidden, "disposisi.pdf", data)
    return answer.headers.get("location") or main_of(answer.text)


def told(hall: Hall, paper: Rendition) -> str:
    """The page of the paper, for somebody who has not signed in."""
    return main_of(hall.site.as_nobody().get(f"/naskah/{paper.code}").text)


def test_a_paper_is_frozen_signed_and_accepted_and_its_page_says_so(hall: Hall, hands: Hands) -> None:
    walk = hall.at(1)
    paper = freeze(hall, walk.number)
    data = fetch(hall, paper)
    before, case = told(hall, paper), main_of(hall.by(Role.KABID_APTIKA).get(f"/kasus/{walk.number}").text)

    accepted = bring(hall, walk.number, hands.head.sign(data))
    after, signed = told(hall, paper), main_of(hall.by(Role.KABID_APTIKA).get(f"/kasus/{walk.number}").text)

    assert "Naskah ini belum ditandatangani." in before
    assert "Nomor 500/9/2026" in before
    assert "Belum ditandatangani" in case
    assert accepted == f"/kasus/{walk.number}?kabar=sah-menyusul"
    assert "Naskah ini sudah ditandatangani secara elektronik" in after
    assert "R**** C****** S***" in after
    assert "Kepala Bidang Aptika, Pemkab Contoh" in after
    assert "Ratri" not in before + after
    assert walk.number not in before + after
    assert "Ditandatangani oleh Ratri Contoh, S.T." in signed
    kinds = [each.kind for each in hall.office.events(walk.number)]
    assert kinds[-3:] == [Kind.ATTACHED, Kind.SIGNED, Kind.EVIDENCE]
    with hall.office.database.connect() as conn:
        statement = "select act, details from audit.entry where subject = %s and act = any(%s) order by id"
        acts = conn.execute(statement, [f"case:{walk.number}", ["case.freeze", "case.sign"]]).fetchall()
        row = conn.execute('select certificate from sop.signature where "case" = %s', [walk.number]).fetchone()
    assert [act for act, _ in acts] == ["case.freeze", "case.sign"]
    assert acts[0][1]["sha256"] == [paper.sha256]
    assert [details["frozen"] for _, details in acts] == [1, 1]
    assert row is not None
    assert acts[1][1]["certificates"] == [row[0]]


def test_what_was_typed_stands_in_the_paper_and_is_kept_with_it(hall: Hall) -> None:
    paper = freeze(hall, hall.at(1).number)

    text = letters("".join(page.text for page in pages(fetch(hall, paper))))
    with hall.office.session() as conn:
        kept = origin_of(conn, paper.code)

    for each in (*ANSWERS.values(), f"https://simpul.example/naskah/{paper.code}", indonesian.day(today())):
        assert letters(each) in text
    assert "KONSEP" not in text
    assert kept["paper"]["number"] == "500/9/2026"
    assert len(kept["layout"]) == 64
    assert (paper.letter, paper.dated, paper.parties) == ("500/9/2026", today(), 1)


@pytest.mark.full
def test_a_corrected_paper_is_a_new_version_and_the_older_one_says_so(hall: Hall, hands: Hands) -> None:
    number = hall.at(1).number
    first = freeze(hall, number)
    second = freeze(hall, number, catatan="Sudah diperbaiki.")

    unsigned = bring(hall, number, fetch(hall, second))
    refused = bring(hall, number, hands.head.sign(fetch(hall, first)))
    accepted = bring(hall, number, hands.head.sign(fetch(hall, second)))

    assert (first.version, second.version) == (1, 2)
    assert "Berkas ini tidak memuat tanda tangan elektronik." in unsigned
    assert "Yang ditandatangani adalah naskah versi 1, yang sudah digantikan." in refused
    assert accepted.endswith("kabar=sah-menyusul")
    assert "Naskah ini sudah digantikan versi 2 dan tidak ditandatangani." in told(hall, first)
    with hall.office.session() as conn:
        assert [(each.version, each.signed is not None) for each in of_case(conn, number)] == [(1, False), (2, True)]


def test_a_form_that_comes_twice_freezes_once_and_one_without_its_answers_not_at_all(hall: Hall) -> None:
    number = hall.at(1).number
    team, way = hall.by(Role.TIM_TEKNIS), f"/kasus/{number}/langkah/siapkan:disposisi"
    hidden = dict(re.findall(r'<input type="hidden" name="([a-z]+)" value="([^"]*)">', team.get(way).text))
    typed = ANSWERS | {"tanggal": indonesian.day(today())}

    empty = team.post(way, hidden)
    answers = [team.post(way, hidden | typed) for _ in range(2)]
    theirs = hall.send(hall.admin, number, "siapkan:disposisi", **typed)

    assert empty.status_code == 422
    for fault in ("Nomor surat belum diisi", "Nama Kepala Bidang Aptika belum diisi", "Sifat belum dipilih"):
        assert fault in empty.text
    assert [answer.status_code for answer in answers] == [303, 303]
    assert theirs.status_code == 422
    with hall.office.session() as conn:
        assert len(of_case(conn, number)) == 1


def test_nothing_is_told_of_a_code_that_nobody_was_given(hall: Hall) -> None:
    nobody = hall.site.as_nobody()

    answers = [nobody.get(f"/naskah/{code}") for code in ("a" * 24, "x", "%20", "A" * 90)]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert len({main_of(answer.text) for answer in answers}) == 1
    assert "Naskah tidak dikenal" in answers[0].text


def test_who_asks_too_often_waits_and_others_do_not() -> None:
    strangers = Strangers()

    waits = [strangers.wait("198.51.100.7") for _ in range(BURST + 1)]

    assert waits[:BURST] == [0.0] * BURST
    assert 0 < waits[BURST] <= 1
    assert strangers.wait("198.51.100.8") == 0.0


def test_without_trusted_issuers_no_signed_file_is_accepted(hall: Hall, hands: Hands, tmp_path: Path) -> None:
    number = hall.at(1).number
    paper = freeze(hall, number)
    kept = hands.place / "uji.pem"
    aside = kept.rename(tmp_path / "uji.pem")

    refused = bring(hall, number, hands.head.sign(fetch(hall, paper)))
    aside.rename(kept)

    assert "belum menetapkan penerbit sertifikat" in refused
    with hall.office.session() as conn:
        assert of_case(conn, number)[-1].signed is None

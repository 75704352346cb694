"""What is said about a case: who may, that it stays, that it is corrected by a further one, and who is told."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from cli.stack.local import Stack
from dashboard.personal_hint import personal_in
from identity.permissions import Role
from tests.conftest import one_database
from tests.dashboard.cases import LETTER, LETTER_SHA256
from tests.dashboard.conftest import Site, servers, settings_of
from tests.dashboard.people import WALIDATA, People
from tests.dashboard.test_case_pages import Hall, add_agency, hidden, main_of
from tests.sop.office import Office
from tests.sop.town import OPD

SAID = "Kolom gtk belum lengkap: tiga dari dua belas belum dipetakan."


@pytest.fixture(scope="module")
def hall(stack: Stack, template: str) -> Iterator[Hall]:
    with one_database(stack, template) as database:
        people = People(database.dsn())
        add_agency(database)
        with servers(database, people) as start:
            yield Hall(start(settings_of(database, stack)), people, Office(database))


def notices(hall: Hall, number: str) -> list[tuple[Any, ...]]:
    """Agency, role and state of what was told of a case's comments."""
    with hall.office.database.connect() as conn:
        statement = "select opd, role, state from notice.notice where cause like %s order by id"
        return conn.execute(statement, [f"case:komentar:{number}:%"]).fetchall()


def test_a_comment_stands_in_the_time_line_and_the_other_side_is_told(hall: Hall) -> None:
    number = hall.at(3, days_ago=1).number
    way = f"/kasus/{number}/komentar"

    done = hall.by(Role.TIM_TEKNIS).post(way, {"komentar": SAID})
    first = notices(hall, number)
    page = main_of(hall.admin.get(f"/kasus/{number}").text)
    answered = hall.admin.post(way, {"komentar": "Baik, kami lengkapi hari ini."})
    head = hall.by(Role.KEPALA_DINAS).post(way, {"komentar": "Mohon diutamakan."})
    events = [each.kind for each in hall.office.events(number)]

    assert done.headers["location"] == f"/kasus/{number}?kabar=komentar"
    assert f"Komentar oleh Tim-Teknis Kominfo, Tim Teknis Data Center, Dinas Komunikasi dan Informatika {SAID}" in page
    assert first == [(OPD, "opd_admin", "open")]
    assert (answered.status_code, head.status_code) == (303, 303)
    told = [(OPD, "opd_admin", "closed"), (WALIDATA, "tim_teknis", "open"), (OPD, "opd_admin", "open")]
    assert notices(hall, number) == told
    assert hall.case(number).version == len(events)  # what is said is no event
    with hall.office.database.connect() as conn:
        audit = conn.execute(
            "select actor, opd, details from audit.entry where act = 'case.comment' and subject = %s order by id",
            [f"case:{number}"],
        ).fetchall()
        titles = conn.execute("select title from notice.notice where cause like 'case:komentar:%'").fetchall()
    assert [actor for actor, *_ in audit] == ["tim-teknis.kominfo", "opd-admin.disdik", "kepala-dinas.kominfo"]
    assert SAID not in f"{audit}{titles}"


def test_a_comment_is_corrected_by_a_further_one_once_and_by_its_writer(hall: Hall) -> None:
    number = hall.at(2, days_ago=1).number
    team, admin, way = hall.by(Role.TIM_TEKNIS), hall.admin, f"/kasus/{number}/komentar"
    team.post(way, {"komentar": "Batasnya 5 Januari."})
    (mark,) = re.findall(rf'href="/kasus/{number}\?koreksi=([0-9]+)#', team.get(f"/kasus/{number}").text)

    def correct(who: Site, said: str, at: str = way) -> Any:
        return who.post(at, {"komentar": said, "koreksi": mark})

    shown, foreign = (who.get(f"/kasus/{number}?koreksi={mark}").text for who in (team, admin))
    refused, done, again = correct(admin, "Bukan saya."), correct(team, "Batas 6 Januari."), correct(team, "Tidak, 7.")
    elsewhere = correct(team, "Lain.", way.replace(number, hall.at(2, days_ago=1).number))
    page = main_of(team.get(f"/kasus/{number}").text)

    assert "Batasnya 5 Januari.</textarea>" in shown
    assert "</textarea>" in foreign
    assert "Batasnya 5 Januari.</textarea>" not in foreign
    assert [each.status_code for each in (refused, done, again, elsewhere)] == [422, 303, 422, 422]
    assert "Komentar dikoreksi oleh penulisnya sendiri." in refused.text
    assert "Komentar ini sudah dikoreksi" in again.text
    assert "Komentar, sudah dikoreksi oleh" in page
    assert "Batasnya 5 Januari." in page
    assert "Komentar: koreksi atas komentar" in page
    assert team.post(way, {"komentar": SAID, "koreksi": "x"}).status_code == 404
    with hall.office.database.connect() as conn, pytest.raises(Exception, match="never changed"):
        conn.execute("update sop.comment set said = 'lain'")


def test_what_looks_personal_is_asked_for_again_and_who_only_reads_says_nothing(hall: Hall) -> None:
    number = hall.at(2, days_ago=1).number
    way = f"/kasus/{number}/komentar"

    number_in_it = hall.admin.post(way, {"komentar": "NIK 3518131708909001 belum terdaftar."})
    empty = hall.admin.post(way, {"komentar": "  "})
    refused = [hall.by(role, opd).post(way, {"komentar": SAID}).status_code for role, opd in
               ((Role.AUDITOR, WALIDATA), (Role.READER, OPD), (Role.OPD_ADMIN, "dinkes"))]  # fmt: skip
    reader = hall.by(Role.AUDITOR).get(f"/kasus/{number}").text

    assert (number_in_it.status_code, empty.status_code) == (422, 422)
    assert "deretan 16 angka yang tampak seperti NIK" in number_in_it.text
    assert "Komentar belum diisi" in empty.text
    assert refused == [403, 403, 404]
    assert way not in reader
    assert notices(hall, number) == []


@pytest.mark.parametrize(
    ("text", "personal"),
    [
        ("NIK 3518 1317 0890 9001", "16 angka"),
        ("hubungi 0812-3456-7890", "nomor telepon"),
        ("hubungi +62 812 3456 7890", "nomor telepon"),
        ("surel ke wati@contoh.go.id", "alamat surel"),
        ("surat 400.3/881/411.301/2026 tanggal 5 Januari 2026", None),
        ("1.148.611 baris, 35.18.13.2014, PI-2026-0001, topik opd.disdik.gtk", None),
        ("2026-01-05 sampai 2026-02-10, 12 dari 60 kolom", None),
    ],
)
def test_what_looks_personal_is_told_by_its_shape(text: str, personal: str | None) -> None:
    told = personal_in(text)

    assert (told is None) if personal is None else (personal in (told or ""))
    assert told is None or not re.search(r"[0-9]{4}|@", told)


def test_the_page_tells_who_opened_which_file(hall: Hall) -> None:
    number = hall.at(2, days_ago=1).number
    way = f"/kasus/{number}/langkah/unggah:struktur-database"
    hall.admin.upload(way, hidden(hall.admin.get(way).text), "struktur.pdf", LETTER)
    before = hall.admin.get(f"/kasus/{number}").text
    for who in (hall.by(Role.TIM_TEKNIS), hall.by(Role.TIM_TEKNIS), hall.by(Role.AUDITOR)):
        who.post(f"/kasus/{number}/berkas/{LETTER_SHA256}")

    page = main_of(hall.admin.get(f"/kasus/{number}").text)

    assert "Siapa yang membuka berkas" not in before
    assert "Siapa yang membuka berkas 2 catatan" in page
    opened = page.split("Siapa yang membuka berkas")[1]
    assert re.search(rf"Struktur Database {LETTER_SHA256[:12]} 2 Auditor Kominfo 1 ", opened)
    assert re.search(rf"Struktur Database {LETTER_SHA256[:12]} 2 Tim-Teknis Kominfo 2 ", opened)

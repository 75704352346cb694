"""Pages of integration requests: the board, one case, and each act as the person whose it is."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest

from base import indonesian
from cli.stack.local import Stack
from dashboard.uploads import MAX_AROUND
from identity.permissions import Role
from jobs.notices import Notice, Severity, raise_notice
from jobs.notices import Office as AtDesk
from sop.case import Case
from sop.events import CaseState, Kind
from sop.slots import LARGEST
from tests.conftest import Database, one_database
from tests.dashboard.cases import CONTACT, LETTER, LETTER_SHA256, today
from tests.dashboard.conftest import Site, servers, settings_of
from tests.dashboard.people import WALIDATA, People
from tests.sop.office import Office, StoredWalk
from tests.sop.town import DOCUMENTS, OPD

OPD_NAME = "Dinas Pendidikan Dasar"
HIDDEN = re.compile(r'<input type="hidden" name="([a-z]+)" value="([^"]*)">')


@dataclass
class Hall:
    """The pages over one database, its people, and officers who decide in it beside the pages."""

    site: Site
    people: People
    office: Office
    tokens: dict[tuple[Role, str], str] = field(default_factory=dict)

    def by(self, role: Role, opd: str = WALIDATA) -> Site:
        key = (role, opd)
        if key not in self.tokens:
            self.tokens[key] = self.people.sign_in(role, opd)
        return self.site.with_session(self.tokens[key])

    @property
    def admin(self) -> Site:
        return self.by(Role.OPD_ADMIN, OPD)

    def at(self, stage: int, days_ago: int = 0) -> StoredWalk:
        """A new case that has come to the stage so many days ago."""
        self.office.day = today() - timedelta(days=days_ago)
        return self.office.walk(self.office.begin().case.number).to(stage)

    def case(self, number: str) -> Case:
        return self.office.find(number)

    def send(self, who: Site, number: str, act: str, /, **fields: str) -> Any:
        """Open an act's page and send its form, as a browser would."""
        way = f"/kasus/{number}/langkah/{act}"
        return who.post(way, hidden(who.get(way).text) | fields)


def hidden(html: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in HIDDEN.findall(html.split("<main")[1])}


@pytest.fixture(scope="module")
def hall(stack: Stack, template: str) -> Iterator[Hall]:
    with one_database(stack, template) as database:
        people = People(database.dsn())
        add_agency(database)
        with servers(database, people) as start:
            yield Hall(start(settings_of(database, stack)), people, Office(database))


def add_agency(database: Database) -> None:
    with database.connect() as conn:
        conn.execute(
            "insert into identity.opd (code, name, short_name) values (%s, %s, %s)", [OPD, OPD_NAME, "Disdikdas"]
        )


def main_of(html: str) -> str:
    """The text of the page's own part, without marks."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html.split("<main")[1])).split())


def test_the_board_says_where_each_case_stands_and_what_is_late(hall: Hall) -> None:
    late, fresh = hall.at(2, days_ago=20), hall.at(3)

    board = hall.by(Role.KABID_APTIKA).get("/papan").text
    late_only = hall.by(Role.KABID_APTIKA).get("/papan?tenggat=terlambat&tampil=tabel").text

    stages = board.split('<li class="stage">')[1:]
    assert len(stages) == 12
    assert f"/kasus/{late.number}" in stages[1]
    assert 'class="case late"' in stages[1]
    assert "Terlambat" in stages[1]
    assert f"/kasus/{fresh.number}" in stages[2]
    assert "Yang perlu dihubungi hari ini" in board
    assert f"/kasus/{late.number}" in late_only
    assert f"/kasus/{fresh.number}" not in late_only


def test_an_agency_sees_its_own_cases_only(hall: Hall) -> None:
    number = hall.at(2).number
    theirs = hall.by(Role.OPD_ADMIN, "dinkes")

    answers = [theirs.get(way) for way in ("/papan", f"/kasus/{number}", f"/kasus/{number}/langkah/tegaskan")]

    assert [answer.status_code for answer in answers] == [200, 404, 404]
    assert number not in answers[0].text
    assert number in hall.admin.get("/papan").text


def test_a_case_tells_its_steps_its_clock_its_evidence_and_what_happened(hall: Hall) -> None:
    walk = hall.at(4)
    walk.show()

    text = main_of(hall.admin.get(f"/kasus/{walk.number}?lini=semua").text)

    assert f"{walk.number} {OPD_NAME}" in text
    assert "Tahap 4 dari 12: Dokumen Pertukaran." in text
    assert "Hari di OPD 0" in text
    assert walk.attempt.due is not None
    assert f"Tenggat tahap {indonesian.day(walk.attempt.due)} pukul 23.59 WIB" in text
    assert "2 dari 2 terpenuhi" in text
    assert "Belum lengkap: Dokumen Rumusan Integrasi Data bertanda tangan" in text
    assert "Tahap 3 Skenario selesai oleh bagus, Tim Teknis Data Center, Dinas Komunikasi dan Informatika" in text
    assert "Permohonan diajukan dengan surat nomor 421/7/2026" in text


def test_whom_to_call_is_told_to_those_who_work_on_the_case(hall: Hall) -> None:
    number = hall.at(2).number
    hall.admin.post(f"/kasus/{number}/narahubung", {"narahubung": CONTACT.name, "telepon": "0812 0000 9001"})

    told = {
        role: "+6281200009001" in hall.by(role, opd).get(f"/kasus/{number}").text
        for role, opd in (
            (Role.OPD_ADMIN, OPD),
            (Role.TIM_TEKNIS, WALIDATA),
            (Role.AUDITOR, WALIDATA),
            (Role.STEWARD, WALIDATA),
            (Role.READER, OPD),
        )
    }

    assert told == {
        Role.OPD_ADMIN: True, Role.TIM_TEKNIS: True, Role.AUDITOR: False, Role.STEWARD: False, Role.READER: False,
    }  # fmt: skip


def test_an_act_is_done_in_the_persons_name_and_the_second_one_is_told(hall: Hall) -> None:
    walk = hall.at(3)
    walk.fulfil()
    first, second = hall.by(Role.TIM_TEKNIS), hall.by(Role.TIM_TEKNIS)
    way = f"/kasus/{walk.number}/langkah/tegaskan"
    before = hidden(second.get(way).text)

    page = main_of(first.get(way).text)
    done = hall.send(first, walk.number, "tegaskan")
    told = second.post(way, before)

    assert "sebagai Tim-Teknis Kominfo , Tim Teknis Data Center, kominfo, " in page
    assert done.headers["location"] == f"/kasus/{walk.number}?kabar=langkah-menyusul"  # nobody draws the boards here
    assert told.status_code == 422
    assert "Tahap 3 putaran 1 kini selesai: tahap ditegaskan oleh tim-teknis.kominfo pada" in told.text
    confirmed = [each for each in hall.office.events(walk.number) if (each.kind, each.stage) == (Kind.CONFIRMED, 3)]
    assert [each.actor for each in confirmed] == ["tim-teknis.kominfo"]


def test_a_form_that_comes_twice_is_done_once(hall: Hall) -> None:
    walk = hall.at(2)
    way = f"/kasus/{walk.number}/langkah/perbaikan:kominfo"
    sent = hidden(hall.admin.get(way).text) | {"alasan": "Struktur tabel dilengkapi dahulu."}

    answers = [hall.admin.post(way, sent) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [303, 303]
    assert [each.kind for each in hall.office.events(walk.number)].count(Kind.REWORK) == 1


def test_a_return_needs_its_reason_and_documents(hall: Hall) -> None:
    walk = hall.at(3)
    team = hall.by(Role.TIM_TEKNIS)

    refused = hall.send(team, walk.number, "kembalikan:2", alasan="terlalu pendek")
    done = hall.send(team, walk.number, "kembalikan:2", alasan="Kunci tabel belum disebut.", dokumen=DOCUMENTS[0])
    page = main_of(team.get(f"/kasus/{walk.number}").text)

    assert refused.status_code == 422
    assert "Dokumen belum dipilih" in refused.text
    assert "Alasan baru 14 huruf, paling sedikit 20" in refused.text
    assert done.status_code == 303
    assert "Tahap 3 dikembalikan ke tahap 2" in page
    assert "Kunci tabel belum disebut." in page
    assert hall.case(walk.number).current.round == 2  # type: ignore[union-attr]


def test_what_is_not_possible_yet_stays_and_says_why_and_what_is_not_theirs_is_not_there(hall: Hall) -> None:
    walk = hall.at(4)
    way = f"/kasus/{walk.number}"

    team, head = (hall.by(role).get(way).text for role in (Role.TIM_TEKNIS, Role.KABID_APTIKA))
    early = main_of(hall.by(Role.TIM_TEKNIS).get(f"{way}/langkah/tegaskan").text)
    theirs = main_of(hall.by(Role.PEJABAT_PENGAWAS).get(f"{way}/langkah/tegaskan").text)

    assert "Belum dapat dipilih: Dokumen Rumusan Integrasi Data belum ada." in team
    assert f"{way}/langkah/tegaskan" not in team
    assert f"{way}/langkah/kembalikan:3" in head
    assert f"{way}/langkah/kembalikan:3" not in team
    assert (
        "primary" not in head.split('id="h-tindak"')[1].split("</section>")[0]
    )  # to send back is not what one wants most
    assert "Belum dapat dilakukan Dokumen Rumusan Integrasi Data belum ada." in early
    assert "Tidak terbuka untuk Anda sekarang" in theirs


def test_a_hold_ends_on_a_day_and_a_wrong_one_is_asked_again(hall: Hall) -> None:
    walk, team = hall.at(3), hall.by(Role.TIM_TEKNIS)
    why = "Menunggu tanda tangan perjanjian kerja sama."

    wrong = hall.send(team, walk.number, "tahan", alasan=why, sampai="besok")
    until = indonesian.day(today() + timedelta(days=5))
    done = hall.send(team, walk.number, "tahan", alasan=why, sampai=until)

    assert wrong.status_code == 422
    assert "Hari terakhir bukan tanggal yang ada" in wrong.text
    assert done.status_code == 303
    assert hall.case(walk.number).state is CaseState.HELD
    assert f"Jam ditahan sampai {until}" in main_of(team.get(f"/kasus/{walk.number}").text)


def test_an_agencys_admin_begins_a_case(hall: Hall) -> None:
    admin = hall.admin
    sent = hidden(admin.get("/kasus/baru").text) | {
        "opd": OPD,
        "dokumen": "sekolah\ngtk",
        "narahubung": "Subbag Perencanaan",
        "telepon": "0812-0000-9002",
    }

    wrong = admin.post("/kasus/baru", sent | {"dokumen": "Peserta Didik!", "telepon": "12"})
    begun = [admin.post("/kasus/baru", sent) for _ in range(2)]
    number = re.findall(r"/kasus/([^?]+)", begun[0].headers["location"])[0]
    page = main_of(admin.get(f"/kasus/{number}").text)

    assert wrong.status_code == 422
    assert "memuat tanda lain" in wrong.text
    assert "Nomor telepon itu bukan" in wrong.text
    assert begun[0].headers["location"] == begun[1].headers["location"]
    assert hall.case(number).documents == ("disdik.gtk", "disdik.sekolah")
    assert "Permohonan belum diajukan." in page
    assert "Subbag Perencanaan , +6281200009002" in page
    assert "Belum dapat dipilih: Mohon unggah Surat Permohonan." in page


def test_what_waits_for_a_person_stands_on_a_page_of_its_own(hall: Hall) -> None:
    walk = hall.at(3)

    waits = {
        role: f'/kasus/{walk.number}"' in hall.by(role, opd).get("/tugas-saya").text
        for role, opd in (
            (Role.OPD_ADMIN, OPD),
            (Role.KABID_APTIKA, WALIDATA),
            (Role.TIM_TEKNIS, WALIDATA),
            (Role.PEJABAT_PENGAWAS, WALIDATA),
        )
    }

    assert "Pernyataan diminta: OPD menyatakan sepakat" in hall.admin.get("/tugas-saya").text
    assert waits == {
        Role.OPD_ADMIN: True, Role.KABID_APTIKA: False, Role.TIM_TEKNIS: True, Role.PEJABAT_PENGAWAS: False,
    }  # fmt: skip


def test_a_stage_with_all_its_evidence_and_no_paper_yet_is_not_called_ready(hall: Hall) -> None:
    walk, team = hall.at(4), hall.by(Role.TIM_TEKNIS)
    walk.show()

    board, tasks, case = (team.get(way).text for way in ("/papan", "/tugas-saya", f"/kasus/{walk.number}"))

    assert "Bukti lengkap" in board.split(f'/kasus/{walk.number}"')[1].split("</a>")[0]
    task = main_of(tasks).split(f"{walk.number} , {OPD_NAME}")[1].split("PI-2026-")[0]
    assert "Tahap 4 Dokumen Pertukaran: bukti lengkap, menunggu ditegaskan" in task
    assert "Dokumen Rumusan Integrasi Data belum ada." in case


def test_a_deadline_stands_in_its_year_and_what_is_late_in_this_one(hall: Hall) -> None:
    late, later = hall.at(2, days_ago=400), hall.at(4)
    assert later.attempt.due is not None
    years = (today().year, later.attempt.due.year, today().year - 1)

    pages = {year: main_of(hall.by(Role.KABID_APTIKA).get(f"/kalender?tahun={year}").text) for year in years}

    assert [year for year, text in pages.items() if late.number in text] == [today().year]
    assert [year for year, text in pages.items() if later.number in text] == [later.attempt.due.year]


def test_what_is_told_for_information_is_no_trouble_on_the_start_page(hall: Hall) -> None:
    with hall.office.session() as conn:
        for severity in Severity:
            cause, office = f"uji:{severity}", AtDesk(WALIDATA, Role.KABID_APTIKA)
            notice = Notice(
                cause=cause, kind="uji", office=office, severity=severity, title=f"Hal {severity}", body="–"
            )
            raise_notice(conn, notice, now=datetime.now(UTC))

    page = hall.by(Role.KABID_APTIKA).get("/").text

    troubles = page.split('id="h-salah"')[1].split("</section>")[0]
    assert {severity: f"Hal {severity}" in troubles for severity in Severity} == {
        severity: severity is not Severity.INFO for severity in Severity
    }


@pytest.mark.parametrize("way", ["/kasus/PI-2026-9999", "/kasus/PI-2026-9999/langkah/tegaskan", "/kasus/a b"])
def test_what_is_not_there_is_not_found(hall: Hall, way: str) -> None:
    assert hall.by(Role.TIM_TEKNIS).get(way).status_code in (404, 422)


def test_an_act_that_is_none_is_not_found(hall: Hall) -> None:
    number = hall.at(2).number

    assert hall.by(Role.TIM_TEKNIS).get(f"/kasus/{number}/langkah/hapus").status_code == 404
    assert hall.by(Role.TIM_TEKNIS).post(f"/kasus/{number}/langkah/kembalikan:dua", {"dokumen": DOCUMENTS[0],
        "alasan": "Alasan yang cukup panjang."}).status_code == 404  # fmt: skip


def test_a_file_is_brought_under_what_its_bytes_are_and_opened_by_who_may_see_the_case(hall: Hall) -> None:
    walk = hall.at(2)
    way = f"/kasus/{walk.number}/langkah/unggah:struktur-database"

    def bring(data: bytes, name: str) -> Any:
        return hall.admin.upload(way, hidden(hall.admin.get(way).text), name, data)

    empty = hall.admin.post(way, hidden(hall.admin.get(way).text))
    wrong = bring(b"MZ\x90\x00not a paper", "struktur.pdf")
    done = bring(LETTER, "Struktur Basis Data.pdf")
    page = hall.admin.get(f"/kasus/{walk.number}").text
    opened = hall.by(Role.TIM_TEKNIS).post(f"/kasus/{walk.number}/berkas/{LETTER_SHA256}")
    foreign = hall.by(Role.OPD_ADMIN, "dinkes").post(f"/kasus/{walk.number}/berkas/{LETTER_SHA256}")

    assert (empty.status_code, wrong.status_code, done.status_code) == (422, 422, 303)
    assert "Berkas belum dipilih" in empty.text
    assert LETTER_SHA256 in page
    assert (opened.status_code, opened.content, opened.headers["content-type"]) == (200, LETTER, "application/pdf")
    assert opened.headers["content-disposition"].startswith("attachment; ")
    assert foreign.status_code == 404


def test_a_paper_is_made_out_of_the_case_and_foreign_ones_are_not_there(hall: Hall) -> None:
    number = hall.at(2).number

    made = hall.admin.post(f"/kasus/{number}/naskah/disposisi", {"bentuk": "pdf"})
    none = hall.admin.post(f"/kasus/{number}/naskah/resep")
    foreign = hall.by(Role.OPD_ADMIN, "dinkes").post(f"/kasus/{number}/naskah/disposisi")

    assert (made.status_code, made.content[:5]) == (200, b"%PDF-")
    assert [none.status_code, foreign.status_code] == [404, 404]


def test_more_than_a_file_may_have_is_not_taken(hall: Hall) -> None:
    number = hall.at(2).number
    way = f"/kasus/{number}/langkah/unggah:struktur-database"

    answer = hall.admin.upload(way, {}, "besar.csv", b"a" * (LARGEST + MAX_AROUND))

    assert answer.status_code == 413
    assert "Isian lebih dari 1 MB, atau berkas lebih dari 20 MB, belum disimpan" in answer.text


def test_the_register_is_taken_as_a_file_of_what_one_may_see(hall: Hall) -> None:
    number = hall.at(2).number
    where = "/register-permohonan/berkas"

    office = hall.by(Role.TIM_TEKNIS).post(where, {"bentuk": "csv"})
    reader = hall.by(Role.READER, "dinkes").post(where, {"bentuk": "csv"})
    sheet = hall.admin.post(where)

    assert number in office.text
    assert 'attachment; filename="register-permohonan-' in office.headers["content-disposition"]
    assert number not in reader.text
    assert (sheet.status_code, sheet.content[:4]) == (200, b"PK\x03\x04")
    assert hall.admin.post(where, {"bentuk": "exe"}).status_code == 404


def test_the_monthly_report_is_for_who_sees_all_cases(hall: Hall) -> None:
    where = "/statistik-permohonan/laporan"

    head, admin = hall.by(Role.KEPALA_DINAS).post(where), hall.admin.post(where)

    assert (head.status_code, head.content[:8]) == (200, b"%PDF-1.7")
    assert admin.status_code == 403
    assert where in hall.by(Role.KEPALA_DINAS).get("/statistik-permohonan").text
    assert where not in hall.admin.get("/statistik-permohonan").text


def test_a_request_that_follows_another_is_linked_with_it_both_ways(hall: Hall) -> None:
    old, running = hall.at(12).number, hall.at(3).number
    filled = {"opd": OPD, "dokumen": "gtk-baru", "narahubung": "Subbag Perencanaan", "telepon": "0812 0000 9002"}

    form = hall.admin.get(f"/kasus/baru?opd={OPD}&lanjutan={old}").text
    answers = {
        which: hall.admin.post("/kasus/baru", hidden(hall.admin.get("/kasus/baru").text) | filled | {"lanjutan": which})
        for which in (old, running, "PI-2026-9999")
    }
    number = re.findall(r"/kasus/([^?]+)", answers[old].headers["location"])[0]

    assert f'value="{old}"' in form
    assert [each.status_code for each in answers.values()] == [303, 422, 422]
    assert f"{running} bukan integrasi {OPD} yang masih aktif." in answers[running].text
    assert f"Lanjutan dari {old}" in main_of(hall.admin.get(f"/kasus/{number}").text)
    assert f"Dilanjutkan {number}" in main_of(hall.admin.get(f"/kasus/{old}").text)

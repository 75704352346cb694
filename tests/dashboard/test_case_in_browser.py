"""A whole case on the pages: five persons from the letter to the final report, sent back twice, the Kabid by telephone.

The persons only click and type; the hub's own facts come beside them, as the reader of `sop.fact` takes them.
"""

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from base import indonesian
from cli.stack.local import Stack
from identity.permissions import Role
from sop.case import Case
from sop.events import CaseState, Kind
from sop.papers import KINDS
from sop.procedure import Slot, Stage, book
from tests.conftest import one_database
from tests.dashboard.cases import LETTER, OfficeNow, today
from tests.dashboard.conftest import Site, servers, settings_of
from tests.dashboard.people import WALIDATA, People
from tests.dashboard.test_case_pages import add_agency
from tests.sop.office import Office
from tests.sop.signing import Hands
from tests.sop.town import OPD

DESK: ViewportSize = {"width": 1366, "height": 768}
TELEPHONE: ViewportSize = {"width": 360, "height": 740}
WITHIN_MS = 60_000  # a signed file is judged by a process that has to start
TICKED = frozenset({"dokumen", "diteruskan", "harap"})
WHY = "Kunci tabel pada struktur belum disebut."
PROCEDURE = book().newest
CONFIRMED_BY = {"opd_admin": "admin", "tim_teknis": "teknis", "pejabat_pengawas": "pengawas", "kabid_aptika": "kabid"}


@dataclass
class Person:
    """Somebody at a browser, who knows the number of the case."""

    page: Page
    site: Site
    number: str = ""

    def act(self, title: str, file: bytes | None = None, news: str = "Langkah tercatat.", **typed: str) -> None:
        """Go to the case, choose the act by its title, type, and send."""
        self.page.goto(f"{self.site.url}/kasus/{self.number}")
        self.page.get_by_role("link", name=title, exact=True).click()
        heading = self.page.get_by_role("heading", level=1, name=title, exact=True)
        expect(heading).to_be_visible(timeout=WITHIN_MS)
        if title.startswith("Unggah"):
            self.page.set_input_files(
                "#berkas", {"name": "naskah.pdf", "mimeType": "application/pdf", "buffer": file or LETTER}
            )
        for name, value in typed.items():
            box = self.page.locator(f'[name="{name}"]').first
            if name in TICKED:
                box.check()
            elif name == "sifat":
                box.select_option(value)
            else:
                box.fill(value)
        self.fits()
        self.page.get_by_role("button", name=title, exact=True).click()
        expect(self.page.locator(".msg.ok, .err-sum")).to_contain_text(news, timeout=WITHIN_MS)

    def fetch(self, title: str) -> bytes:
        """Download the paper of this title that waits for its signatures."""
        with self.page.expect_download() as waited:
            self.page.get_by_role("button", name=f"Unduh naskah {title}").click()
        return waited.value.path().read_bytes()

    def fits(self) -> None:
        width, room = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width <= room


@dataclass
class Town:
    """The five persons, and the hub whose facts come."""

    persons: dict[str, Person]
    office: Office
    hands: Hands
    number: str = ""
    seen: list[tuple[int, int]] = field(default_factory=list)  # stages and rounds that were confirmed

    def __getattr__(self, name: str) -> Person:
        return self.persons[name]

    def file_request(self) -> None:
        page = self.admin.page
        page.goto(f"{self.admin.site.url}/papan")
        page.get_by_role("link", name="Buat permohonan").click()
        page.fill("#dokumen", "gtk")
        page.fill("#narahubung", "Subbag Perencanaan")
        page.fill("#telepon", "0812 0000 9001")
        page.get_by_role("button", name="Simpan rancangan").click()
        page.wait_for_url(re.compile("kabar=kasus"))
        self.number = re.findall(r"/kasus/([^?]+)", page.url)[0]
        for person in self.persons.values():
            person.number = self.number
        for slot in PROCEDURE.at(1).input:
            self.admin.act(f"Unggah {slot.title}")
        self.admin.act("Ajukan permohonan", surat="421/7/2026", tanggal=indonesian.day(today()))

    @property
    def case(self) -> Case:
        return self.office.find(self.number)

    @property
    def stage(self) -> Stage:
        current = self.case.current
        assert current is not None
        return PROCEDURE.at(current.stage)

    def fulfil(self) -> None:
        """Everything that the open stage wants: facts of the hub, words of persons, papers of two hands."""
        stage = self.stage
        for each in stage.evidence:
            if each.source == "fact" and not each.optional:
                subject = {"document": self.case.documents[0], "opd": f"{OPD}.dapodik", "case": self.number}[each.per]
                self.office.take(each.met[0], subject)
            elif each.source == "statement":
                self.persons[CONFIRMED_BY[each.roles[0]]].act(f"Nyatakan: {each.title}")
        self._papers(stage)

    def _papers(self, stage: Stage) -> None:
        by = self.persons["admin" if stage.side == "opd" else "teknis"]
        before = [each for each in self.case.past if each.stage == stage.number]
        for slot in stage.output:
            if before and before[-1].papers.get(slot.slot):
                by.act(f"Pakai lagi {slot.title} dari putaran {before[-1].round}")
                continue
            by.act(f"Unggah {slot.title}")
            if slot.signed:
                self._sign(slot, self.kabid if stage.role == "kabid_aptika" else self.kedua)

    def _sign(self, slot: Slot, by: Person) -> None:
        """Make the paper ready, have it signed in the e-office by those whose it is, and bring it."""
        signers = KINDS[slot.slot].signers
        typed = {f"nama{at}": f"Penanda Tangan {at}" for at, _ in enumerate(signers, 1)}
        if slot.slot == "disposisi":
            typed |= {"sifat": "segera", "diteruskan": "", "harap": ""}
        title, day = f"Siapkan {slot.title} untuk ditandatangani", indonesian.day(today())
        by.act(title, None, "Naskah siap ditandatangani", surat="500/9/2026", tanggal=day, **typed)
        data = by.fetch(slot.title)
        with ThreadPoolExecutor(1) as office:  # pyHanko wants a thread without Playwright's event loop
            for hand in (self.hands.head, self.hands.second)[: len(signers)]:
                data = office.submit(hand.sign, data).result()
        by.act(f"Unggah {slot.title} bertanda tangan", data, "Tanda tangan sah.")

    def confirm(self) -> None:
        stage, current = self.stage, self.case.current
        assert current is not None
        yes = "Ya: tegaskan" if stage.number == PROCEDURE.deciding else "Tegaskan"
        self.persons[CONFIRMED_BY[stage.role]].act(f"{yes} tahap {stage.number} {stage.label}")
        self.seen.append((stage.number, current.round))

    def to(self, number: int) -> None:
        while self.stage.number != number:
            self.fulfil()
            self.confirm()


@pytest.fixture
def town(stack: Stack, template: str, browser: Browser, tmp_path: Path) -> Iterator[Town]:
    with one_database(stack, template) as database:
        people = People(database.dsn())
        add_agency(database)
        people.add("teknis.dua", Role.TIM_TEKNIS, shown_name="Anggota Kedua")
        with servers(database, people) as start:
            hands = Hands.new(tmp_path / "penerbit")
            told = {"public_url": "https://simpul.example", "signature_anchors": hands.place}
            site = start(settings_of(database, stack).model_copy(update=told))
            tokens = {
                "admin": people.sign_in(Role.OPD_ADMIN, OPD),
                "teknis": people.sign_in(Role.TIM_TEKNIS),
                "kedua": people.session(people.add("teknis.dua")),
                "pengawas": people.sign_in(Role.PEJABAT_PENGAWAS),
                "kabid": people.sign_in(Role.KABID_APTIKA),
            }
            contexts: list[Any] = []
            persons = {}
            for name, token in tokens.items():
                context = browser.new_context(
                    viewport=TELEPHONE if name == "kabid" else DESK, java_script_enabled=name != "teknis"
                )
                cookies = site.with_session(token).cookie.items()
                context.add_cookies([{"name": each, "value": value, "url": site.url} for each, value in cookies])
                contexts.append(context)
                persons[name] = Person(context.new_page(), site)
            yield Town(persons, OfficeNow(database, day=today()), hands)
            for context in contexts:
                context.close()


@pytest.mark.full
def test_five_persons_lead_a_case_from_the_letter_to_the_final_report_with_both_returns(town: Town) -> None:
    town.file_request()
    assert town.number
    assert WALIDATA == "kominfo"

    town.to(3)
    town.teknis.act("Kembalikan ke tahap 2 Definisi Data", alasan=WHY, dokumen="")
    town.to(11)
    town.kabid.act("Tidak: kembalikan ke tahap 3 Skenario", alasan=WHY, dokumen="")
    town.to(12)
    town.fulfil()
    town.confirm()

    case, events = town.case, town.office.events(town.number)
    assert case.state is CaseState.CLOSED
    assert case.returns == {(3, 2): 1, (11, 3): 1}
    again = [(stage, 2) for stage in range(4, 12)]
    assert town.seen == [
        (1, 1), (2, 1), (2, 2), (3, 2), *[(stage, 1) for stage in range(4, 11)], (3, 3), *again, (12, 1)
    ]  # fmt: skip
    assert {each.actor for each in events if each.kind is Kind.CONFIRMED} == {
        "kabid-aptika.kominfo", "opd-admin.disdik", "tim-teknis.kominfo", "pejabat-pengawas.kominfo",
    }  # fmt: skip
    town.kabid.page.goto(f"{town.kabid.site.url}/kasus/{town.number}")
    expect(town.kabid.page.locator("main")).to_contain_text("Permohonan selesai.")
    town.kabid.fits()

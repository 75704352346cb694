"""The pages in Chromium: live, whole without script, at home on a telephone and at the keyboard."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import SecretStr

from dashboard.exchange import Tally
from dashboard.settings import Settings
from tests.conftest import Database
from tests.dashboard.conftest import Site
from tests.dashboard.exchange_rows import ExchangeRows
from tests.eventually import eventually
from tests.relay import Relay

RESIDENTS, REGIONS = "opd.disdukcapil.penduduk", "opd.kominfo.wilayah"
WITHIN_MS = 20_000
expect.set_options(timeout=WITHIN_MS)


class Watch:
    """What a page did behind its face: everything it complained of, and every host it asked."""

    def __init__(self, page: Page) -> None:
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.hosts.add(urlsplit(request.url).netloc))


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[Callable[..., tuple[Page, Watch]]]:
    """Opens an address of the site in a fresh context; its options are Playwright's."""
    contexts = []

    def visit(path: str = "/pertukaran", to: Site = site, **options: object) -> tuple[Page, Watch]:
        context = browser.new_context(**options)  # type: ignore[arg-type]
        context.add_cookies([{"name": name, "value": value, "url": to.url} for name, value in to.cookie.items()])
        contexts.append(context)
        page = context.new_page()
        watch = Watch(page)
        page.goto(to.url + path)
        return page, watch

    yield visit
    for context in contexts:
        context.close()


Visit = Callable[..., tuple[Page, Watch]]


def fill(rows: ExchangeRows) -> None:
    """A hub that has seen something of everything."""
    rows.settle(RESIDENTS, Tally(830, 700, 19, 103, 8), appended_at=datetime.now(UTC))
    rows.settle(REGIONS, Tally(92, 92), appended_at=datetime.now(UTC))
    rows.fill(RESIDENTS, 700)
    for offset in range(8):
        rows.return_letter(RESIDENTS, offset)
    rows.publish_round(792)


def cell(document: str, column: str) -> str:
    return f'#dokumen tr:has-text("{document}") td[data-l="{column}"]'


def test_counts_move_without_a_reload(open_page: Visit, rows: ExchangeRows) -> None:
    fill(rows)
    page, watch = open_page()
    accepted = page.locator(cell("disdukcapil.penduduk", "Diterima"))
    expect(accepted).to_have_text("700")
    page.evaluate("document.body.dataset.sejak = 'awal'")
    page.get_by_role("link", name="Semua data dikembalikan").focus()

    rows.settle(RESIDENTS, Tally(12_345, 12_215, 19, 103, 8))
    rows.return_letter(RESIDENTS, 12_300, code="nik.bentuk", field="nik", found="15 digit", expected="16 digit")

    expect(accepted).to_have_text("12.215")
    expect(page.locator("#angka")).to_contain_text("12.437")
    expect(page.locator("#surat tbody tr").first).to_contain_text("15 digit")
    assert page.evaluate("document.body.dataset.sejak") == "awal"
    expect(page.get_by_role("link", name="Semua data dikembalikan")).to_be_focused()
    assert watch.complaints == []


def test_a_page_asks_no_other_host_and_breaks_no_policy(open_page: Visit, rows: ExchangeRows, site: Site) -> None:
    fill(rows)

    for path in ("/pertukaran", "/data-dikembalikan", "/data-dikembalikan?dokumen=kominfo.wilayah"):
        page, watch = open_page(path)
        expect(page.locator("h1")).to_be_visible()

        assert watch.hosts == {urlsplit(site.url).netloc}
        assert watch.complaints == []


def test_nothing_but_marked_regions_scrolls_sideways(open_page: Visit, rows: ExchangeRows) -> None:
    fill(rows)
    widths = (320, 360, 800, 1366)

    for path in ("/pertukaran", "/data-dikembalikan"):
        page, _ = open_page(path)
        seen = []
        for width in widths:
            page.set_viewport_size({"width": width, "height": 800})
            seen.append(page.evaluate("document.documentElement.scrollWidth"))

        assert tuple(seen) == widths


def test_light_and_dark_follow_the_system(open_page: Visit, rows: ExchangeRows) -> None:
    fill(rows)
    grounds = {}

    for scheme in ("light", "dark"):
        page, _ = open_page(color_scheme=scheme)
        grounds[scheme] = page.evaluate(
            "[getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"
        )

    assert grounds == {
        "light": ["rgb(244, 244, 242)", "rgb(26, 28, 43)"],
        "dark": ["rgb(17, 19, 27)", "rgb(237, 236, 231)"],
    }


def test_the_keyboard_goes_through_the_page_in_order(open_page: Visit, rows: ExchangeRows) -> None:
    fill(rows)
    page, _ = open_page()
    order = []

    for _step in range(23):
        page.keyboard.press("Tab")
        order.append(
            page.evaluate(
                "(document.activeElement.ariaLabel || document.activeElement.textContent).trim().replace(/\\s+/g, ' ')"
            )
        )

    assert order == [
        "Langsung ke isi",
        "Simpul Kab. Nganjuk",
        "Operator Kominfo Operator, kominfo",
        "Beranda",
        "Papan tahap",
        "Tugas saya",
        "Pertukaran data",
        "Data dikembalikan",
        "Muatan",
        "Register permohonan",
        "Statistik permohonan",
        "Kalender kerja",
        "Katalog",
        "Rancangan kontrak",
        "Sumber data",
        "Pekerjaan",
        "Pemberitahuan",
        "Pengawasan",
        "OPD dan sistem",
        "Token layanan",
        "Contoh komponen",
        "Tabel per dokumen",
        "Semua data dikembalikan",
    ]


def test_the_skip_link_leads_past_the_menu(open_page: Visit, rows: ExchangeRows) -> None:
    fill(rows)
    page, _ = open_page()

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Langsung ke isi")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")

    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_the_page_is_whole_without_script(open_page: Visit, rows: ExchangeRows) -> None:
    fill(rows)

    page, _ = open_page(java_script_enabled=False)

    expect(page.locator(cell("disdukcapil.penduduk", "Ditunda"))).to_have_text("103")
    expect(page.locator("svg.flow path.t")).to_have_count(8)  # 2 in, 2 to tables, 2 to what else, 2 to topics
    letters = page.locator("#surat tbody tr")
    # Without script a page stays as it was drawn, which may have been while it was being filled.
    eventually(lambda: page.reload() and letters.count(), until=lambda count: count == 8)
    page.get_by_role("link", name="Semua data dikembalikan").click()
    expect(page.locator("h1")).to_have_text("Data dikembalikan")


def test_a_live_page_says_that_postgresql_is_away_and_recovers(
    open_page: Visit,
    serve: Callable[[Settings], Site],
    site_settings: Settings,
    database: Database,
    rows: ExchangeRows,
) -> None:
    fill(rows)
    dsn = database.dsn("simpul_web").get_secret_value()
    target = conninfo_to_dict(dsn)
    relay = Relay((str(target["host"]), int(str(target["port"]))))
    relay.open()
    site = serve(site_settings.model_copy(update={"dsn": SecretStr(make_conninfo(dsn, port=relay.port))}))
    page, _ = open_page(to=site)
    accepted = page.locator(cell("disdukcapil.penduduk", "Diterima"))
    rows.settle(RESIDENTS, Tally(831, 701, 19, 103, 8))
    expect(accepted).to_have_text("701")  # the stream is open: a page that has not begun it yet would be refused
    expect(page.locator("#keadaan")).not_to_contain_text("Basis data tidak menjawab")

    relay.close()
    expect(page.locator("#keadaan")).to_contain_text("Basis data tidak menjawab sejak pukul")
    expect(accepted).to_have_text("701")
    relay.open()
    expect(page.locator("#keadaan")).not_to_contain_text("Basis data tidak menjawab")
    relay.close()


def test_a_page_whose_server_is_gone_says_that_its_figures_stand_still(
    open_page: Visit, serve: Callable[[Settings], Site], site_settings: Settings, rows: ExchangeRows
) -> None:
    fill(rows)
    site = serve(site_settings.model_copy(update={"stream_life_s": 1.0}))
    page, _ = open_page(to=site)
    note = page.locator("#putus")
    expect(note).to_be_hidden()

    page.context.set_offline(True)
    expect(note).to_be_visible()
    page.context.set_offline(False)

    expect(note).to_be_hidden()

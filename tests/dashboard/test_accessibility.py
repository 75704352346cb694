"""Every page in Chromium: what axe finds, at a desk in light and dark, and on a telephone."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.conftest import Database
from tests.dashboard.conftest import Site
from tests.dashboard.exchange_rows import ExchangeRows
from tests.dashboard.filled import Filled, fill
from tests.dashboard.people import People
from tests.dashboard.visitors import visiting

# Pages by who looks at them; {person} and so on are numbers of what is there.
PAGES = {
    "nobody": ["/masuk", "/masuk?sebab=berakhir", "/kredensial/kode", "/naskah/{paper}", "/tidak-ada"],
    "operator": [
        "/",
        "/pertukaran",
        "/data-dikembalikan",
        "/muatan",
        "/pekerjaan",
        "/pekerjaan/{job}",
        "/pemberitahuan",
        "/pemberitahuan?keadaan=selesai",
        "/pemberitahuan/{notice}",
        "/pengawasan",
        "/pengawasan/lag",
        "/akun",
        "/komponen",
        "/orang",
    ],
    "administrator": [
        "/orang",
        "/orang/baru",
        "/orang/{person}",
        "/opd",
        "/opd/disdukcapil",
        "/token",
        "/token/baru",
        "/orang?cari=tidak-ada",
    ],
    "auditor": ["/jejak-audit", "/jejak-audit?pelaku=tidak-ada", "/jejak-audit?sejak=31-02-2026", "/data-induk"],
    "kepala_dinas": [
        "/",
        "/hak-akses",
        "/hak-akses/baru?entitas=penduduk",
        "/hak-akses/pks",
        "/permohonan-akses",
        "/permohonan-akses?tampil=tidak-dipakai",
        "/permohonan-akses/{agreed}",
    ],
    "reader": [
        "/katalog",
        "/katalog/entitas",
        "/katalog?cari=tanggal+lahir",
        "/katalog?cari=tidak-ada",
        "/katalog/disdukcapil/penduduk",
        "/katalog/entitas/penduduk",
        "/katalog/kode",
        "/katalog/kode/agama",
        "/katalog/kode/kbli-2020",
        "/permohonan-akses",
        "/permohonan-akses?tampil=kami",
        "/permohonan-akses?tampil=penghapusan",
        "/permohonan-akses/baru",
        "/katalog/disdukcapil/penduduk/minta",
        "/permohonan-akses/{asked}",
        "/permohonan-akses/{granted}",
        "/permohonan-akses/penghapusan/{ended}",
    ],
    "steward": [
        "/tidak-padan",
        "/tidak-padan?keadaan=ended",
        "/tidak-padan/{conflict}",
        "/katalog/disdukcapil/penduduk/profil",
        "/data-induk",
        "/data-induk/penduduk",
        "/data-induk/wilayah",
        "/data-induk/penduduk/cari",
        "/muatan/disdukcapil/penduduk",
        "/muatan/disdukcapil/penduduk/csv-0f3a",
    ],
    "opd_programmer": ["/kredensial", "/sumber"],
    "tim_teknis": [
        "/kontrak/rancangan",
        "/kontrak/rancangan?keadaan=withdrawn",
        "/kontrak/rancangan/{draft}",
        "/papan",
        "/papan?tampil=tabel",
        "/tugas-saya",
        "/kasus/{case}",
        "/kasus/{case}/langkah/siapkan:disposisi",
        "/register-permohonan",
        "/statistik-permohonan",
        "/kalender",
    ],
    "opd_admin": [
        "/",
        "/pertukaran",
        "/data-dikembalikan",
        "/permohonan-akses?tampil=putuskan",
        "/permohonan-akses/{asked}",
        "/kasus/baru",
    ],
}
# Pages that say no.
OTHERWISE = {
    ("nobody", "/tidak-ada"): 404,
    ("operator", "/orang"): 403,
    ("auditor", "/jejak-audit?sejak=31-02-2026"): 422,
}
# Forms that are sent empty: who, where, and where the form leads.
REFUSED = [
    ("reader", "/katalog/disdukcapil/penduduk/minta", "/katalog/disdukcapil/penduduk/minta"),
    ("reader", "/permohonan-akses/penghapusan/{ended}", "/permohonan-akses/penghapusan/{ended}"),
    ("opd_admin", "/permohonan-akses/{asked}", "/permohonan-akses/{asked}/putuskan"),
    ("tim_teknis", "/kasus/{case}/langkah/tahan", "/kasus/{case}/langkah/tahan"),
]  # fmt: skip
LOOKS: dict[str, dict[str, Any]] = {
    "desk": {"viewport": {"width": 1366, "height": 768}},
    "dark": {"viewport": {"width": 1280, "height": 720}, "color_scheme": "dark"},  # narrower: the rope in two runs
    "telephone": {"viewport": {"width": 360, "height": 740}},
}
# What axe warns of and people would not: nothing is left out but the rules about other sites' content.
# What it finds right is not asked for: on a large page that is most of the answer.
OPTIONS = {
    "resultTypes": ["violations"],
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


@pytest.fixture
def filled(database: Database, people: People, rows: ExchangeRows) -> Filled:
    return fill(database, people, rows)


@pytest.fixture(
    params=[pytest.param("desk", marks=pytest.mark.full), pytest.param("dark", marks=pytest.mark.full), "telephone"]
)
def visitors(
    request: pytest.FixtureRequest, browser: Browser, site: Site, people: People, filled: Filled
) -> Iterator[dict[str, Page]]:
    """A page of the browser for each of those who look, signed in."""
    with visiting(browser, site, people, PAGES, LOOKS[request.param]) as pages:
        yield pages


# What stands over the edge of its panel, but in regions that scroll by themselves or cut on purpose.
OVER_THE_EDGE = """() => {
    const cuts = each => getComputedStyle(each).overflowX != "visible";
    const held = (each, panel) => each != panel && (cuts(each) || held(each.parentElement, panel));
    return [...document.querySelectorAll("main .panel :not(svg, svg *)")].filter(each => {
        const panel = each.closest(".panel"), box = each.getBoundingClientRect();
        return box.width > 1 && box.right > panel.getBoundingClientRect().right + 1 && !held(each.parentElement, panel);
    }).map(each => `over the edge: ${each.outerHTML.slice(0, 120)}`);
}"""


def faults_of(page: Page) -> list[str]:
    """What axe finds, what stands over the edge of its panel, and whether the page scrolls sideways."""
    result = Axe().run(page, options=OPTIONS)
    faults = [f"{each['id']}: {node['html'][:160]}" for each in result.response["violations"] for node in each["nodes"]]
    width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    faults += page.evaluate(OVER_THE_EDGE)
    return faults + ([f"{width} px wide in {room}"] if width > room else [])


@pytest.mark.timeout(900)  # some seventy pages in one browser
def test_axe_finds_nothing_and_nothing_scrolls_sideways(visitors: dict[str, Page], site: Site, filled: Filled) -> None:
    numbers = asdict(filled)
    found: dict[str, list[str]] = {}
    for who, page in visitors.items():
        for path in PAGES[who]:
            answer = page.goto(site.url + path.format(**numbers))
            assert answer is not None
            assert answer.status == OTHERWISE.get((who, path), 200), path
            faults = faults_of(page)
            if faults:
                found[f"{who} {path}"] = faults
    for who, path, way in REFUSED:
        page = visitors[who]
        page.goto(site.url + path.format(**numbers))
        form = page.locator(f'form[action="{way.format(**numbers)}"]')
        form.locator("button").press("Enter")
        expect(page.locator(".error").first, path).to_be_visible()
        faults = faults_of(page)
        if faults:
            found[f"{who} {path}, refused"] = faults

    assert found == {}


@pytest.mark.parametrize("visitors", ["telephone"], indirect=True)
def test_on_paper_the_letterhead_stands_and_what_acts_is_gone(visitors: dict[str, Page], site: Site) -> None:
    page = visitors["operator"]
    page.goto(f"{site.url}/pemberitahuan")
    page.emulate_media(media="print")

    shown = {
        part: page.locator(part).first.is_visible()
        for part in (".letterhead", "h1", "table", ".bar", ".nav", ".tabs", ".skip")
    }

    assert shown == {
        ".letterhead": True, "h1": True, "table": True, ".bar": False, ".nav": False, ".tabs": False, ".skip": False,
    }  # fmt: skip

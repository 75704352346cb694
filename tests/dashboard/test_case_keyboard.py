"""Case pages at the keyboard: Tab comes to everything, shows where it is, and what was refused is in sight."""

from collections.abc import Iterator

import psycopg
import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.conftest import Database
from tests.dashboard.cases import frozen_paper, submitted_case
from tests.dashboard.conftest import Site
from tests.dashboard.people import OWN, People
from tests.dashboard.visitors import visiting

VIEWPORTS: dict[str, ViewportSize] = {
    "desk": {"width": 1280, "height": 760},
    "telephone": {"width": 360, "height": 740},
}
PAGES = [
    ("kabid_aptika", "/papan"),
    ("kabid_aptika", "/tugas-saya"),
    ("kabid_aptika", "/kasus/{case}"),
    ("tim_teknis", "/kasus/{case}/langkah/siapkan:disposisi"),
    ("opd_admin", "/kasus/{case}"),
    ("opd_admin", "/kasus/baru"),
    ("kepala_dinas", "/register-permohonan"),
    ("kepala_dinas", "/statistik-permohonan"),
    ("kepala_dinas", "/kalender"),
]
# What a person can act on in the page's own part, as it stands there: what is folded away is not there yet.
ACTS = """() => {
    const kinds = ["a[href]", "button", "input:not([type=hidden])", "select", "textarea", "summary"];
    const folded = each => each.tagName != "SUMMARY" && each.closest("details:not([open])");
    return [...document.querySelectorAll(kinds.map(kind => `main ${kind}`).join())]
        .filter(each => each.checkVisibility() && !each.disabled && !folded(each))
        .map((each, at) => { each.dataset.uji = at; return each.outerHTML.slice(0, 120); });
}"""
# Where the keyboard is: which act, and what is wrong with how one sees it.
HERE = """() => {
    const each = document.activeElement, style = getComputedStyle(each), box = each.getBoundingClientRect();
    const [right, down] = [Math.min(box.width / 2, 20), Math.min(box.height / 2, 8)];
    const above = document.elementFromPoint(box.left + right, box.top + down);
    const faults = [];
    if (style.outlineStyle == "none" || parseFloat(style.outlineWidth) < 2) faults.push("no ring");
    if (box.top < 0 || box.top >= innerHeight) faults.push("out of sight");
    else if (!above || !(each.contains(above) || above.contains(each))) faults.push("covered");
    return [each == document.body ? -1 : Number(each.dataset.uji ?? -2), faults, each.outerHTML.slice(0, 120)];
}"""


@pytest.fixture
def case(database: Database) -> str:
    with psycopg.connect(database.dsn().get_secret_value(), autocommit=True) as conn:
        number = submitted_case(conn, OWN)
        frozen_paper(conn, number)
    return number


@pytest.fixture(params=VIEWPORTS)
def sizes(request: pytest.FixtureRequest) -> ViewportSize:
    return VIEWPORTS[request.param]


@pytest.fixture
def visitors(browser: Browser, site: Site, people: People, sizes: ViewportSize) -> Iterator[dict[str, Page]]:
    """A page of the browser for each of those who act, signed in."""
    with visiting(browser, site, people, (role for role, _ in PAGES), {"viewport": sizes}) as pages:
        yield pages


def walk(page: Page) -> tuple[list[str], dict[str, list[str]]]:
    """Go through the whole page by Tab: acts that were not come to, and what is wrong with how some are seen."""
    acts, reached, wrong = page.evaluate(ACTS), [], {}
    for _ in range(300):
        page.keyboard.press("Tab")
        at, faults, what = page.evaluate(HERE)
        if at == -1:
            break
        if at >= 0:
            reached.append(at)
        if faults:
            wrong[what] = faults
    assert reached == sorted(set(reached))
    return [act for at, act in enumerate(acts) if at not in reached], wrong


def test_tab_comes_to_every_act_in_order_and_shows_where_it_is(
    visitors: dict[str, Page], site: Site, case: str
) -> None:
    found = {}
    for who, path in PAGES:
        page = visitors[who]
        page.goto(site.url + path.format(case=case))
        found[f"{who} {path}"] = walk(page)

    assert {where: each for where, each in found.items() if each != ([], {})} == {}


def test_what_was_refused_is_in_sight_with_its_reason(visitors: dict[str, Page], site: Site, case: str) -> None:
    page = visitors["opd_admin"]
    page.goto(f"{site.url}/kasus/{case}")

    page.locator("#komentar-baru > summary").press("Enter")
    page.get_by_label("Komentar").fill("NIK 3518130101909001 salah")
    page.get_by_role("button", name="Kirim komentar").press("Enter")
    expect(page.get_by_text("Komentar belum disimpan")).to_be_in_viewport()
    page.locator("#ubah-narahubung > summary").press("Enter")
    page.get_by_label("Telepon").fill("12")
    page.get_by_role("button", name="Simpan narahubung").press("Enter")

    expect(page.get_by_text("Narahubung belum disimpan")).to_be_in_viewport()

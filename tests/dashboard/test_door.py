"""Signing in and out through the pages: cookies, refusals, links, and what a browser may bring along."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from html import unescape

import httpx
import psycopg
import pytest

from identity.actors import Actor
from identity.links import PATH, Purpose, issue_link
from identity.passwords import hashed
from identity.permissions import Role
from identity.sessions import IDLE, csrf_token
from tests.conftest import Database
from tests.dashboard.conftest import SESSION_COOKIE, Site
from tests.dashboard.people import People
from tests.dashboard.test_exchange_page import texts

PASSWORD = "Kuda-Lumping 88 Terbang"
BY = Actor.process("tes")


@pytest.fixture
def conn(database: Database) -> Iterator[psycopg.Connection]:
    with database.connect(autocommit=True) as connection:
        yield connection


@pytest.fixture
def operator(people: People, conn: psycopg.Connection) -> int:
    """A person with a password and without a second factor."""
    number = people.add("sri.op", Role.OPERATOR, shown_name="Sri Operator")
    conn.execute("INSERT INTO identity.password VALUES (%s, %s, now())", (number, hashed(PASSWORD)))
    return number


class Browser:
    """Keeps cookies, follows nothing, and sends forms as a page of ours does."""

    def __init__(self, site: Site) -> None:
        self.client = httpx.Client(base_url=site.url, timeout=20, trust_env=False)
        self.ours = {"Origin": site.url, "Sec-Fetch-Site": "same-origin"}

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def send(self, path: str, fields: dict[str, str], *, form: str | None = None) -> httpx.Response:
        """Fill in the form of the page `form` (else of `path` itself) and send it."""
        page = self.client.get(form or path).text
        found = re.search(r'name="csrf" value="([0-9a-f]+)"', page)
        token = found[1] if found else ""
        return self.client.post(path, data={"csrf": token} | fields, headers=self.ours)

    def sign_in(self, name: str = "sri.op", password: str = PASSWORD, **fields: str) -> httpx.Response:
        return self.send("/masuk", {"nama": name, "sandi": password} | fields)


Browsers = Callable[[], Browser]


@pytest.fixture
def browsers(site: Site) -> Iterator[Browsers]:
    """As many browsers as a test wants, each without cookies at first."""
    opened: list[Browser] = []

    def open_one() -> Browser:
        opened.append(Browser(site))
        return opened[-1]

    yield open_one
    for each in opened:
        each.client.close()


def test_a_page_leads_to_the_door_and_back(site: Site, browsers: Browsers, operator: int) -> None:
    browser = browsers()
    asked = browser.get("/data-dikembalikan?dokumen=disdukcapil.penduduk")
    assert (asked.status_code, asked.headers["location"]) == (
        303,
        "/masuk?lanjut=%2Fdata-dikembalikan%3Fdokumen%3Ddisdukcapil.penduduk",
    )
    hidden = re.search(r'name="lanjut" value="([^"]*)"', browser.get(asked.headers["location"]).text)
    assert hidden is not None

    entered = browser.sign_in(lanjut=unescape(hidden[1]))

    assert entered.status_code == 303
    assert entered.headers["location"] == "/data-dikembalikan?dokumen=disdukcapil.penduduk"
    assert browser.get(entered.headers["location"]).status_code == 200


@pytest.mark.parametrize("onward", ["//evil.example", "/\\evil.example", "https:evil", "javascript:alert(1)"])
def test_nobody_is_led_to_another_site(site: Site, browsers: Browsers, operator: int, onward: str) -> None:
    assert browsers().sign_in(lanjut=onward).headers["location"] == "/"


def test_unknown_name_and_wrong_password_get_one_answer(site: Site, browsers: Browsers, operator: int) -> None:
    answers = [texts(browsers().sign_in(name, "salah").text).replace(name, "") for name in ("sri.op", "tidak.ada")]

    assert answers[0] == answers[1]
    assert "Nama pengguna atau kata sandi tidak cocok." in answers[0]


def test_what_was_typed_as_a_password_never_comes_back(site: Site, browsers: Browsers, operator: int) -> None:
    assert "rahasia-yang-salah" not in browsers().sign_in(password="rahasia-yang-salah").text


def test_many_wrong_tries_are_told_to_wait_and_how_long(site: Site, browsers: Browsers, operator: int) -> None:
    browser = browsers()
    refused = [browser.sign_in(password="salah") for _ in range(6)][-1]

    assert refused.status_code == 429
    assert int(refused.headers["retry-after"]) >= 1
    assert re.search(r"Terlalu banyak percobaan. Mohon tunggu \d+ (detik|menit)", texts(refused.text))


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(site: Site, browsers: Browsers, operator: int) -> None:
    cookies = browsers().sign_in().headers.get_list("set-cookie")

    session = next(each for each in cookies if each.startswith(f"{SESSION_COOKIE}="))
    assert re.fullmatch(rf"{SESSION_COOKIE}=[\w-]{{43}}; HttpOnly; Path=/; SameSite=lax", session)


def test_over_https_every_cookie_has_the_host_prefix(site: Site, operator: int) -> None:
    """Behind a proxy on the same machine that ends TLS."""
    proxied = {"X-Forwarded-Proto": "https", "Origin": site.url.replace("http", "https")}
    with httpx.Client(base_url=site.url, timeout=20, trust_env=False, headers=proxied) as client:
        page = client.get("/masuk")
        before = dict(re.findall(r"(__Host-\w+)=([\w-]+)", page.headers["set-cookie"]))
        fields = {"csrf": csrf_token(before["__Host-pra"]), "nama": "sri.op", "sandi": PASSWORD, "kenal": "ya"}
        cookie = f"__Host-pra={before['__Host-pra']}"
        entered = client.post("/masuk", data=fields, headers={"Cookie": cookie, "Sec-Fetch-Site": "same-origin"})

    kept = [each for each in entered.headers.get_list("set-cookie") if "Max-Age=0" not in each]
    assert entered.status_code == 303
    assert page.headers["strict-transport-security"] == "max-age=31536000"
    assert "Sambungan ini tidak disandikan" not in texts(page.text)
    assert {each.split("=")[0] for each in kept} == {"__Host-sid", "__Host-alat"}
    for each in [page.headers["set-cookie"], *entered.headers.get_list("set-cookie")]:
        assert {"Secure", "HttpOnly", "Path=/", "SameSite=lax"} <= set(each.split("; ")), each
        assert "Domain" not in each


def test_over_plain_http_the_page_says_so(site: Site) -> None:
    assert "Sambungan ini tidak disandikan." in texts(site.as_nobody().get("/masuk").text)


def test_signing_in_gives_a_new_session_and_ends_the_one_before(
    site: Site, browsers: Browsers, operator: int, people: People
) -> None:
    browser = browsers()
    planted = people.session(operator)
    browser.client.cookies.set(SESSION_COOKIE, planted, domain="127.0.0.1")

    entered = browser.sign_in()

    given = re.search(rf"{SESSION_COOKIE}=([\w-]+)", entered.headers["set-cookie"])
    assert given is not None
    assert given[1] != planted
    assert site.with_session(planted).get("/pertukaran").status_code == 303


def test_a_session_that_was_left_opens_nothing_any_more(site: Site, operator: int, people: People) -> None:
    mine = site.with_session(people.session(operator))
    assert mine.get("/pertukaran").status_code == 200

    left = mine.post("/keluar")

    assert (left.status_code, left.headers["location"]) == (303, "/masuk?sebab=keluar")
    again = mine.get("/pertukaran")
    assert (again.status_code, again.headers["location"]) == (303, "/masuk?lanjut=%2Fpertukaran&sebab=berakhir")
    assert mine.get("/aliran").status_code == 401


def test_after_half_an_hour_without_use_the_door_says_why(
    site: Site, operator: int, people: People, conn: psycopg.Connection
) -> None:
    mine = site.with_session(people.session(operator))
    conn.execute("UPDATE identity.session SET seen_at = %s", (datetime.now(UTC) - IDLE - timedelta(seconds=1),))

    ended = mine.get("/pertukaran")

    page = texts(site.as_nobody().get(ended.headers["location"]).text)
    assert "Sesi Anda berakhir setelah 30 menit tanpa kegiatan." in page


def test_use_keeps_a_session_alive_and_is_written_once_a_minute(
    site: Site, operator: int, people: People, conn: psycopg.Connection
) -> None:
    mine = site.with_session(people.session(operator))
    past = datetime.now(UTC) - timedelta(seconds=90)
    conn.execute("UPDATE identity.session SET seen_at = %s", (past,))

    mine.get("/pertukaran")
    seen = conn.execute("SELECT seen_at FROM identity.session WHERE person_id = %s", (operator,)).fetchone()
    mine.get("/pertukaran")
    again = conn.execute("SELECT seen_at FROM identity.session WHERE person_id = %s", (operator,)).fetchone()

    assert seen is not None
    assert seen[0] > past + timedelta(seconds=80)
    assert again == seen


def test_an_invitation_is_used_by_its_form_and_once(
    site: Site, browsers: Browsers, people: People, conn: psycopg.Connection
) -> None:
    number = people.add("baru.op", Role.OPERATOR, shown_name="Baru Sekali")
    with conn.transaction():
        secret = issue_link(conn, number, Purpose.INVITATION, by=BY, now=datetime.now(UTC))
    browser, way = browsers(), PATH + secret
    for _ in range(3):
        assert "Baru Sekali" in browser.get(way).text  # looking uses nothing up
    weak = browser.send(way, {"baru": "pendek", "ulang": "pendek"})
    unlike = browser.send(way, {"baru": PASSWORD, "ulang": PASSWORD + "!"})
    assert weak.status_code == unlike.status_code == 422

    saved = browser.send(way, {"baru": PASSWORD, "ulang": PASSWORD})

    assert (saved.status_code, saved.headers["location"]) == (303, "/masuk?sebab=disimpan")
    assert browser.get(way).status_code == 404
    assert browser.sign_in("baru.op").status_code == 303


def test_a_demo_link_lets_in_as_often_as_one_likes(
    site: Site, browsers: Browsers, people: People, conn: psycopg.Connection
) -> None:
    number = people.add("operator", Role.OPERATOR, shown_name="Contoh Operator")
    conn.execute("INSERT INTO identity.installation (demo) VALUES (true)")
    with conn.transaction():
        secret = issue_link(conn, number, Purpose.DEMO, by=BY, now=datetime.now(UTC))

    for _ in range(2):
        browser = browsers()
        entered = browser.send(PATH + secret, {})
        assert (entered.status_code, entered.headers["location"]) == (303, "/")
        assert browser.get("/pertukaran").status_code == 200


@pytest.mark.parametrize("secret", ["x" * 43, "pendek", "a%2f..%2fb" + "c" * 30])
def test_a_link_that_never_was_leads_nowhere(site: Site, secret: str) -> None:
    assert site.as_nobody().get(PATH + secret).status_code in (404, 422)


@pytest.mark.parametrize(
    ("headers", "with_token"),
    [
        pytest.param({"Sec-Fetch-Site": "same-origin"}, False, id="no token"),
        pytest.param({"Sec-Fetch-Site": "cross-site"}, True, id="from another site"),
        pytest.param({"Sec-Fetch-Site": "same-site"}, True, id="from a sister site"),
        pytest.param({"Origin": "https://evil.example"}, True, id="another origin"),
        pytest.param({"Origin": "null"}, True, id="a null origin that nothing vouches for"),
        pytest.param({}, True, id="neither header"),
        pytest.param({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, True, id="contradiction"),
    ],
)
def test_what_no_page_of_ours_sent_is_refused(
    site: Site, operator: int, people: People, headers: dict[str, str], *, with_token: bool
) -> None:
    mine = site.with_session(people.session(operator))
    fields = {"csrf": csrf_token(mine.token)} if with_token else {"csrf": ""}

    answer = httpx.post(f"{site.url}/keluar", data=fields, headers=headers, cookies=mine.cookie, trust_env=False)

    assert answer.status_code == 403
    assert mine.get("/pertukaran").status_code == 200


def test_a_browser_that_hides_the_origin_is_vouched_for_by_sec_fetch_site(
    site: Site, operator: int, people: People
) -> None:
    mine = site.with_session(people.session(operator))

    assert mine.post("/keluar", Origin="null").status_code == 303


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        pytest.param(b"a=" + b"x" * 1_000_000, "application/x-www-form-urlencoded", 413, id="over a megabyte"),
        pytest.param(b"{}", "application/json", 415, id="no form"),
        pytest.param(b"a=%00", "application/x-www-form-urlencoded", 400, id="a NUL"),
        pytest.param(b"\xff\xfe", "application/x-www-form-urlencoded", 400, id="no text"),
    ],
)
def test_a_body_that_is_no_form_of_ours_is_refused(site: Site, body: bytes, kind: str, status: int) -> None:
    headers = {"Content-Type": kind, "Origin": site.url}

    answer = httpx.post(f"{site.url}/keluar", content=body, headers=headers, cookies=site.cookie, trust_env=False)

    assert answer.status_code == status
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")

"""What every answer carries, and who is refused."""

import re

import httpx

from tests.dashboard.conftest import Site
from tests.dashboard.exchange_rows import ExchangeRows

RESIDENTS = "opd.disdukcapil.penduduk"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
SECURITY = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
}
ROUTES = {  # path: status, caching
    "/pertukaran": (200, "no-store"),
    "/data-dikembalikan": (200, "no-store"),
    "/data-dikembalikan?dokumen=disdukcapil.penduduk": (200, "no-store"),
    "/data-dikembalikan?dokumen=tidak.ada": (404, "no-store"),
    "/data-dikembalikan?dokumen=%27%20or%201=1": (404, "no-store"),
    "/data-dikembalikan?dokumen=%00": (404, "no-store"),
    "/data-dikembalikan?dokumen=%3Cscript%3E": (404, "no-store"),
    "/data-dikembalikan?sebelum=9223372036854775808": (422, "no-store"),  # 2^63: no bigint
    "/data-dikembalikan?sebelum=%00": (422, "no-store"),
    "/healthz": (200, "no-store"),
    "/readyz": (200, "no-store"),
    "/static/simpul.css": (200, "no-cache"),
    "/static/flow.js": (200, "no-cache"),
    "/static/..%2fapp.py": (404, "no-store"),
    "/tidak-ada": (404, "no-store"),
    "/docs": (404, "no-store"),  # FastAPI's page loads its parts from other hosts
    "/openapi.json": (404, "no-store"),
}
PAGES = ("/pertukaran", "/data-dikembalikan", "/data-dikembalikan?dokumen=%3Cscript%3E", "/tidak-ada")
METHODS = ("POST", "PUT", "DELETE", "PATCH")
HOSTS = {  # Host: status
    "127.0.0.1": 200,
    "localhost:8080": 200,
    "LOCALHOST": 200,
    "simpul.penyerang.example": 400,
    "127.0.0.1.penyerang.example:80": 400,
    "localhost@penyerang.example": 400,
    "": 400,
}


def test_every_answer_has_the_security_headers(site: Site, rows: ExchangeRows) -> None:
    rows.topic(RESIDENTS)
    rows.return_letter(RESIDENTS, 1)

    answers = {path: site.get(path) for path in ROUTES}

    assert {path: (answer.status_code, answer.headers["cache-control"]) for path, answer in answers.items()} == ROUTES
    for path, answer in answers.items():
        assert SECURITY.items() <= dict(answer.headers).items(), path


def test_no_page_has_inline_script_or_style_or_names_another_host(site: Site, rows: ExchangeRows) -> None:
    rows.topic(RESIDENTS)
    rows.return_letter(RESIDENTS, 1, found="<script>alert(1)</script>", remedy="<a href=//x.example>Klik</a>")

    pages = {path: site.get(path).text for path in PAGES}

    for path, html in pages.items():
        assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", html) == [], path
        assert re.findall(r"""<[a-z][^>]*\s(?:href|src|action|content)=["']?(?:[a-z]+:)?//""", html) == [], path


def test_only_our_own_names_are_answered(site: Site) -> None:
    assert {host: site.get("/healthz", Host=host).status_code for host in HOSTS} == HOSTS


def test_pages_are_for_reading_only(site: Site) -> None:
    with httpx.Client(base_url=site.url, timeout=20, trust_env=False) as client:
        statuses = {
            client.request(method, path).status_code
            for method in METHODS
            for path in ("/pertukaran", "/data-dikembalikan", "/aliran", "/healthz")
        }

    assert statuses == {405}


def test_a_head_request_is_answered_like_a_get_without_the_body(site: Site) -> None:
    answer = httpx.head(f"{site.url}/pertukaran", cookies=site.cookie, timeout=20, trust_env=False)

    assert (answer.status_code, answer.content) == (200, b"")


def test_health_pages_tell_no_versions(site: Site) -> None:
    assert site.get("/healthz").json() == {"status": "ok"}
    assert site.get("/readyz").json() == {"status": "ok"}

"""What every answer carries, and who is refused."""

import re

import httpx
import pytest

from tests.dashboard.conftest import Site
from tests.dashboard.exchange_rows import ExchangeRows

RESIDENTS = "opd.disdukcapil.penduduk"
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
ROUTES = [
    pytest.param("/", 200, "no-store", id="exchange"),
    pytest.param("/data-dikembalikan", 200, "no-store", id="returned data"),
    pytest.param("/data-dikembalikan?dokumen=disdukcapil.penduduk", 200, "no-store", id="returned data of a document"),
    pytest.param("/data-dikembalikan?dokumen=tidak.ada", 404, "no-store", id="unknown document"),
    pytest.param("/data-dikembalikan?dokumen=%27%20or%201=1", 404, "no-store", id="SQL for a document"),
    pytest.param("/data-dikembalikan?sebelum=9223372036854775808", 422, "no-store", id="page beyond numbers"),
    pytest.param("/data-dikembalikan?sebelum=%00", 422, "no-store", id="NUL for a page"),
    pytest.param("/data-dikembalikan?dokumen=%00", 404, "no-store", id="NUL for a document"),
    pytest.param("/healthz", 200, "no-store", id="alive"),
    pytest.param("/readyz", 200, "no-store", id="ready"),
    pytest.param("/static/simpul.css", 200, "no-cache", id="style sheet"),
    pytest.param("/static/flow.js", 200, "no-cache", id="script"),
    pytest.param("/static/..%2fapp.py", 404, "no-store", id="out of the folder"),
    pytest.param("/tidak-ada", 404, "no-store", id="no such page"),
    pytest.param("/docs", 404, "no-store", id="no API page of others"),
    pytest.param("/openapi.json", 404, "no-store", id="no API text"),
]


@pytest.mark.parametrize(("path", "status", "caching"), ROUTES)
def test_every_answer_has_the_security_headers(
    site: Site, rows: ExchangeRows, path: str, status: int, caching: str
) -> None:
    rows.topic(RESIDENTS)
    rows.return_letter(RESIDENTS, 1)

    answer = site.get(path)

    assert answer.status_code == status
    assert {
        "content-security-policy": POLICY,
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cache-control": caching,
    }.items() <= dict(answer.headers).items()


@pytest.mark.parametrize("path", ["/", "/data-dikembalikan", "/tidak-ada"])
def test_no_page_has_inline_script_or_style_or_names_another_host(site: Site, rows: ExchangeRows, path: str) -> None:
    rows.topic(RESIDENTS)
    rows.return_letter(RESIDENTS, 1)

    html = site.get(path).text

    assert re.findall(r"<script(?![^>]*\ssrc=)|<style|\sstyle=|\son[a-z]+=|javascript:", html) == []
    assert re.findall(r"(?:https?:)?//[a-z0-9]", html) == []


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("localhost:8080", 200),
        ("LOCALHOST", 200),
        ("simpul.penyerang.example", 400),
        ("127.0.0.1.penyerang.example:80", 400),
        ("localhost@penyerang.example", 400),
        ("", 400),
    ],
)
def test_only_our_own_names_are_answered(site: Site, host: str, status: int) -> None:
    assert site.get("/healthz", Host=host).status_code == status


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/", "/data-dikembalikan", "/aliran", "/healthz"])
def test_pages_are_for_reading_only(site: Site, method: str, path: str) -> None:
    assert httpx.request(method, site.url + path, timeout=20, trust_env=False).status_code == 405


def test_a_head_request_is_answered_like_a_get_without_the_body(site: Site) -> None:
    answer = httpx.head(site.url, timeout=20, trust_env=False)

    assert (answer.status_code, answer.content) == (200, b"")


def test_health_pages_tell_no_versions(site: Site) -> None:
    assert site.get("/healthz").json() == {"status": "ok"}
    assert site.get("/readyz").json() == {"status": "ok"}

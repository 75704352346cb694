"""Reference data on the pages: masked, by a filter, one row; in the clear for a purpose that the audit tells of."""

import json
import logging
import re
from collections.abc import Callable
from html import unescape
from itertools import product
from typing import Any
from urllib.parse import unquote, urlencode

import httpx
import psycopg
import pytest

from cli.stack.postgres import SUPERUSER
from dashboard.settings import Settings
from identity.grants import revoke_grant
from identity.permissions import Role
from tests.conftest import Database
from tests.dashboard.conftest import Site
from tests.dashboard.people import OWN, WALIDATA, People
from tests.identity.people_of_test import CHIEF, NOW, PSEUDONYMS, PURPOSE, Population, canaries, seen

RESIDENTS = "/data-induk/penduduk"
FILTERED = f"{RESIDENTS}?kolom=kode_pos&isi=16001"
MAY_VIEW = {
    Role.OPD_ADMIN, Role.OPD_PROGRAMMER, Role.READER, Role.TIM_TEKNIS, Role.STEWARD, Role.AUDITOR,
}  # fmt: skip
# The browser's side, and the server's list of requests, which no process of ours switches on.
NOT_OURS = {"httpx", "httpcore", "uvicorn"}
MAY_LOOK = {Role.OPD_ADMIN, Role.READER, Role.STEWARD}


@pytest.fixture
def population(database: Database, people: People) -> Population:
    return Population.settle(database, 120)


@pytest.fixture
def site(serve: Callable[[Settings], Site], site_settings: Settings, population: Population) -> Site:
    return serve(site_settings)


@pytest.fixture
def reader(site: Site, people: People) -> Site:
    """Somebody of dinsos, whom a grant lets look at residents' names."""
    return site.with_session(people.sign_in(Role.READER, "dinsos"))


@pytest.fixture
def steward(site: Site, people: People) -> Site:
    return site.with_session(people.sign_in(Role.STEWARD))


def links(answer: httpx.Response) -> list[str]:
    """The addresses of the rows of a list."""
    return [unescape(way) for way in re.findall(r'<th scope="row"><a href="([^"]+)"', answer.text)]


def as_told(answer: httpx.Response) -> str:
    return unescape(answer.text)


def entries(database: Database) -> list[tuple[Any, ...]]:
    with database.connect(SUPERUSER) as conn:
        return conn.execute(
            "select actor, role, opd, act, subject, purpose, details ->> 'fields' from audit.entry"
            " where act like 'records.%' order by id"
        ).fetchall()


def look(site: Site, address: str, **fields: str) -> httpx.Response:
    """Send the form of the page that asks for the purpose."""
    way, _, at = address.partition("/baris?alamat=")
    return site.post(f"{way}/buka", {"alamat": unquote(at), "tujuan": PURPOSE, "isian": "nama"} | fields)


def asking(address: str) -> str:
    """The page that asks for the purpose."""
    return address.replace("/baris?", "/buka?")


@pytest.mark.parametrize("role", list(Role))
def test_the_pages_are_for_those_who_may_see_records(site: Site, people: People, role: Role) -> None:
    visitor = site.with_session(people.sign_in(role, OWN if role is Role.OPD_ADMIN else WALIDATA))
    row = links(site.with_session(people.sign_in(Role.STEWARD)).get(FILTERED))[0]

    answers = [visitor.get(path).status_code for path in ("/data-induk", FILTERED, row)]

    assert answers == ([200] * 3 if role in MAY_VIEW else [403] * 3)
    assert visitor.get(asking(row)).status_code == (200 if role in MAY_LOOK else 403)
    assert look(visitor, row).status_code == (422 if role in MAY_LOOK else 403)


@pytest.mark.parametrize(
    ("count", "roles"),
    [
        pytest.param(120, (Role.OPD_ADMIN, Role.STEWARD), id="some"),
        pytest.param(1_000, tuple(Role), id="1,000 rows, every role", marks=pytest.mark.full),
    ],
)
def test_no_marked_value_stands_on_any_page_in_any_error_or_in_the_log(
    serve: Callable[[Settings], Site],
    site_settings: Settings,
    database: Database,
    people: People,
    caplog: pytest.LogCaptureFixture,
    count: int,
    roles: tuple[Role, ...],
) -> None:
    """In the agency that sends the data, in one that is granted some, and in another."""
    caplog.set_level(logging.DEBUG)
    population = Population.settle(database, count)
    population.grant("nik", "nama", "golongan_darah")
    marked, asked = frozenset(canaries(population.rows)), next(iter(population.rows.values()))
    site = serve(site_settings)
    ways = links(site.with_session(people.sign_in(Role.STEWARD)).get(FILTERED))
    pages = ["/data-induk", RESIDENTS, FILTERED, f"{FILTERED}&sesudah={unquote(ways[-1].rpartition('=')[2])}"]
    pages += [*ways[:3], asking(ways[0]), f"{RESIDENTS}/cari", f"{RESIDENTS}/baris?alamat=AAAA"]
    guesses = [
        f"{RESIDENTS}?{urlencode({'kolom': name, 'isi': str(asked[name])})}"
        for name in ("nik", "nama", "tanggal_lahir")
    ]
    told: dict[str, set[str]] = {}
    for role, opd in product(roles, (OWN, "dinsos", WALIDATA)):
        visitor = site.with_session(people.sign_in(role, opd))
        answers = {path: as_told(visitor.get(path)) for path in pages}
        posted = look(visitor, ways[0], tujuan="singkat"), visitor.post(f"{RESIDENTS}/cari", {"kunci": "3201"})
        told |= {f"{role} {opd} {path}": seen(marked, text) for path, text in answers.items()}
        told |= {f"{role} {opd} form {n}": seen(marked, as_told(each)) for n, each in enumerate(posted)}
        for path in guesses:  # what was typed comes back to whoever typed it, and nothing else
            told[f"{role} {opd} {path}"] = seen(marked, as_told(visitor.get(path))) - {
                str(each) for each in asked.values()
            }

    assert len(ways) == 50
    assert {where: found for where, found in told.items() if found} == {}
    ours = [record.getMessage() for record in caplog.records if record.name.partition(".")[0] not in NOT_OURS]
    assert seen(marked, ours) == set()


def test_keyset_pages_show_every_row_once(steward: Site) -> None:
    ways, path = [], FILTERED
    while path:
        answer = steward.get(path)
        ways += links(answer)
        older = re.search(r'rel="next" href="([^"]+)"', answer.text)
        path = unescape(older[1]) if older else ""

    assert len(ways) == len(set(ways)) == 120


def test_people_are_shown_by_a_filter_only(steward: Site) -> None:
    answer = steward.get(RESIDENTS)

    assert links(answer) == []
    assert "Mohon pilih saringan dahulu" in answer.text


@pytest.mark.parametrize(
    "query",
    [
        "kolom=nama&isi=A",
        "kolom=nik&isi=3201130000910000",
        "kolom=golongan_darah&isi=1",
        "kolom=_clear&isi=x",
        "kolom=x",
    ],
)
def test_a_field_that_is_masked_or_unknown_filters_nothing(steward: Site, query: str) -> None:
    answer = steward.get(f"{RESIDENTS}?{query}")

    assert answer.status_code == 422
    assert "tidak dapat dipakai untuk menyaring" in answer.text
    assert links(answer) == []


@pytest.mark.parametrize("query", ["kolom=luas_km2&isi=luas", "kolom=berlaku_mulai&isi=kemarin", "kolom=nama&isi="])
def test_a_value_of_another_form_is_refused_at_its_field(steward: Site, query: str) -> None:
    answer = steward.get(f"/data-induk/wilayah?{query}")

    assert answer.status_code == 422
    assert 'id="isi-e"' in answer.text


def test_rows_with_an_open_key_are_listed_and_opened(steward: Site) -> None:
    ways = links(steward.get("/data-induk/wilayah"))
    answer = steward.get(ways[3])

    assert (len(ways), ways[3]) == (20, "/data-induk/wilayah/baris?alamat=32.01.01.2004")
    assert "Desa 3" in answer.text


@pytest.mark.parametrize(
    "path",
    ["/data-induk/tidak_ada", "/data-induk/wilayah/baris?alamat=99", f"{RESIDENTS}/baris?alamat=AAAA",
     f"{RESIDENTS}/baris?alamat=3201130000910000", f"{RESIDENTS}/buka?alamat=AAAA", f"{FILTERED}&sesudah=AAAA",
     "/data-induk/wilayah?sesudah=a|b", "/data-induk/secret", "/data-induk/wilayah/x"],
)  # fmt: skip
def test_what_is_not_there_is_404(steward: Site, path: str) -> None:
    assert steward.get(path).status_code == 404


def test_a_row_says_what_a_grant_opens(reader: Site, population: Population) -> None:
    population.grant("nama", "alamat")
    answer = reader.get(links(reader.get(FILTERED))[0])

    assert answer.text.count("tujuan wajib diisi") == 2


def test_a_look_shows_what_is_granted_and_writes_its_entry(
    reader: Site, population: Population, database: Database
) -> None:
    grant = population.grant("nama", "alamat")
    address = links(reader.get(FILTERED))[0]
    answer = look(reader, address, hak=str(grant.id))

    told = seen(frozenset(canaries(population.rows)), as_told(answer))
    (row,) = [row for row in population.rows.values() if row["nama"] in told]
    assert answer.status_code == 200
    assert told == {row["nama"]}
    assert "Nilai terbuka untuk Anda sampai pukul" in answer.text
    assert "tercatat dalam jejak audit" in answer.text
    assert answer.headers["cache-control"] == "no-store"
    subject = PSEUDONYMS.of("penduduk", str(row["nik"]))
    assert entries(database) == [
        ("reader.dinsos", "reader", "dinsos", "records.unmask", subject, PURPOSE, json.dumps(["nama"]))
    ]
    assert seen(frozenset(canaries(population.rows)), as_told(reader.get(address))) == set()


def test_a_purpose_too_short_opens_nothing_and_keeps_what_was_typed(
    reader: Site, population: Population, database: Database
) -> None:
    grant = population.grant("nama")
    answer = look(reader, links(reader.get(FILTERED))[0], hak=str(grant.id), tujuan="Verifikasi")

    assert answer.status_code == 422
    assert "Tujuan baru 10 huruf, paling sedikit 20" in answer.text
    assert ">Verifikasi</textarea>" in answer.text
    assert seen(frozenset(canaries(population.rows)), as_told(answer)) == set()
    assert entries(database) == []


@pytest.mark.parametrize(
    ("fields", "place"),
    [({"hak": "999"}, "hak"), ({"isian": "alamat"}, "isian"), ({"isian": "nik"}, "isian"), ({"isian": ""}, "isian")],
)
def test_what_is_not_granted_stays_closed(
    reader: Site, population: Population, database: Database, fields: dict[str, str], place: str
) -> None:
    grant = population.grant("nama")
    population.grant("alamat", reader="dinkes")
    answer = look(reader, links(reader.get(FILTERED))[0], **{"hak": str(grant.id)} | fields)

    assert answer.status_code == 422
    assert f'href="#{place}"' in answer.text
    assert entries(database) == []


def test_a_revoked_grant_opens_nothing(reader: Site, population: Population, database: Database) -> None:
    grant = population.grant("nama")
    address = links(reader.get(FILTERED))[0]
    with database.connect() as conn:
        revoke_grant(conn, grant.id, by=CHIEF, reason="Tujuannya sudah tercapai", now=NOW)
    answer = look(reader, address, hak=str(grant.id))

    assert answer.status_code == 422
    assert "belum punya Hak Akses" in answer.text
    assert entries(database) == []


def test_without_the_audit_nothing_is_shown(reader: Site, population: Population, database: Database) -> None:
    grant = population.grant("nama")
    address = links(reader.get(FILTERED))[0]
    with database.connect(SUPERUSER, autocommit=True) as conn:
        conn.execute(
            "create function audit.fail() returns trigger language plpgsql as"
            " $$ begin raise exception 'the disk is full' using errcode = '53100'; end $$"
        )
        conn.execute("create trigger fails before insert on audit.entry for each row execute function audit.fail()")
    answer = look(reader, address, hak=str(grant.id))

    assert answer.status_code == 503
    assert seen(frozenset(canaries(population.rows)), as_told(answer)) == set()


def test_a_look_from_elsewhere_or_without_the_token_is_refused(
    reader: Site, population: Population, database: Database
) -> None:
    grant = population.grant("nama")
    way, _, at = links(reader.get(FILTERED))[0].partition("/baris?alamat=")
    sent = {"alamat": unquote(at), "tujuan": PURPOSE, "isian": "nama", "hak": str(grant.id)}
    foreign = {"Origin": "http://jahat.example", "Sec-Fetch-Site": "cross-site"}

    assert reader.post(f"{way}/buka", sent, **foreign).status_code == 403
    assert reader.post(f"{way}/buka", sent | {"csrf": "0" * 64}).status_code == 403
    assert entries(database) == []


def test_looking_at_the_pages_changes_nothing(steward: Site, database: Database) -> None:
    def marks() -> list[tuple[Any, ...]]:
        with psycopg.connect(database.dsn().get_secret_value()) as conn:
            return conn.execute("select count(*), max(id) from audit.entry").fetchall()

    before = marks()
    row = links(steward.get(FILTERED))[0]
    steward.get(row)
    steward.get(row.replace("/baris?", "/buka?"))

    assert marks() == before


def test_a_search_by_key_is_a_look_of_which_the_audit_tells_also_when_nothing_is_there(
    reader: Site, population: Population, database: Database
) -> None:
    grant = population.grant("nama")
    nik, row = next(iter(population.rows.items()))
    sent = {"tujuan": PURPOSE, "isian": "nama", "hak": str(grant.id)}
    found = reader.post(f"{RESIDENTS}/cari", sent | {"kunci": nik})
    missed = reader.post(f"{RESIDENTS}/cari", sent | {"kunci": "3518000000000000"})

    marked = frozenset(canaries(population.rows))
    assert (found.status_code, seen(marked, as_told(found)) - {nik}) == (200, {row["nama"]})
    assert seen(marked, as_told(missed)) == set()
    assert [(entry[3], entry[4]) for entry in entries(database)] == [
        ("records.search", PSEUDONYMS.of("penduduk", key)) for key in (nik, "3518000000000000")
    ]

"""The reference API: programs of an agency read what they may, and nothing else; each refusal says what to do."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import jsonschema_rs
import pyarrow.parquet as pq
import pytest
from fastapi.routing import APIRoute

from cli.stack.postgres import SUPERUSER
from dashboard.rest.buckets import Buckets
from dashboard.rest.problems import CODES
from dashboard.settings import Settings
from identity import tokens
from identity.grants import revoke_grant
from identity.permissions import Permission
from identity.principals import Scope
from tests.conftest import Database
from tests.dashboard.conftest import Site
from tests.dashboard.people import People
from tests.dashboard.programs import BY, Program, programs
from tests.eventually import eventually
from tests.identity.people_of_test import NOW, PURPOSE, Population, canaries, seen

BASE = "/api/v1/reference"
PEOPLE, REGIONS = f"{BASE}/penduduk", f"{BASE}/wilayah"
READ, OPEN = Permission.VIEW_RECORDS, Permission.UNMASK
EVERYWHERE = Scope(everywhere=True, opds=frozenset())


REFUSED = {
    "unknown parameter": (f"{REGIONS}?nma=x", "parameter-tidak-dikenal"),
    "unknown parameter of a row": (f"{REGIONS}/32.01.01.2003?field=nama", "parameter-tidak-dikenal"),
    "unknown parameter of a file": (f"{REGIONS}/export?form=csv", "parameter-tidak-dikenal"),
    "unknown parameter of changes": (f"{REGIONS}/changes?after_round=1", "parameter-tidak-dikenal"),
    "unknown parameter of origins": (f"{REGIONS}/32.01.01.2003/why?field=nama", "parameter-tidak-dikenal"),
    "no rows": (f"{REGIONS}?limit=0", "nilai-tidak-sah"),
    "too many rows": (f"{REGIONS}?limit=501", "nilai-tidak-sah"),
    "twice": (f"{REGIONS}?limit=1&limit=2", "nilai-tidak-sah"),
    "a date of another form": (f"{REGIONS}?berlaku_mulai=05-01-2026", "nilai-tidak-sah"),
    "a field of another entity": (f"{REGIONS}?fields=kode,nik", "nilai-tidak-sah"),
    "after nothing": (f"{REGIONS}?after=tidak-ada", "nilai-tidak-sah"),
    "a control character": (f"{REGIONS}?nama=%00", "nilai-tidak-sah"),
    "101 keys": (f"{REGIONS}?" + "&".join(f"key={n}" for n in range(101)), "nilai-tidak-sah"),
    "no such row": (f"{REGIONS}/99.99", "baris-tidak-ada"),
    "a key with a slash": (f"{REGIONS}/a/b", "baris-tidak-ada"),
    "no such entity": (f"{BASE}/gaji", "entitas-tidak-ada"),
    "no such address": ("/api/v2/apa", "alamat-tidak-ada"),
    "the whole population": (PEOPLE, "penyaring-diperlukan"),
    "by a masked value": (f"{PEOPLE}?nama=A", "isian-tertutup"),
    "a person without a purpose": (f"{PEOPLE}?key=3201130000910000", "tujuan-diperlukan"),
}


@pytest.fixture
def population(database: Database, people: People) -> Population:
    return Population.settle(database, 40)


@pytest.fixture
def site(serve: Callable[[Settings], Site], site_settings: Settings, population: Population) -> Site:
    return serve(site_settings)


@pytest.fixture
def program(site: Site, database: Database) -> Callable[..., Program]:
    return programs(site, database)


def first_nik(population: Population) -> str:
    return min(population.rows)


def test_open_rows_are_read_page_by_page(program: Callable[..., Program]) -> None:
    reader, found, after = program("dinsos", READ), [], ""
    while True:
        page = reader.get(f"{REGIONS}?limit=7{after}").json()
        found += [row["key"] for row in page["rows"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"

    assert found == [f"32.01.01.{2001 + number}" for number in range(20)]
    assert page["rows"][0]["values"]["nama"] == "Desa 14"
    assert page["rows"][0]["masked"] == []


def test_one_row_several_keys_a_filter_and_some_fields(program: Callable[..., Program]) -> None:
    reader = program("dinsos", READ)

    one = reader.get(f"{REGIONS}/32.01.01.2003?fields=nama,tingkat")
    several = reader.get(f"{REGIONS}?key=32.01.01.2009&key=32.01.01.2002&key=99&key=32.01.01.2009&fields=nama")
    filtered = reader.get(f"{REGIONS}?nama=Desa%205&fields=kode")

    assert one.json() == {
        "key": "32.01.01.2003", "values": {"nama": "Desa 2", "tingkat": "DESA"}, "masked": [],
    }  # fmt: skip
    assert [(row["key"], row["values"]) for row in several.json()["rows"]] == [
        ("32.01.01.2002", {"nama": "Desa 1"}),
        ("32.01.01.2009", {"nama": "Desa 8"}),
    ]
    assert [row["values"] for row in filtered.json()["rows"]] == [{"kode": "32.01.01.2006"}]
    assert one.headers["simpul-freshness"] in {"mutakhir", "tidak mutakhir"}
    assert int(one.headers["simpul-round"]) >= 0


def test_the_key_that_replaced_a_row_is_told_to_whoever_may_see_it(
    program: Callable[..., Program], database: Database, population: Population
) -> None:
    with database.connect() as conn:
        conn.execute("update reference.wilayah set pengganti = '32.01.01.2009' where kode = '32.01.01.2003'")
    population.grant("nik_pengganti")
    reader, nik = program("dinsos", READ, OPEN), first_nik(population)

    one = reader.get(f"{REGIONS}/32.01.01.2003")
    masked = reader.get(f"{PEOPLE}?kode_pos=16001&limit=1").json()["rows"][0]
    covered, granted = reader.get(f"{PEOPLE}/{masked['key']}"), reader.get(f"{PEOPLE}/{nik}", Simpul_Purpose=PURPOSE)

    assert one.headers["simpul-replaced-by"] == one.json()["values"]["pengganti"] == "32.01.01.2009"
    assert "simpul-replaced-by" not in reader.get(f"{REGIONS}/32.01.01.2003?fields=nama").headers
    assert "simpul-replaced-by" not in reader.get(f"{REGIONS}/32.01.01.2009").headers
    assert "nik_pengganti" in covered.json()["masked"]
    assert "simpul-replaced-by" not in covered.headers
    assert granted.headers["simpul-replaced-by"] == population.rows[nik]["nik_pengganti"]


def test_all_rows_come_as_one_file(program: Callable[..., Program]) -> None:
    reader = program("dinsos", READ)
    way = f"{REGIONS}/export?fields=kode,nama,sumber_diubah&format="

    lines = [json.loads(line) for line in reader.get(f"{way}ndjson").text.splitlines()]
    cells = list(csv.DictReader(io.StringIO(reader.get(f"{way}csv").text)))
    table = pq.read_table(io.BytesIO(reader.get(f"{way}parquet").content)).to_pylist()

    assert lines == [row["values"] for row in reader.get(f"{REGIONS}?fields=kode,nama,sumber_diubah").json()["rows"]]
    assert [(row["kode"], row["nama"]) for row in cells] == [(row["kode"], row["nama"]) for row in lines]
    assert [(row["kode"], row["sumber_diubah"]) for row in table] == [(row["kode"], NOW) for row in lines]
    assert reader.code(f"{way}xlsx") == "nilai-tidak-sah"
    assert program("disdukcapil", READ).code(f"{PEOPLE}/export") == "hak-akses-tidak-ada"


def test_what_has_not_changed_is_not_sent_again(program: Callable[..., Program]) -> None:
    reader = program("dinsos", READ)
    etag = reader.get(REGIONS).headers["etag"]

    again = reader.get(REGIONS, If_None_Match=f'"x", W/{etag}')

    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert reader.get(REGIONS, If_None_Match='"x"').status_code == 200


def test_answers_fit_the_description_that_the_api_gives(program: Callable[..., Program]) -> None:
    reader = program("dinsos", READ)
    text = reader.get(f"{REGIONS}/openapi.json").json()

    for path, name in ((REGIONS, "Page"), (f"{REGIONS}/32.01.01.2003", "Row")):
        schema = {"$ref": f"#/components/schemas/{name}", "components": text["components"]}
        jsonschema_rs.validator_for(schema).validate(reader.get(path).json())
    ways = ("", "/export", "/changes", "/{key}", "/{key}/why", "/{key}/warnings")
    assert set(text["paths"]) == {f"{REGIONS}{way}" for way in ways}
    assert [each["entity"] for each in reader.get(BASE).json()["entities"]] == ["penduduk", "wilayah"]


def test_a_refusal_has_its_code(program: Callable[..., Program]) -> None:
    caller = program("disdukcapil", READ, OPEN)

    told = {about: caller.code(path) for about, (path, _) in REFUSED.items()}

    assert told == {about: code for about, (_, code) in REFUSED.items()}


def test_only_reading_is_served_and_only_with_a_token_for_it(
    site: Site, program: Callable[..., Program], database: Database
) -> None:
    reader, sender = program("dinsos", READ), program("dinsos", Permission.SEND_EVENTS)
    own, other = program("dinsos", READ, documents=frozenset({"bantuan"})), program("dinsos", READ)
    with database.connect() as conn:
        tokens.revoke(conn, other.number, by=BY, within=EVERYWHERE, now=datetime.now(UTC))

    assert reader.code(REGIONS, "DELETE") == "cara-tidak-dilayani"
    assert sender.code(REGIONS) == own.code(REGIONS) == "token-tanpa-hak"
    assert other.code(REGIONS) == "token-tidak-berlaku"
    assert Program(site.url, "smp_x", 0).code(REGIONS) == "token-tidak-berlaku"
    bare = httpx.get(f"{site.url}{REGIONS}", trust_env=False)
    assert (bare.json()["code"], bare.headers["www-authenticate"]) == ("token-diperlukan", "Bearer")
    with_session = site.get(REGIONS)  # a person's session opens no address for programs
    assert with_session.json()["code"] == "token-diperlukan"


def test_no_address_for_programs_opens_to_people_or_without_the_permission(
    site: Site, program: Callable[..., Program]
) -> None:
    ways = [route.path for route in site.app.routes if isinstance(route, APIRoute) and route.path.startswith("/api/")]
    things = {"{entity}": "wilayah", "{key:path}": "32.01.01.2003", "{number}": "PI-2026-0001"}
    filled = [re.sub("{[^}]+}", lambda found: things[found[0]], way) for way in ways]
    sender = program("dinsos", Permission.SEND_EVENTS)

    assert len(filled) == 11
    assert {site.get(way).json()["code"] for way in filled} == {"token-diperlukan"}
    assert {sender.code(way) for way in filled} == {"token-tanpa-hak"}


def test_a_revoked_token_ends_within_seconds(program: Callable[..., Program], database: Database) -> None:
    reader = program("dinsos", READ)
    assert reader.get(REGIONS).status_code == 200

    with database.connect() as conn:
        tokens.revoke(conn, reader.number, by=BY, within=EVERYWHERE, now=datetime.now(UTC))

    eventually(lambda: reader.get(REGIONS).status_code, until=lambda status: status == 401, within_s=10)


def test_persons_are_masked_for_programs_of_their_own_agency_too(
    program: Callable[..., Program], population: Population
) -> None:
    marked = set(canaries(population.rows))
    page = program("disdukcapil", READ).get(f"{PEOPLE}?kode_pos=16001&limit=50")

    assert len(page.json()["rows"]) == 40
    assert seen(marked, page.text) == set()
    assert page.json()["rows"][0]["values"]["nama"][:1] == "Q"
    assert "nama" in page.json()["rows"][0]["masked"]
    assert "agama" not in page.json()["rows"][0]["values"]


def test_a_grant_opens_its_fields_for_a_purpose_that_the_audit_tells(
    program: Callable[..., Program], population: Population, database: Database
) -> None:
    grant, nik = population.grant("nama", "tanggal_lahir"), first_nik(population)
    reader, others = program("dinsos", READ, OPEN), program("dinkes", READ, OPEN)

    answer = reader.get(f"{PEOPLE}/{nik}", Simpul_Purpose=PURPOSE)
    several = reader.get(f"{PEOPLE}?key={nik}&key={max(population.rows)}&fields=nama", Simpul_Purpose=PURPOSE)

    values = answer.json()["values"]
    assert (values["nama"], values["tanggal_lahir"]) == (
        population.rows[nik]["nama"],
        str(population.rows[nik]["tanggal_lahir"]),
    )
    granted = {str(population.rows[nik][name]) for name in ("nama", "tanggal_lahir")}
    assert seen(set(canaries(population.rows)), answer.text) == granted
    assert {row["values"]["nama"] for row in several.json()["rows"]} == {
        population.rows[each]["nama"] for each in (nik, max(population.rows))
    }
    assert (
        entries(database)
        == [
            (f"token:{reader.number}", "token", "dinsos", "records.search", PURPOSE, str(grant.id)),
        ]
        * 3
    )
    assert others.code(f"{PEOPLE}/{nik}", Simpul_Purpose=PURPOSE) == "hak-akses-tidak-ada"
    assert reader.code(f"{PEOPLE}/{nik}") == "tujuan-diperlukan"
    assert reader.code(f"{PEOPLE}/{nik}", Simpul_Purpose="cek") == "tujuan-diperlukan"
    assert program("dinsos", READ).code(f"{PEOPLE}/{nik}", Simpul_Purpose=PURPOSE) == "token-tanpa-hak"
    assert len(entries(database)) == 3


def test_a_revoked_grant_ends_at_once(
    program: Callable[..., Program], population: Population, database: Database
) -> None:
    grant, nik = population.grant("nama"), first_nik(population)
    reader = program("dinsos", READ, OPEN)
    assert reader.get(f"{PEOPLE}/{nik}", Simpul_Purpose=PURPOSE).status_code == 200

    with database.connect() as conn:
        revoke_grant(conn, grant.id, by=BY, reason="Uji pencabutan Hak Akses", now=NOW + timedelta(days=1))

    assert reader.code(f"{PEOPLE}/{nik}", Simpul_Purpose=PURPOSE) == "hak-akses-tidak-ada"


def test_whether_a_person_is_there_is_told_for_a_purpose_only(
    program: Callable[..., Program], population: Population, database: Database
) -> None:
    population.grant("nama")
    reader = program("dinsos", READ, OPEN)

    assert reader.code(f"{PEOPLE}/3201999999999999") == "tujuan-diperlukan"
    assert reader.code(f"{PEOPLE}/3201999999999999", Simpul_Purpose=PURPOSE) == "baris-tidak-ada"
    assert len(entries(database)) == 1


def test_who_asks_too_often_is_told_when_to_come_back() -> None:
    time = [0.0]
    buckets = Buckets(a_second=2.0, burst=3, clock=lambda: time[0])

    taken = [buckets.wait(1) for _ in range(5)]
    time[0] = 0.6

    assert taken == [0.0, 0.0, 0.0, 0.5, 0.5]
    assert buckets.wait(2) == 0.0
    assert buckets.wait(1) == 0.0
    assert buckets.wait(1) == pytest.approx(0.4)


def test_too_many_calls_are_refused_with_a_time(
    serve: Callable[[Settings], Site], site_settings: Settings, population: Population, program: Callable[..., Program]
) -> None:
    slow = serve(site_settings.model_copy(update={"calls_a_second": 0.01, "calls_at_once": 2}))
    reader = Program(slow.url, program("dinsos", READ).secret, 0)

    answers = [reader.get(REGIONS) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 0 < int(answers[2].headers["retry-after"]) <= 100


def test_every_code_has_a_page_for_everybody(site: Site) -> None:
    nobody = site.as_nobody()
    pages = {name: nobody.get(f"/kesalahan/{name}") for name in CODES}
    of_all = nobody.get("/kesalahan").text

    assert {name for name, page in pages.items() if page.status_code == 200 and CODES[name].title in page.text} == set(
        CODES
    )
    assert {name for name in CODES if f'href="/kesalahan/{name}"' in of_all} == set(CODES)
    assert nobody.get("/kesalahan/apa").status_code == 404


def entries(database: Database) -> list[tuple[Any, ...]]:
    with database.connect(SUPERUSER) as conn:
        return conn.execute(
            "select actor, actor_kind, opd, act, purpose, details ->> 'grant' from audit.entry"
            " where act like 'records.%' order by id"
        ).fetchall()


def test_a_fault_of_ours_is_a_problem_that_tells_nothing(program: Callable[..., Program], database: Database) -> None:
    reader = program("dinsos", READ)
    with database.connect(SUPERUSER) as conn:
        conn.execute("alter view masked.wilayah rename column nama to lain")

    answer = reader.get(f"{REGIONS}?nama=x")

    assert answer.headers["content-type"] == "application/problem+json"
    assert "lain" not in answer.text
    assert answer.status_code in {500, 503}

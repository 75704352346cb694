"""The short road of rows by their key: it answers as the other one does, and leaves to that whatever is not usual."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

import psycopg
import pytest
from httpx import Response
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from pydantic import SecretStr

from dashboard.errors import SourceAway
from dashboard.quick_sessions import QuickSession
from dashboard.rest.parts import Rest
from dashboard.settings import Settings
from identity import tokens
from identity.grants import WantedGrant, add_grant, revoke_grant
from identity.permissions import Permission
from identity.principals import Scope
from schemas.contract import Contract, Value
from tests.conftest import Database
from tests.dashboard.conftest import Site
from tests.dashboard.people import People
from tests.dashboard.programs import BY, Program, programs
from tests.eventually import eventually
from tests.identity.people_of_test import NOW, PURPOSE, REGIONS, ZONE, Population, document, fill
from tests.relay import Relay

BASE = "/api/v1/reference"
READ = Permission.VIEW_RECORDS
SCHOOLS, TAXED = document("disdik.sekolah"), document("bapenda.objek-pajak")
ANYWHERE = Scope(everywhere=True, opds=frozenset())
KEYS = {"wilayah": "32.01.01.2003", "sekolah": "20500001", "objek_pajak": "351801000100100010"}
# How the answers differ in time, or from connection to connection.
OF_THE_MOMENT = frozenset({"date", "simpul-round"})


@pytest.fixture
def population(database: Database, people: People) -> Population:
    settled = Population.settle(database, 4)
    with database.connect() as conn:
        conn.execute(
            "insert into identity.opd (code, name, short_name) values ('disdik', 'Disdik', 'Disdik'),"
            " ('bapenda', 'Bapenda', 'Bapenda') on conflict do nothing"
        )
        conn.execute(
            "update reference.wilayah set pengganti = '32.01.01.2009', berlaku_mulai = '2026-01-05',"
            " sumber_diubah = '2026-01-05T07:05:00.12Z' where kode = '32.01.01.2003'"
        )
        for contract in (SCHOOLS, TAXED):
            fill(conn, contract, [row_of(contract)])
    return settled


@pytest.fixture
def site(serve: Callable[[Settings], Site], site_settings: Settings, population: Population) -> Site:
    return serve(site_settings)


@pytest.fixture
def program(site: Site, database: Database) -> Callable[..., Program]:
    return programs(site, database)


def row_of(contract: Contract) -> dict[str, Value]:
    """A row out of the examples of its contract, whatever its kinds; a field without one is null."""
    row: dict[str, Value] = {field.name: field.example for field in contract.fields}
    return row | {contract.key[0]: KEYS[contract.entity], "sumber_diubah": NOW}


def rest_of(site: Site) -> Rest:
    rest: Rest = site.app.state.site.rest
    return rest


def long_way(contract: Contract, names: tuple[str, ...] = ()) -> str:
    """The same row with all of its fields named in a way that the short road does not read."""
    return f"{BASE}/{contract.entity}/{KEYS[contract.entity]}?fields=" + quote(
        ",".join(names or [field.name for field in contract.fields]), safe=""
    )


def short_way(contract: Contract, names: tuple[str, ...] = ()) -> str:
    return f"{BASE}/{contract.entity}/{KEYS[contract.entity]}" + (f"?fields={','.join(names)}" if names else "")


def by_the_short_road(site: Site, ask: Callable[[], Response]) -> Response:
    """The answer that the short road gave: before, everything that it needs has to be at hand."""
    rest = rest_of(site)

    def asked() -> tuple[bool, Response]:
        before = rest.quick.asked
        answer = ask()
        return rest.quick.asked > before, answer

    return eventually(asked, until=lambda found: found[0])[1]


def alike(one: Response, other: Response) -> None:
    assert (one.status_code, one.content, lasting(one)) == (other.status_code, other.content, lasting(other))


def lasting(answer: Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in OF_THE_MOMENT}


@pytest.mark.parametrize("opd", ["dinsos", "disdik", "bapenda"])
@pytest.mark.parametrize("contract", [REGIONS, SCHOOLS, TAXED], ids=lambda each: str(each.entity))
def test_both_roads_answer_the_same(site: Site, program: Callable[..., Program], contract: Contract, opd: str) -> None:
    reader = program(opd, READ)
    some = (contract.fields[0].name, contract.fields[2].name, "sumber_diubah")

    short = by_the_short_road(site, lambda: reader.get(short_way(contract)))
    of_some = by_the_short_road(site, lambda: reader.get(short_way(contract, some)))
    before = rest_of(site).quick.asked
    long, long_of_some = reader.get(long_way(contract)), reader.get(long_way(contract, some))

    assert rest_of(site).quick.asked == before
    alike(short, long)
    alike(of_some, long_of_some)


def test_what_has_not_changed_is_not_sent_again(site: Site, program: Callable[..., Program]) -> None:
    reader = program("dinsos", READ)
    etag = by_the_short_road(site, lambda: reader.get(short_way(REGIONS))).headers["etag"]

    again = by_the_short_road(site, lambda: reader.get(short_way(REGIONS), If_None_Match=f'"x", W/{etag}'))

    assert (again.status_code, again.content) == (304, b"")
    alike(again, reader.get(long_way(REGIONS), If_None_Match=etag))


def test_no_such_row_is_refused_alike(site: Site, program: Callable[..., Program]) -> None:
    reader = program("dinsos", READ)

    short = by_the_short_road(site, lambda: reader.get(f"{BASE}/wilayah/99.99"))

    alike(short, reader.get(f"{BASE}/wilayah/99.99?fields=kode%2Cnama"))
    assert short.json()["code"] == "baris-tidak-ada"


def test_a_grant_opens_restricted_fields_and_its_end_closes_them_at_once(
    site: Site, program: Callable[..., Program], database: Database
) -> None:
    reader, other = program("dinsos", READ), program("dinkes", READ)
    assert by_the_short_road(site, lambda: reader.get(short_way(TAXED))).status_code == 404
    with database.connect() as conn:
        wanted = WantedGrant("dinsos", ("nop", "luas_bumi"), PURPOSE, "Perda 1/2026", date(2099, 12, 31))
        grant = add_grant(conn, TAXED, wanted, by=BY, zone=ZONE, now=NOW)

    opened = by_the_short_road(site, lambda: reader.get(short_way(TAXED)))
    others = by_the_short_road(site, lambda: other.get(short_way(TAXED)))
    with database.connect() as conn:
        revoke_grant(conn, grant.id, by=BY, reason="Uji pencabutan Hak Akses", now=datetime.now(UTC))
    closed = by_the_short_road(site, lambda: reader.get(short_way(TAXED)))

    assert "luas_bumi" in opened.json()["values"]
    assert (others.status_code, closed.status_code) == (404, 404)


def test_persons_and_all_that_is_not_a_row_take_the_other_road(
    site: Site, program: Callable[..., Program], population: Population
) -> None:
    reader = program("dinsos", READ)
    by_the_short_road(site, lambda: reader.get(short_way(REGIONS)))
    ways = [
        f"{BASE}/penduduk/{min(population.rows)}",
        f"{BASE}/wilayah/export",
        f"{BASE}/wilayah/changes",
        f"{BASE}/wilayah/openapi.json",
        f"{BASE}/wilayah/{KEYS['wilayah']}/why",
        f"{BASE}/wilayah/{KEYS['wilayah']}?as_of=2026-01-05T00:00:00Z",
        f"{BASE}/wilayah/{KEYS['wilayah']}?fields=kode,gaji",
        f"{BASE}/wilayah/{KEYS['wilayah']}?nama=Desa",
        f"{BASE}/gaji/1",
    ]
    before = rest_of(site).quick.asked

    codes = {way.removeprefix(BASE): reader.get(way).status_code for way in ways}

    assert rest_of(site).quick.asked == before
    assert list(codes.values()) == [403, 200, 200, 200, 404, 404, 400, 400, 404]


def test_a_revoked_token_is_refused_within_five_seconds_while_it_is_used(
    site: Site, program: Callable[..., Program], database: Database
) -> None:
    reader = program("dinsos", READ)
    by_the_short_road(site, lambda: reader.get(short_way(REGIONS)))

    with database.connect() as conn:
        tokens.revoke(conn, reader.number, by=BY, within=ANYWHERE, now=datetime.now(UTC))
    revoked = datetime.now(UTC)

    eventually(lambda: reader.get(short_way(REGIONS)).status_code, until=lambda status: status == 401, within_s=10)
    assert datetime.now(UTC) - revoked < timedelta(seconds=6)


def test_too_many_calls_are_refused_on_this_road_too(
    serve: Callable[[Settings], Site], site_settings: Settings, population: Population, program: Callable[..., Program]
) -> None:
    slow = serve(site_settings.model_copy(update={"calls_a_second": 0.01, "calls_at_once": 40}))
    reader = Program(slow.url, program("dinsos", READ).secret, 0)

    answers = [reader.get(short_way(REGIONS)).status_code for _ in range(42)]

    assert answers == [200] * 40 + [429] * 2
    assert rest_of(slow).quick.asked > 0


@pytest.fixture
def relay(database: Database) -> Iterator[Relay]:
    target = conninfo_to_dict(database.dsn("simpul_web").get_secret_value())
    relay = Relay((str(target["host"]), int(str(target["port"]))))
    relay.open()
    yield relay
    relay.close()


def test_sessions_that_were_ended_are_passed_by_and_opened_again(
    serve: Callable[[Settings], Site],
    site_settings: Settings,
    population: Population,
    program: Callable[..., Program],
    relay: Relay,
) -> None:
    dsn = make_conninfo(site_settings.dsn.get_secret_value(), port=relay.port)
    far = serve(site_settings.model_copy(update={"dsn": SecretStr(dsn)}))
    reader = Program(far.url, program("dinsos", READ).secret, 0)
    by_the_short_road(far, lambda: reader.get(short_way(REGIONS)))

    relay.close()
    relay.open()

    assert by_the_short_road(far, lambda: reader.get(short_way(REGIONS))).status_code == 200


async def after_silence(dsn: str, relay: Relay) -> tuple[list[object], bool]:
    """What a session answers at first, then to several at once when nothing comes back any more; whether it is over."""
    session = QuickSession(psycopg.connect(dsn, autocommit=True), asyncio.get_running_loop())
    first = await session.ask(b"select $1::text, null", [b"a"])
    relay.fall_silent()
    asked = [session.ask(b"select $1::text, null", [b"b"]), session.ask(b"select 1", [])]
    told = await asyncio.gather(*asked, return_exceptions=True)
    relay.talk()
    return [first, *map(type, told)], session.away


def test_a_session_that_falls_silent_is_given_up(database: Database, relay: Relay) -> None:
    dsn = make_conninfo(database.dsn("simpul_web").get_secret_value(), port=relay.port)

    told, is_over = asyncio.run(after_silence(dsn, relay))

    assert told == [[(b"a", None)], SourceAway, SourceAway]
    assert is_over


async def after_an_error(dsn: str) -> list[object]:
    """What a session answers before, at and behind a statement that fails."""
    session = QuickSession(psycopg.connect(dsn, autocommit=True), asyncio.get_running_loop())
    asked = [session.ask(each, []) for each in (b"select 'a'", b"select 1 / 0", b"select 'b'")]
    told = await asyncio.gather(*asked, return_exceptions=True)
    return [each if isinstance(each, list) else type(each) for each in [*told, session.away]]


def test_a_statement_that_fails_ends_the_session_and_answers_nobody_wrongly(database: Database) -> None:
    told = asyncio.run(after_an_error(database.dsn("simpul_web").get_secret_value()))

    assert told == [[(b"a",)], SourceAway, SourceAway, bool]

"""Changes since a round: whoever has round N has everything committed before it, whatever order transactions took."""

import asyncio
import json
import random
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import closing
from typing import Any

import httpx
import jsonschema_rs
import pytest
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.requests import ClientDisconnect
from starlette.types import Message

from dashboard.rest.following import SeatedStream, Seats
from dashboard.settings import Settings
from hub_db import rounds
from hub_db.connection import connect, transaction
from identity.changes import Mark, read_mark
from identity.permissions import Permission
from tests.conftest import Database
from tests.dashboard.conftest import Site
from tests.dashboard.people import People
from tests.dashboard.programs import Program, programs
from tests.eventually import eventually
from tests.identity.lived import lived
from tests.identity.real_rows import REGIONS, VILLAGE, event
from tests.promises.roads import Road

READ = Permission.VIEW_RECORDS
CHANGES = "/api/v1/reference/wilayah/changes"


@pytest.fixture
def road(database: Database, people: People) -> Iterator[Road]:
    with lived(database) as made:
        yield made


@pytest.fixture
def publisher(database: Database) -> Iterator[Connection[TupleRow]]:
    """A session that publishes rounds to nobody."""
    with closing(connect(database.dsn("simpul_publisher"), process="test")) as conn:
        rounds.snapshot(conn)
        yield conn


@pytest.fixture
def site(serve: Callable[[Settings], Site], site_settings: Settings, road: Road) -> Site:
    return serve(site_settings.model_copy(update={"calls_a_second": 10_000, "calls_at_once": 10_000}))


@pytest.fixture
def reader(site: Site, database: Database) -> Program:
    return programs(site, database)("dinsos", READ)


def publish(conn: Connection[TupleRow]) -> int:
    """One round."""
    with transaction(conn):
        number = rounds.open_round(conn)
    rounds.close_round(conn, number, records=0, letters=0)
    return number


def village(serial: int) -> str:
    return f"32.01.13.{2001 + serial}"


def named(serial: int, version: int, name: str) -> Any:
    return event(REGIONS, version, kode=village(serial), nama=name)


class Replica:
    """What a reader has who follows the changes: rows by key, and the round that it has."""

    def __init__(self, reader: Program, limit: int = 500) -> None:
        self.reader, self.limit = reader, limit
        self.rows: dict[str, str] = {}
        self.round = 0

    def follow(self) -> None:
        """To the end of what there is."""
        onward: str | None = None
        while True:
            place = f"since={self.round}" if onward is None else f"after={onward}"
            page = self.reader.get(f"{CHANGES}?{place}&limit={self.limit}").json()
            for change in page["changes"]:
                if change["deleted"]:
                    self.rows.pop(change["key"], None)
                else:
                    self.rows[change["key"]] = change["values"]["nama"]
            onward = page["next"]
            if onward is None:
                self.round = page["round"]
                return


def table(road: Road) -> dict[str, str]:
    return dict(road.owner.execute("select kode, nama from reference.wilayah where not _deleted").fetchall())


def test_a_round_tells_its_changes_and_the_next_one_only_what_is_new(
    road: Road, reader: Program, publisher: Connection[TupleRow]
) -> None:
    first = publish(publisher)
    road.take(REGIONS, [named(1, 1, "Baru")])
    waiting = reader.get(f"{CHANGES}?since={first}").json()
    second = publish(publisher)

    told = reader.get(f"{CHANGES}?since=0").json()
    new = reader.get(f"{CHANGES}?since={first}&fields=kode,nama").json()
    text = reader.get("/api/v1/reference/wilayah/openapi.json").json()

    assert waiting == {"changes": [], "round": first, "next": None}
    assert [(each["key"], each["round"]) for each in told["changes"]] == [(VILLAGE, first), (village(1), second)]
    assert new["changes"] == [
        {
            "key": village(1),
            "round": second,
            "deleted": False,
            "values": {"kode": village(1), "nama": "Baru"},
            "masked": [],
        }
    ]
    schema = {"$ref": "#/components/schemas/Changes", "components": text["components"]}
    assert list(jsonschema_rs.validator_for(schema).iter_errors(told)) == []


def test_a_late_commit_is_in_a_later_round(
    road: Road, reader: Program, publisher: Connection[TupleRow], database: Database
) -> None:
    replica = Replica(reader)
    with closing(connect(database.dsn("simpul_intake"), process="test")) as late:
        judged = road.judge(REGIONS, [named(1, 1, "Lambat")])
        with transaction(late):
            road.settle(late, judged)
            publish(publisher)
            replica.follow()
            before = dict(replica.rows)
        publish(publisher)
    replica.follow()

    assert before == {VILLAGE: "Desa Uji"}
    assert replica.rows == table(road) == {VILLAGE: "Desa Uji", village(1): "Lambat"}


def test_who_follows_has_the_table_whatever_is_committed_meanwhile(
    road: Road, reader: Program, publisher: Connection[TupleRow], database: Database
) -> None:
    lot, over = random.Random(7), threading.Event()
    road.take(REGIONS, [named(serial, 1, "A") for serial in range(30)])

    def publish_on() -> None:
        while not over.is_set():
            publish(publisher)

    publishing = threading.Thread(target=publish_on)
    publishing.start()
    replica = Replica(reader, limit=7)
    try:
        for version in range(2, 25):
            some = lot.sample(range(30), 5)
            road.take(REGIONS, [named(serial, version, f"N{version}") for serial in some])
            if version % 3 == 0:
                replica.follow()
    finally:
        over.set()
        publishing.join()
    publish(publisher)
    replica.follow()

    assert replica.rows == table(road)
    assert len(replica.rows) == 30


def test_waiting_ends_when_something_changes(road: Road, reader: Program, publisher: Connection[TupleRow]) -> None:
    first = publish(publisher)
    answers: list[httpx.Response] = []
    waiting = threading.Thread(target=lambda: answers.append(reader.get(f"{CHANGES}?since={first}&wait=15")))
    waiting.start()
    road.take(REGIONS, [named(1, 1, "Baru")])
    publish(publisher)
    waiting.join(20)

    assert [each["key"] for each in answers[0].json()["changes"]] == [village(1)]
    nothing = reader.get(f"{CHANGES}?since={answers[0].json()['round']}&wait=1").json()
    assert nothing["changes"] == []


def test_a_stream_goes_on_after_the_last_event(
    road: Road, reader: Program, publisher: Connection[TupleRow], site: Site
) -> None:
    first = publish(publisher)

    def one_event(last: int, then: Callable[[], object]) -> dict[str, str]:
        headers = {
            "Authorization": f"Bearer {reader.secret}",
            "Accept": "text/event-stream",
            "Last-Event-ID": str(last),
        }
        with httpx.stream("GET", f"{site.url}{CHANGES}", headers=headers, timeout=20, trust_env=False) as answer:
            then()
            found: dict[str, str] = {}
            for line in answer.iter_lines():
                name, _, value = line.partition(": ")
                found[name] = value
                if name == "data":
                    return found
        return found

    told = one_event(0, lambda: None)
    road.take(REGIONS, [named(1, 1, "Baru")])
    later = one_event(int(told["id"]), lambda: publish(publisher))

    assert int(told["id"]) == first
    assert [each["key"] for each in json.loads(told["data"])["changes"]] == [VILLAGE]
    assert [each["key"] for each in json.loads(later["data"])["changes"]] == [village(1)]
    eventually(lambda: site.app.state.site.rest.seats.taken.total(), until=lambda count: count == 0)


def test_a_reader_who_leaves_before_the_first_piece_gives_the_seat_back() -> None:
    seats = Seats(most=1, each=1)
    seats.take(7)

    async def pieces() -> AsyncIterator[bytes]:
        yield b"data: {}\n\n"

    async def gone(_: Message) -> None:
        raise OSError("the reader has left")

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    stream = SeatedStream(pieces(), lambda: seats.give(7))
    with pytest.raises(ClientDisconnect):
        asyncio.run(stream({"type": "http", "asgi": {"spec_version": "2.4"}}, nothing, gone))

    assert seats.taken.total() == 0


def test_persons_and_what_is_no_place_are_refused(reader: Program) -> None:
    codes = {
        text: reader.code(f"{CHANGES}?{text}") for text in ("since=x", "after=x", "limit=0", "limit=501", "wait=31")
    }

    assert set(codes.values()) == {"nilai-tidak-sah"}
    assert reader.code("/api/v1/reference/penduduk/changes") == "hak-akses-tidak-ada"


@pytest.mark.parametrize("mark", [Mark(3), Mark(3, 0, 5, 17), Mark(3, 1, 5, -1, "32.01-a|b~c")], ids=str)
def test_a_place_comes_back_out_of_its_text(mark: Mark) -> None:
    assert read_mark(mark.write()) == mark

"""The end of waiting, events that wait for each other, and lists for owners; in a real PostgreSQL."""

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from itertools import permutations
from typing import Any

import pytest
from psycopg import Connection
from psycopg.rows import TupleRow

from cli.stack.local import Stack
from hub_db import circles, giving_up, releases, waiting
from hub_db.circles import in_circles
from hub_db.connection import connect, transaction
from hub_db.events import Arrival, Place, Tally
from schemas.contract import Contract
from schemas.loader import read
from schemas.names import EntityName, FieldName
from tests.conftest import one_database
from tests.hub_db.documents import NOW, PEOPLE, PLACES, person_row, place_row
from tests.hub_db.test_settle import TOTALS, Bench


class Watched(Bench):
    """With a connection that has the rights of the pages."""

    web: Connection[TupleRow]


EMPTY = (
    "truncate hub.parked, hub.dead_letter, hub.release_event, hub.release_key, hub.release, hub.history,"
    " reference.tempat, reference.orang, hub.ended_reference cascade"
)
HEADERS = [(b"ce_id", b"1"), (b"ce_source", b"/opd/uji/uji")]


@pytest.fixture(scope="module")
def made(stack: Stack, template: str) -> Iterator[Watched]:
    with one_database(stack, template) as database:
        bench = Watched(database)
        with closing(connect(database.dsn("simpul_web"), process="test")) as bench.web:
            yield bench
        bench.conn.close()
        bench.owner.close()


@pytest.fixture
def bench(made: Watched) -> Watched:
    """The same for every test, with nothing in it but its ledger."""
    made.owner.execute(EMPTY)
    made.owner.execute("update hub.consumer_offset set records = 0, accepted = 0, known = 0, parked = 0, dead = 0")
    return made


def told(contract: Contract, **attributes: Any) -> Contract:
    """The contract with other attributes."""
    schema = json.loads(json.dumps(dict(contract.schema)))
    schema["contract"] |= attributes
    return read(schema, file=f"{contract.document}.avsc")


def take(bench: Bench, contract: Contract, *rows: tuple[str, int, Any]) -> Tally:
    judged = bench.batch(contract, rows)
    return bench.settle(contract, replace(judged, arrival=lambda _: Arrival(HEADERS, NOW)))


def end_waiting(bench: Bench, contract: Contract) -> int:
    return sum(
        giving_up.end_waiting(bench.conn, contract, each, bench.reread)
        for each in releases.partitions(bench.conn)
        if each.topic == contract.topic
    )


def resolve(bench: Watched) -> int:
    known = {PLACES.topic: (PLACES, bench.reread), PEOPLE.topic: (PEOPLE, bench.reread)}
    return circles.resolve(bench.conn, releases.partitions(bench.conn), known.get)


def wait_for_days(bench: Bench, days: int) -> None:
    bench.owner.execute("update hub.parked set parked_at = parked_at - make_interval(days => %s)", [days])


def test_what_has_waited_too_long_is_returned_whole_and_counted(bench: Watched) -> None:
    take(bench, PEOPLE, ("p", 1, person_row("p", "nowhere")), ("q", 1, person_row("q", "x")))
    wait_for_days(bench, 29)
    early = end_waiting(bench, PEOPLE)
    wait_for_days(bench, 2)
    take(bench, PLACES, ("x", 1, place_row("x")))

    ended = end_waiting(bench, PEOPLE)

    letter = "select key, code, field, found, expected, headers, appended_at from hub.dead_letter"
    stored = [["Y2VfaWQ=", "MQ=="], ["Y2Vfc291cmNl", "L29wZC91amkvdWpp"]]
    assert (early, ended) == (0, 1)
    assert bench.ask(letter) == [
        (b"p", "reference-missing", "tempat", "menunggu lebih dari 30 hari", "tempat yang sudah terdaftar", stored, NOW)
    ]
    assert bench.ask("select nomor from reference.orang") == [("q",)]
    assert bench.ask("select accepted, dead from hub.release order by id") == [(1, 0), (0, 1)]
    assert [row[:5] for row in bench.ask(TOTALS)] == [(2, 1, 0, 0, 1), (1, 1, 0, 0, 0)]


def test_a_contract_may_let_in_with_a_warning_what_has_waited_too_long(bench: Watched) -> None:
    contract = told(PEOPLE, parkFor={"duration": "P7D", "then": "warn"})
    take(bench, PEOPLE, ("p", 1, person_row("p", "nowhere", "LAMA")), ("p", 2, person_row("p", "nowhere", "BARU")))
    wait_for_days(bench, 8)

    ended = end_waiting(bench, contract)

    assert ended == 2
    assert bench.ask("select nama, _warnings from reference.orang") == [("BARU", "tempat:reference-missing")]
    assert bench.ask(TOTALS)[0][:5] == (2, 2, 0, 0, 0)
    assert bench.ask("select count(*) from hub.parked") == [(0,)]


def test_what_waited_behind_an_event_that_is_given_up_goes_in(bench: Watched) -> None:
    take(bench, PLACES, ("x", 1, place_row("x")))
    take(bench, PEOPLE, ("p", 1, person_row("p", "x", "LAMA")), ("p", 3, person_row("p", "nowhere", "BARU")))
    behind = take(bench, PEOPLE, ("p", 2, person_row("p", "x", "TENGAH")), ("p", 1, person_row("p", "x", "LAMA")))
    waited = bench.ask("select sequence, missing_key from hub.parked order by 1")
    wait_for_days(bench, 31)

    ended = end_waiting(bench, PEOPLE)

    assert (behind.accepted, behind.known, behind.parked) == (0, 1, 1)
    assert waited == [(2, "nowhere"), (3, "nowhere")]
    assert ended == 1
    assert bench.ask("select nama, _sequence from reference.orang") == [("TENGAH", 2)]
    assert (4, 2, 1, 0, 1) in [row[:5] for row in bench.ask(TOTALS)]


def test_a_delete_waits_behind_a_newer_event_as_any_other_event(bench: Watched) -> None:
    take(bench, PLACES, ("x", 1, place_row("x")))
    take(bench, PEOPLE, ("p", 1, person_row("p", "x")), ("q", 1, person_row("q", "x")))
    take(bench, PEOPLE, ("p", 3, person_row("p", "nowhere")), ("q", 3, person_row("q", "y")))
    behind = take(bench, PEOPLE, ("p", 2, None), ("q", 2, None))
    take(bench, PLACES, ("y", 1, place_row("y")))
    bench.release()
    wait_for_days(bench, 31)

    ended = end_waiting(bench, PEOPLE)

    rows = "select nomor, _sequence, _deleted from reference.orang order by 1"
    assert (behind.parked, ended) == (2, 1)
    assert bench.ask(rows) == [("p", 2, True), ("q", 3, False)]
    assert bench.ask("select key, value is null from hub.dead_letter") == [(b"p", False)]
    assert bench.ask("select count(*) from hub.parked") == [(0,)]


def test_a_delete_that_is_given_up_is_a_letter_without_a_value(bench: Watched) -> None:
    take(bench, PLACES, ("x", 1, place_row("x")))
    take(bench, PEOPLE, ("p", 3, person_row("p", "nowhere")), ("p", 2, None))
    (parked,) = [each for each in releases.partitions(bench.conn) if each.topic == PEOPLE.topic]
    (place,) = bench.ask('select topic_no, partition, "offset" from hub.parked where value is null')

    with transaction(bench.conn):
        giving_up.give_back(bench.conn, PEOPLE, parked, [Place(*place)])

    assert bench.ask("select key, value, headers is null from hub.dead_letter") == [(b"p", None, False)]


def test_what_waits_behind_an_event_is_known_when_that_goes_in(bench: Watched) -> None:
    take(bench, PLACES, ("x", 1, place_row("x")))
    take(bench, PEOPLE, ("p", 3, person_row("p", "y", "BARU")), ("p", 2, person_row("p", "x", "TENGAH")))
    take(bench, PLACES, ("y", 1, place_row("y")))

    bench.release()

    assert bench.ask("select nama, _sequence from reference.orang") == [("BARU", 3)]
    assert bench.ask("select accepted, known, dead from hub.release") == [(1, 1, 0)]
    assert (2, 1, 1, 0, 0) in [row[:5] for row in bench.ask(TOTALS)]
    assert bench.ask("select count(*) from hub.parked") == [(0,)]


def test_in_any_order_the_row_is_the_newest_whose_record_came_when_the_others_are_given_up(bench: Watched) -> None:
    versions = [(1, "x"), (2, "nowhere"), (3, "x"), (4, "nowhere")]
    found = set()
    for order in permutations(versions):
        bench.owner.execute(EMPTY)
        take(bench, PLACES, ("x", 1, place_row("x")))
        for version, place in order:
            take(bench, PEOPLE, ("p", version, person_row("p", place, f"N{version}")))
        wait_for_days(bench, 31)
        end_waiting(bench, PEOPLE)
        found.update(bench.ask("select nama, _sequence, (select count(*) from hub.parked) from reference.orang"))

    assert found == {("N3", 3, 0)}


def test_events_that_wait_for_each_other_go_in_together(bench: Watched) -> None:
    """a and b name each other, c names itself, d leads into the circle."""
    first = take(bench, PLACES, ("a", 1, place_row("a", "b")), ("c", 1, place_row("c", "c")))
    second = take(bench, PLACES, ("b", 1, place_row("b", "a")), ("d", 1, place_row("d", "a")))

    alone, together = bench.release(), resolve(bench)
    after = bench.release()

    assert (first, second) == (Tally(accepted=1, parked=1), Tally(parked=2))
    assert (alone, together + after) == (0, 3)
    assert bench.ask("select kode, induk from reference.tempat order by kode") == [
        ("a", "b"),
        ("b", "a"),
        ("c", "c"),
        ("d", "a"),
    ]


def test_a_circle_of_which_one_misses_something_else_waits_on_for_that(bench: Watched) -> None:
    take(bench, PLACES, ("a", 1, place_row("a", "b")))
    take(bench, PLACES, ("b", 1, place_row("b", "z")))

    assert (resolve(bench), resolve(bench)) == (0, 0)
    take(bench, PLACES, ("z", 1, place_row("z", "a")))
    assert resolve(bench) == 3
    assert bench.ask("select count(*) from reference.tempat") == [(3,)]


@pytest.mark.parametrize(
    ("edges", "found"),
    [
        pytest.param([], [], id="none"),
        pytest.param(["ab", "bc"], [], id="a road"),
        pytest.param(["aa"], ["a"], id="itself"),
        pytest.param(["ab", "ba", "cd"], ["a", "b"], id="two"),
        pytest.param(["ca", "ab", "bc", "dc", "ae"], ["a", "b", "c", "d"], id="three, and what leads there"),
    ],
)
def test_entities_in_circles(edges: list[str], found: list[str]) -> None:
    assert in_circles((EntityName(edge[0]), EntityName(edge[1])) for edge in edges) == found


def test_what_waits_is_listed_by_what_it_misses(bench: Watched) -> None:
    take(bench, PEOPLE, *((f"p{n}", 1, person_row(f"p{n}", "x" if n < 3 else "y")) for n in range(4)))

    found = waiting.waits(bench.web, waiting.topics(bench.web, ["uji"]))
    nobody = waiting.waits(bench.web, waiting.topics(bench.web, ["lain"]))

    assert [(each.topic, each.field, each.entity, each.key, each.events, each.records) for each in found] == [
        (PEOPLE.topic, "tempat", "tempat", "x", 3, 1),
        (PEOPLE.topic, "tempat", "tempat", "y", 1, 1),
    ]
    assert nobody == []


def test_a_key_that_not_everybody_may_see_is_counted_and_not_shown(bench: Watched) -> None:
    hide = (
        "update hub.document set contract = jsonb_set(contract, '{{fields,0,sensitivity}}', '\"{}\"') where topic = %s"
    )
    take(bench, PEOPLE, ("p", 1, person_row("p", "x")), ("q", 1, person_row("q", "y")))

    bench.owner.execute(hide.format("pribadi"), [PLACES.topic])
    found = waiting.waits(bench.web, [PEOPLE.topic])
    bench.owner.execute(hide.format("umum"), [PLACES.topic])

    assert [(each.key, each.events, each.records) for each in found] == [(None, 2, 2)]


def test_rows_whose_reference_was_deleted_are_counted(bench: Watched) -> None:
    take(bench, PLACES, ("x", 1, place_row("x")), ("y", 1, place_row("y")))
    take(bench, PEOPLE, *((f"p{n}", 1, person_row(f"p{n}", "x" if n < 3 else "y")) for n in range(4)))
    take(bench, PLACES, ("x", 2, None))

    with transaction(bench.owner):
        counts = [waiting.look(bench.owner, *each, date(2026, 1, 5)) for each in waiting.references(bench.owner)]
        waiting.forget_others(bench.owner)

    found = waiting.ended(bench.web, [PEOPLE.topic, PLACES.topic])
    assert waiting.references(bench.owner) == [(PEOPLE.topic, FieldName("tempat")), (PLACES.topic, FieldName("induk"))]
    assert counts == [3, 0]
    assert [(each.topic, each.cause, each.rows, each.records, each.keys) for each in found] == [
        (PEOPLE.topic, "dihapus", 3, 1, ["x"])
    ]

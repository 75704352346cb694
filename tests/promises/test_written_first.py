"""A document whose keys have rows: they are written before they are asked for, from the second such batch on."""

from collections.abc import Iterator

import pytest

from hub_db import layouts, row_updates
from schemas.names import EventKey, SchemaId
from schemas.wire.avro import Writer
from schemas.wire.framing import frame
from schemas.wire.headers import EventHeaders, write
from tests.conftest import Database
from tests.consumers.batches import Event
from tests.hub_db.documents import NOW, PEOPLE, PLACES, person_row, place_row
from tests.promises.roads import ALWAYS, Road

KEYS = [f"k{number:03}" for number in range(300)]
STAGES = "select count(*) from pg_class where relname like 'update_reference_orang_%'"


@pytest.fixture
def road(database: Database) -> Iterator[Road]:
    made = Road(database, ALWAYS, (PLACES, PEOPLE))
    made.begin()
    place = frame(SchemaId(1), Writer(PLACES).write(place_row("p", None, "Biasa")))
    made.take(PLACES, [(b"p", place, write(about("p", 1), PLACES, EventKey("p")))])
    yield made
    made.close()


def about(key: str, version: int) -> EventHeaders:
    return EventHeaders(f"{key}-{version}", "/opd/uji/x", NOW, version, 0, None)


def people(keys: list[str], version: int, place: str = "p") -> list[Event]:
    """One event of each."""
    return [
        (
            key.encode(),
            frame(SchemaId(1), Writer(PEOPLE).write(person_row(key, place, f"Nama {version}"))),
            write(about(key, version), PEOPLE, EventKey(key)),
        )
        for key in keys
    ]


def test_it_is_done_as_long_as_most_keys_have_a_row(road: Road) -> None:
    updates = layouts.hold(road.conn, PEOPLE).updates
    assert updates is not None
    road.conn.rollback()

    found = []
    for keys, version in ((KEYS[:200], 1), (KEYS[:200], 2), (KEYS[:200], 3), (KEYS, 4), ([f"x{n}" for n in KEYS], 1)):
        tally = road.take(PEOPLE, people(keys, version))
        stages = road.owner.execute(STAGES).fetchone()
        found.append((tally.accepted, stages, row_updates.is_habit(road.conn, updates)))

    assert found == [(200, (0,), False), (200, (0,), True), (200, (1,), True), (300, (1,), True), (300, (1,), False)]


def test_who_is_newer_who_is_older_and_who_is_new_come_to_the_same(road: Road) -> None:
    road.take(PEOPLE, people(KEYS[:200], 5))
    road.take(PEOPLE, people(KEYS[:100], 6))

    mixed = [*people(KEYS[:50], 4), *people(KEYS[50:150], 7), *people(KEYS[140:150], 8), *people(KEYS[195:], 6)]
    tally = road.take(PEOPLE, mixed)

    assert (tally.accepted, tally.known, tally.parked) == (215, 50, 0)
    rows: dict[str, int] = dict(road.owner.execute("select nomor, _sequence from reference.orang"))
    expected = dict.fromkeys(KEYS[:50], 6) | dict.fromkeys(KEYS[50:140], 7) | dict.fromkeys(KEYS[140:150], 8)
    expected |= dict.fromkeys(KEYS[150:195], 5) | dict.fromkeys(KEYS[195:], 6)
    assert rows == expected
    query = (
        'select b.sequence from hub.history h left join hub.history b on (b.topic_no, b.partition, b."offset") ='
        " (h.before_topic_no, h.before_partition, h.before_offset) where h.key = %s order by h.sequence"
    )
    assert road.owner.execute(query, (KEYS[145],)).fetchall() == [(None,), (5,), (7,)]
    assert road.owner.execute(query, (KEYS[250],)).fetchall() == [(None,)]


def test_what_misses_a_record_waits_and_its_row_stays(road: Road) -> None:
    for version in (1, 2):
        road.take(PEOPLE, people(KEYS, version))

    tally = road.take(PEOPLE, [*people(KEYS[:10], 3, "nowhere"), *people(KEYS[10:], 3)])

    assert (tally.accepted, tally.parked) == (290, 10)
    query = "select _sequence, count(*) from reference.orang group by 1 order by 1"
    assert road.owner.execute(query).fetchall() == [(2, 10), (3, 290)]


def test_who_names_a_record_of_the_same_document_is_judged_first(road: Road) -> None:
    def places(version: int, parent: str | None) -> list[Event]:
        return [
            (
                key.encode(),
                frame(SchemaId(1), Writer(PLACES).write(place_row(key, parent if key == KEYS[0] else None, "Biasa"))),
                write(about(key, version), PLACES, EventKey(key)),
            )
            for key in KEYS
        ]

    stages = "select count(*) from pg_class where relname like 'update_reference_tempat_%'"
    found = []
    for version, parent in ((1, None), (2, "nowhere"), (3, None)):
        tally = road.take(PLACES, places(version, parent))
        found.append((tally.accepted, tally.parked, road.owner.execute(stages).fetchone()))

    assert found == [(300, 0, (0,)), (299, 1, (0,)), (300, 0, (1,))]

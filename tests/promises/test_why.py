"""Promise 5: of each field it can be told who says it, what lost, and what was before; and the record as it was then.

The golden table is the measure: what is told out of the events must be what stood in it at that time.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.stack.local import Stack
from hub_db import layouts
from hub_db.pasts import past, statements_of
from hub_db.why import FieldWhy, Why, state, why
from schemas.names import EntityName, EventKey, FieldName
from tests.conftest import one_database
from tests.hub_db.residents import ALL, NEWCOMERS, PATIENTS, RESIDENTS, TEACHERS, gone, said
from tests.promises.roads import ALWAYS, Road
from tests.promises.test_many_sources import BY_NAME, COLUMNS, GOLDEN, STEPS, Step

WARGA = EntityName("warga")


@pytest.fixture(scope="module")
def road(stack: Stack, template: str) -> Iterator[Road]:
    with one_database(stack, template) as database:
        made = Road(database, ALWAYS, ALL)
        made.register_schemas()
        yield made
        made.close()


def told(road: Road, key: str, most: int = 1000) -> Why | None:
    entity = layouts.entity_now(road.owner, WARGA)
    assert entity is not None
    name = EventKey(key)
    return why(entity, statements_of(road.owner, entity, name, past(road.owner, entity, name, most=most)))


def as_of(road: Road, key: str, moment: datetime) -> tuple[Any, ...] | None:
    """The record's line as `GOLDEN` has it."""
    entity = layouts.entity_now(road.owner, WARGA)
    assert entity is not None
    name = EventKey(key)
    golden = state(entity, statements_of(road.owner, entity, name, past(road.owner, entity, name, until=moment)))
    if golden is None:
        return None
    said_of = {field: chosen.value for field, chosen in golden.fields.items()}
    return (key, golden.deleted, *(said_of.get(FieldName(column)) for column in COLUMNS))


def one(found: Why | None, field: str) -> FieldWhy:
    assert found is not None
    return found.fields[FieldName(field)]


def now(road: Road) -> datetime:
    row = road.owner.execute("select clock_timestamp()").fetchone()
    assert row is not None
    assert isinstance(row[0], datetime)
    return row[0]


def test_a_field_tells_its_source_its_losers_and_what_was_before(road: Road) -> None:
    road.begin()
    road.take(RESIDENTS, [said(RESIDENTS, "a", 1, nama="LAMA")])
    road.take(RESIDENTS, [said(RESIDENTS, "a", 2, nama="BARU")])
    road.take(PATIENTS, [said(PATIENTS, "a", 1, nama="PASIEN", telepon="081")])
    road.take(TEACHERS, [said(TEACHERS, "g1", 1, nik="a", hp="085")])

    found = told(road, "a")

    name, phone = one(found, "nama"), one(found, "telepon")
    assert name.holds is not None
    assert (name.holds.value, name.holds.source, name.holds.event.ce_id) == ("BARU", "uji.warga", "a-2")
    assert name.holds.event.place[1:] == (0, 1)
    assert [(each.value, each.source) for each in name.losers] == [("PASIEN", "uji.pasien")]
    assert [each.origin.value if each.origin else None for each in name.past] == ["BARU", "LAMA"]
    assert phone.holds is not None
    assert (phone.holds.value, phone.holds.source) == ("085", "uji.guru")
    assert [each.origin.source if each.origin else None for each in phone.past] == ["uji.guru", "uji.pasien"]


def test_a_feed_that_names_another_record_now_is_found_in_the_past_of_the_first(road: Road) -> None:
    road.begin()
    road.take(RESIDENTS, [said(RESIDENTS, key, 1, nama="A") for key in "ab"])
    road.take(TEACHERS, [said(TEACHERS, "g1", 1, nik="a", hp="085")])
    road.take(TEACHERS, [said(TEACHERS, "g1", 2, nik="b", hp="086")])

    found = one(told(road, "a"), "telepon")

    assert found.holds is None
    assert [each.origin.value if each.origin else None for each in found.past] == [None, "085"]


def test_a_past_that_is_not_told_whole_says_since_when_it_is(road: Road) -> None:
    road.begin()
    for version in range(1, 8):
        road.take(RESIDENTS, [said(RESIDENTS, "a", version, nama=f"N{version}")])

    whole, part = told(road, "a"), told(road, "a", most=3)

    assert [each.origin.value for each in one(whole, "nama").past if each.origin] == [
        f"N{each}" for each in range(7, 0, -1)
    ]
    assert [each.origin.value for each in one(part, "nama").past if each.origin] == ["N7", "N6", "N5"]
    assert part is not None
    assert part.complete_since == one(whole, "nama").past[2].since


def test_a_parked_row_is_in_the_record_from_its_release_on(road: Road) -> None:
    road.begin()
    road.take(PATIENTS, [said(PATIENTS, "a", 1, telepon="081")])
    road.take(NEWCOMERS, [said(NEWCOMERS, "a", 1, nama="A", asal="x")])
    between = now(road)
    road.release()

    assert as_of(road, "a", between) == ("a", False, "A", None, None, "x", None)
    assert as_of(road, "a", now(road)) == ("a", False, "A", None, None, "x", "081")


def test_a_deleted_record_is_still_told_as_it_was(road: Road) -> None:
    road.begin()
    before = now(road)
    road.take(RESIDENTS, [said(RESIDENTS, "a", 1, nama="A")])
    alive = now(road)
    road.take(RESIDENTS, [gone(RESIDENTS, "a", 2)])

    found = told(road, "a")

    assert found is not None
    assert found.deleted
    assert as_of(road, "a", before) is None
    assert as_of(road, "a", alive) == ("a", False, "A", None, None, None, None)
    assert as_of(road, "a", now(road)) == ("a", True, None, None, None, None, None)


def test_a_past_costs_what_itself_is_long_in_a_history_of_any_size(road: Road) -> None:
    road.begin()
    for version in range(1, 41):
        road.take(RESIDENTS, [said(RESIDENTS, "a", version, nama=f"N{version}")])
    road.owner.execute(
        'insert into hub.history (topic_no, partition, "offset", key, epoch, sequence, ce_id)'
        " select topic_no, 7, n, 'k' || n, 0, 1, 'x' || n from hub.topic, generate_series(1, 120000) n"
        " where name = 'opd.uji.warga'"
    )
    counts = (
        "select coalesce(seq_tup_read, 0), coalesce(idx_scan, 0) from pg_stat_xact_user_tables"
        " where relid = 'hub.history'::regclass"
    )
    with road.owner.transaction():
        before = road.owner.execute(counts).fetchone() or (0, 0)
        found = told(road, "a")
        read, looked_up = road.owner.execute(counts).fetchone() or (0, 0)

    assert len(one(found, "nama").past) == 40
    assert (read - before[0], looked_up - before[1]) == (0, 40)


@pytest.mark.parametrize("examples", [25, pytest.param(2_000, marks=pytest.mark.full)])
def test_the_past_is_what_stood_in_the_table_at_that_time(road: Road, examples: int) -> None:
    @settings(max_examples=examples, suppress_health_check=list(HealthCheck), database=None)
    @given(steps=st.lists(STEPS, min_size=1, max_size=14), size=st.integers(1, 4), release=st.sets(st.integers(0, 9)))
    def law(steps: list[Step], size: int, release: set[int]) -> None:
        steps = [each for each in steps if each.document in {"warga", "pendatang", "pasien", "guru"}]
        road.begin()
        stood: list[tuple[datetime, dict[str, tuple[Any, ...]]]] = []
        for number, start in enumerate(range(0, len(steps), size)):
            part = steps[start : start + size]
            for document in sorted({each.document for each in part}):
                road.take(BY_NAME[document], [each.event() for each in part if each.document == document])
            if number in release:
                road.release()
            stood.append((now(road), {row[0]: row for row in road.state({"warga": GOLDEN["warga"]})["warga"]}))

        for moment, table in stood:
            assert {key: row for key in "abc" if (row := as_of(road, key, moment))} == table
        for key, row in (stood[-1][1] if stood else {}).items():
            found = told(road, key)
            holds = [one(found, column).holds for column in COLUMNS]
            assert tuple(each.value if each else None for each in holds) == row[2:]
            assert all(
                (held.past[0].origin if held.past else None) == held.holds
                for held in (one(found, column) for column in COLUMNS)
            )

    law()

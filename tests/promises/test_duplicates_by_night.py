"""Probable duplicates by night: piece by piece, killed anywhere, what is found is what a search among all finds."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from base import faults
from base.faults import FaultInjected
from cli.stack.local import Stack
from hub_db.conflicts import duplicates, person_search
from hub_db.conflicts.duplicates import FIELDS
from hub_db.connection import transaction
from jobs import duplicate_job
from jobs.job import State
from jobs.kinds import register
from jobs.queue import enqueue, find
from jobs.turns import claim, take_step
from tests.conftest import one_database
from tests.dashboard.exchange_rows import INSTANCE
from tests.hub_db.documents import contract, text
from tests.hub_db.planted_pairs import Person, Planter
from tests.hub_db.residents import gone, said
from tests.promises.roads import ALWAYS, Road
from tests.promises.test_conflicts import day, publish

NOW = datetime(2026, 11, 23, 2, 14, tzinfo=UTC)
PEOPLE = contract(
    "warga",
    "nik",
    text("nik", maxLength=20),
    text("nama", maxLength=60),
    day("tanggal_lahir"),
    *(text(name, nullable=True, maxLength=60) for name in FIELDS.values() if name not in ("nama", "tanggal_lahir")),
)
Pairs = dict[tuple[str, str], tuple[str, ...]]


@pytest.fixture(scope="module")
def settled(stack: Stack, template: str) -> Iterator[Road]:
    with one_database(stack, template) as database:
        made = Road(database, ALWAYS, [PEOPLE])
        yield made
        made.close()


@pytest.fixture
def road(settled: Road) -> Road:
    settled.begin()
    settled.owner.execute(
        "truncate hub.conflict, hub.person, hub.person_term, hub.person_place, hub.round restart identity cascade"
    )
    return settled


def values(person: Person) -> dict[str, Any]:
    told = asdict(person)
    return {field: told[name] for name, field in FIELDS.items()}


def take(road: Road, people: Sequence[Person], version: int) -> None:
    road.take(PEOPLE, [said(PEOPLE, each.key, version, **values(each)) for each in people])
    publish(road)


def search(road: Road) -> int:
    """All that is to do; how many pieces it took."""
    pieces = 1
    while duplicate_job.next_piece(road.owner, INSTANCE, now=NOW).more:
        pieces += 1
    return pieces


def found(road: Road) -> Pairs:
    query = "select key, key_b, hints from hub.conflict where kind = 'duplicate' and state <> 'ended'"
    return {(key, other): tuple(hints) for key, other, hints in road.owner.execute(query)}


def among_all(road: Road) -> Pairs:
    (entity,) = duplicate_job.persons(road.owner)
    with transaction(road.owner):
        return {(str(each.key), each.key_b): tuple(each.hints) for each in duplicates.find(road.owner, entity)}


def test_pieces_find_what_a_search_among_all_finds(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    town = Planter(20261129).town(400)
    monkeypatch.setattr(person_search, "ENTERED_AT_ONCE", 700)
    monkeypatch.setattr(person_search, "COMPARED_AT_ONCE", 300)

    take(road, town.people, 1)
    pieces = search(road)

    assert pieces > 6
    assert len(found(road)) > 100
    assert found(road) == among_all(road)


def test_the_next_night_looks_at_what_changed_only(road: Road) -> None:
    town = Planter(70707).town(300)
    take(road, town.people, 1)
    search(road)
    before, changed = found(road), {each.key for each in Random(3).sample(town.people, 60)}
    by_key = {each.key: each for each in town.people}
    away = sorted(changed)[:20]
    renamed = [by_key[key] for key in sorted(changed)[20:]]
    road.take(PEOPLE, [gone(PEOPLE, key, 2) for key in away])
    take(road, [each.__class__(**asdict(each) | {"name": "SUMINTEN", "mother": None}) for each in renamed], 2)

    stages = []
    while (stage := duplicate_job.next_piece(road.owner, INSTANCE, now=NOW)).more:
        stages.append((stage.entered, stage.compared))

    def touched(pairs: Pairs) -> Pairs:
        return {pair: hints for pair, hints in pairs.items() if changed & set(pair)}

    assert stages == [(60, 0), (0, 40)]
    assert touched(found(road)) == touched(among_all(road))
    assert {pair: hints for pair, hints in found(road).items() if not changed & set(pair)} == {
        pair: hints for pair, hints in before.items() if not changed & set(pair)
    }
    assert touched(before) != touched(found(road))


def test_a_piece_that_is_killed_before_its_end_is_done_again(road: Road) -> None:
    take(road, Planter(5).town(50).people, 1)
    register(road.owner, [duplicate_job.kind(road.database.dsn, lambda: INSTANCE)])
    kind = duplicate_job.kind(road.database.dsn, lambda: INSTANCE)
    with transaction(road.owner):
        number = enqueue(road.owner, duplicate_job.NAME, by="uji", key="uji")
    job = find(road.owner, number)
    assert job.turn is not None
    claimed = claim(road.owner, number, job.turn, "uji")
    assert claimed is not None
    faults.arm("duplicates.precommit:1:raise,job.precommit:2:raise")
    killed = 0
    try:
        while claimed.state is State.RUNNING:
            try:
                claimed = take_step(road.owner, kind, claimed)
            except FaultInjected:
                killed += 1
    finally:
        faults.arm("")

    assert killed == 2
    assert found(road) == among_all(road)
    assert claimed.state is State.DONE
    assert claimed.message == f"{len(found(road))} dugaan ganda ditemukan."


def test_what_is_kept_of_a_person_tells_no_name(road: Road) -> None:
    take(road, Planter(9).town(10).people[:3], 1)
    search(road)

    kept = road.owner.execute("select blocks, terms from hub.person").fetchall()

    assert len(kept) == 3
    assert all(isinstance(each, int) for row in kept for numbers in row for each in numbers)
    assert road.owner.execute("select persons from hub.person_term where term = 0").fetchall() == [(3,)]
    reading = "select has_table_privilege(r, 'hub.person', 'select') from unnest(array['simpul_web', 'simpul_intake',"
    assert (
        road.owner.execute(f"{reading} 'simpul_jobs', 'simpul_publisher', 'simpul_registry']) as r").fetchall()
        == [(False,)] * 5
    )

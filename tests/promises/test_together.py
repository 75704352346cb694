"""Promises 1 to 3: partitions that are settled in one transaction come to the same as one after the other."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import replace
from typing import LiteralString, NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cli.stack.local import Stack
from hub_db.events import Tally
from tests.conftest import one_database
from tests.hub_db.documents import PLACES
from tests.promises.roads import ALWAYS, NEVER, Road
from tests.promises.test_both_roads import COMMON, PEOPLE, STATE, Step, place

PARTITIONS = 3
THERE = "rs"  # places that are there before, and of which no event comes
KEYS = "uvwxyz"
# What is settled together may name what comes with it, and is not parked first: then it may follow another event.
LOOSE = STATE | {
    "history": 'select topic_no, partition, "offset", key, epoch, sequence, value from hub.history order by 1, 2, 3',
    "ledger": "select topic_id, partition, next_offset, records, dead from hub.batch where kind = 'batch'"
    " order by 1, 2, 3",
    "position": "select topic_id, partition, next_offset, records, accepted, known, parked, dead"
    " from hub.consumer_offset order by 1, 2",
    "releases": "select 1",
}
EXACT = STATE | {
    "ledger": "select topic_id, partition, first_offset, next_offset, records, accepted, known, parked, dead"
    " from hub.batch where kind = 'batch' order by 1, 2, 3",
    "position": LOOSE["position"],
}


class Roads(NamedTuple):
    alone: Road
    together: Road
    together_as_rows: Road


@pytest.fixture(scope="module")
def roads(stack: Stack, template: str) -> Iterator[Roads]:
    with ExitStack() as open_ones:
        first, second, third = [open_ones.enter_context(one_database(stack, template)) for _ in Roads._fields]
        made = Roads(
            Road(first, ALWAYS, (PLACES, PEOPLE), written_first=False),
            Road(second, ALWAYS, (PLACES, PEOPLE)),
            Road(third, NEVER, (PLACES, PEOPLE)),
        )
        for road in made:
            open_ones.callback(road.close)
        yield made


class Placed(NamedTuple):
    """An event and its partition; a key's events may lie in several, as after the topic got more of them."""

    partition: int
    step: Step


def steps(refers_to: str) -> st.SearchStrategy[list[Placed]]:
    step = st.builds(
        Step,
        contract=st.just("tempat"),
        key=st.sampled_from(KEYS),
        refers_to=st.sampled_from([None, None, *refers_to]),
        **COMMON,
    )
    return st.lists(st.builds(Placed, st.integers(0, PARTITIONS - 1), step), min_size=1, max_size=30)


def parts(log: list[Placed]) -> dict[int, list[Step]]:
    found: dict[int, list[Step]] = {}
    for partition, step in log:
        found.setdefault(partition, []).append(step)
    return found


def settle(roads: Roads, log: list[list[Placed]], *, written_first: bool) -> list[list[list[Tally]]]:
    """Settle the batches of a log on every road; by road and batch what became of each part."""
    roads.together.written_first = written_first
    found: list[list[list[Tally]]] = [[] for _ in roads]
    for road in roads:
        road.begin(PARTITIONS)
        road.take(PLACES, [place(kode).event() for kode in THERE])
    for batch in map(parts, log):
        if not batch:
            continue
        told = {number: [step.event() for step in of_part] for number, of_part in sorted(batch.items())}
        found[0].append(
            [tally for number, events in told.items() for tally in roads.alone.take_together(PLACES, {number: events})]
        )
        for road, tallies in zip(roads[1:], found[1:], strict=True):
            tallies.append(road.take_together(PLACES, told))
    return found


CONTEST = [Placed(2, place("x")), Placed(0, place("x", "r")), Placed(1, place("x", "s"))]
PARKED = [Placed(0, place("u", "q")), Placed(1, place("u", "q")._replace(sequence=3))]


def of_one_content(log: list[list[Placed]]) -> list[list[Placed]]:
    """The log, each key in one partition and each of its versions with one content. What waits beside its own version
    or in another partition hangs on what is settled with it."""
    first: dict[tuple[str, int, int], Step] = {}

    def same(step: Step) -> Step:
        return first.setdefault((step.key, step.epoch, step.sequence), step)._replace(bend=step.bend)

    return [[Placed(KEYS.index(step.key) % PARTITIONS, same(step)) for _, step in batch] for batch in log]


def differing(roads: Roads, queries: Mapping[str, LiteralString]) -> list[str]:
    """What is not alike on all roads."""
    alone, *others = (road.state(queries) for road in roads)
    return [name for name in queries if any(other[name] != alone[name] for other in others)]


def logs(refers_to: str) -> st.SearchStrategy[list[list[Placed]]]:
    return st.lists(steps(refers_to), min_size=1, max_size=3)


EXAMPLES = pytest.mark.parametrize("examples", [15, pytest.param(500, marks=pytest.mark.full)])


@EXAMPLES
def test_together_is_as_one_after_the_other(roads: Roads, examples: int) -> None:
    @settings(max_examples=examples, suppress_health_check=list(HealthCheck), database=None)
    @given(log=st.one_of(logs("rs"), logs("rsq").map(of_one_content)), written_first=st.booleans())
    @example(log=[CONTEST], written_first=True)
    @example(log=[CONTEST[:1], CONTEST], written_first=False)
    @example(log=[PARKED[:1], [Placed(1, place("u", "r")._replace(sequence=4)), *CONTEST]], written_first=True)
    def law(log: list[list[Placed]], written_first: bool) -> None:  # noqa: FBT001
        tallies = settle(roads, log, written_first=written_first)

        of_records = [[[replace(each, released=0, outdated=0) for each in of] for of in road] for road in tallies]
        assert of_records[1:] == [of_records[0]] * 2
        assert differing(roads, EXACT) == []

    law()


@EXAMPLES
def test_a_key_in_several_partitions_ends_alike_where_something_waits(roads: Roads, examples: int) -> None:
    """What is parked from one partition and goes in or is known by another's was never parked where both are settled
    at once: the ledger says so batch by batch, and in the end all is where it would have been."""

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck), database=None)
    @given(log=logs("rsq"), written_first=st.booleans())
    def law(log: list[list[Placed]], written_first: bool) -> None:  # noqa: FBT001
        settle(roads, log, written_first=written_first)

        assert differing(roads, LOOSE) == []

    law()


@EXAMPLES
def test_what_names_each_other_ends_in_the_same_rows(roads: Roads, examples: int) -> None:
    @settings(max_examples=examples, suppress_health_check=list(HealthCheck), database=None)
    @given(log=logs(KEYS + "q").map(of_one_content), written_first=st.booleans())
    @example(log=[[Placed(0, place("u", "v")), Placed(2, place("v", "r"))]], written_first=True)
    def law(log: list[list[Placed]], written_first: bool) -> None:  # noqa: FBT001
        log = [[each for each in batch if not each.step.gone] for batch in log]
        settle(roads, log, written_first=written_first)
        for road in roads:
            road.release()

        assert differing(roads, LOOSE) == []

    law()


def test_what_was_parked_from_another_partition_is_accounted_for_there(roads: Roads) -> None:
    roads.alone.begin(PARTITIONS)
    roads.alone.take_together(PLACES, {0: [place("u", "q").event()]})

    (tally,) = roads.alone.take_together(PLACES, {1: [place("u")._replace(sequence=3).event()]})

    counts = "select partition, records, accepted, known, parked, dead from hub.consumer_offset o"
    of_places = f"{counts} join hub.topic using (topic_id) where name = %s and records > 0 order by 1"
    totals = roads.alone.owner.execute(of_places, (PLACES.topic,)).fetchall()
    assert (tally.accepted, totals) == (1, [(0, 1, 1, 0, 0, 0), (1, 1, 1, 0, 0, 0)])

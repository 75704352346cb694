"""Promises 1 to 3 on both roads: the same log, settled as columns or one by one, leaves the same tables behind."""

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cli.stack.local import Stack
from consumers import records
from consumers.judge import judge_set
from hub_db.events import Stretch, Tally
from schemas.names import EventKey, SchemaId
from schemas.wire.avro import Writer
from schemas.wire.framing import frame
from schemas.wire.headers import EventHeaders, write
from tests.conftest import one_database
from tests.consumers.batches import Event, batches, opened
from tests.hub_db import documents
from tests.hub_db.documents import DAY, NOW, PLACES, person_row, place_row, warned
from tests.promises.roads import ALWAYS, NEVER, Road

PEOPLE = warned(documents.PEOPLE, "nama_luar_biasa", "nama <> 'Biasa'")  # what is told of a row is in its table
STATE = {
    "tempat": "select * from reference.tempat order by kode",
    "orang": "select * from reference.orang order by nomor",
    "history": "select * from hub.history order by 1, 2, 3",
    "letters": 'select topic_no, partition, "offset", key, value, headers, code, field, found, others, sha256'
    " from hub.dead_letter order by 1, 2, 3",
    "parked": 'select topic_no, partition, "offset", key, epoch, sequence, field, missing_key from hub.parked'
    " order by 1, 2, 3",
    "contested": 'select topic, key, epoch, sequence, digest, partition, "offset", ce_id, value from hub.contested'
    " order by 1, 2, 3, 4, 5",
    "ledger": "select topic_id, first_offset, next_offset, records, accepted, known, parked, dead from hub.batch"
    " where kind = 'batch' order by 1, 2",
    "position": "select topic_id, next_offset, records, accepted, known, parked, dead from hub.consumer_offset"
    " order by 1",
    "releases": "select r.topic_id, r.accepted, k.key from hub.release r join hub.release_key k on k.release_id = r.id"
    " order by r.id, k.key",
}


class Roads(NamedTuple):
    rows: Road
    columns: Road
    written: Road  # columns, their rows written before they are asked for


@pytest.fixture(scope="module")
def roads(stack: Stack, template: str) -> Iterator[Roads]:
    with ExitStack() as open_ones:
        first, second, third = [open_ones.enter_context(one_database(stack, template)) for _ in Roads._fields]
        made = Roads(
            Road(first, NEVER, (PLACES, PEOPLE)),
            Road(second, ALWAYS, (PLACES, PEOPLE), written_first=False),
            Road(third, ALWAYS, (PLACES, PEOPLE), written_first=True),
        )
        for road in made:
            open_ones.callback(road.close)
        yield made


class Step(NamedTuple):
    """An event of few keys and few versions, so that everything repeats."""

    contract: str
    key: str
    epoch: int
    sequence: int
    refers_to: str | None
    nama: str
    gone: bool  # a delete
    bend: str

    def event(self) -> Event:
        """What stands in the log."""
        contract = CONTRACTS[self.contract]
        key, refers_to = self.key, self.refers_to
        row = (
            place_row(key, refers_to, self.nama) if contract is PLACES else person_row(key, refers_to or "", self.nama)
        )
        value = None if self.gone else frame(SchemaId(2 if self.bend == "schema" else 1), Writer(contract).write(row))
        load = "muat" if self.bend == "layout" else None
        about = EventHeaders(f"{key}-{self.sequence}", "/opd/uji/x", NOW, self.sequence, self.epoch, load)
        if self.bend == "cut" and value is not None:
            value = value[:-2]
        return (b"other" if self.bend == "key" else key.encode()), value, write(about, contract, EventKey(key))


def place(kode: str, induk: str | None = None) -> Step:
    """A good place."""
    return Step("tempat", kode, 0, 2, induk, "Biasa", False, "")


# Of one version, two contents: the one that wins names a place that is not there.
WINNER_WAITS = [place("x"), place("x", "u")]


CONTRACTS = {"tempat": PLACES, "orang": PEOPLE}
NAMES = ["Biasa", "Biasa", "Panjang sekali, sampai empat puluh huruf", "é", "A\x00", "x" * 41]
COMMON = {
    "epoch": st.sampled_from([0, 0, 0, 0, 1]),
    "sequence": st.integers(0, 5),
    "nama": st.sampled_from(NAMES),
    "gone": st.integers(0, 19).map(lambda chance: chance == 0),
    "bend": st.sampled_from([""] * 20 + ["layout"] * 3 + ["cut", "key", "schema"]),
}
STEPS = st.one_of(
    st.builds(
        Step,
        contract=st.just("tempat"),
        key=st.sampled_from("uvwxyz"),
        refers_to=st.sampled_from([None, None, None, *"uvwxyz"]),
        **COMMON,
    ),
    st.builds(
        Step,
        contract=st.just("orang"),
        key=st.sampled_from("abcdef"),
        refers_to=st.sampled_from("uvwxyzn"),
        **COMMON,
    ),
)


@pytest.mark.parametrize("examples", [30, pytest.param(2_000, marks=pytest.mark.full)])
def test_a_log_leaves_the_same_tables_on_both_roads(roads: Roads, examples: int) -> None:
    @settings(max_examples=examples, suppress_health_check=list(HealthCheck), database=None)
    @given(
        log=st.lists(STEPS, min_size=1, max_size=40),
        there=st.sets(st.sampled_from("uvwxyz")),
        cuts=st.lists(st.integers(0, 40), max_size=3),
        releases_after=st.sets(st.integers(0, 4)),
    )
    @example(log=WINNER_WAITS, there=set(), cuts=[1], releases_after=set())
    @example(log=[*WINNER_WAITS, place("u")], there=set(), cuts=[1, 2], releases_after={2})
    def law(log: list[Step], there: set[str], cuts: list[int], releases_after: set[int]) -> None:
        for road in roads:
            road.begin()
            if there:
                road.take(PLACES, [place(kode).event() for kode in sorted(there)])

        tallies: list[list[Tally]] = [[] for _ in roads]
        for number, (start, end) in enumerate(pairwise(sorted({0, len(log), *(min(cut, len(log)) for cut in cuts)}))):
            for name, contract in CONTRACTS.items():
                events = [step.event() for step in log[start:end] if step.contract == name]
                for road, found in zip(roads, tallies, strict=True):
                    if events:
                        found.append(road.take(contract, events))
            for road in roads:
                if number in releases_after:
                    road.release()

        assert tallies[1:] == [tallies[0]] * 2
        state = roads.rows.state(STATE)
        assert roads.columns.state(STATE) == state
        assert roads.written.state(STATE) == state

    law()


def test_columns_are_taken_for_what_is_clean(roads: Roads) -> None:
    roads.columns.begin()
    places = [place(f"p{n}", f"p{n - 1}" if n else None).event() for n in range(300)]
    document = roads.columns.documents[PLACES.topic]
    read = records.read(opened(batches(places)), 0)
    stretch = Stretch(PLACES.topic, roads.columns.ids[PLACES.topic], 1, 0, 0, 300, 300)

    judged = judge_set(document, document.readers.get, stretch, read, DAY)
    tally = roads.columns.take(PLACES, places)

    assert judged.frame is not None
    assert (len(judged.frame), judged.events, judged.dead_letters) == (300, [], [])
    assert tally == Tally(accepted=300)

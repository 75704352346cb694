"""Promise 3 of one version with two contents: what they say decides, never which came first; and nothing is lost.

The model below knows of versions, of a row before a delete, of the date of change, and of no order of arrival.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.stack.local import Stack
from consumers import records
from consumers.judge import judge_set
from hub_db.connection import connect, transaction
from hub_db.errors import Contended
from hub_db.event_frames import Judged
from hub_db.events import Stretch
from hub_db.offsets import open_partition
from schemas.names import EventKey, SchemaId
from schemas.wire.avro import Writer
from schemas.wire.framing import frame
from schemas.wire.headers import EventHeaders, write
from tests.conftest import one_database
from tests.consumers.batches import Event, batches, opened
from tests.eventually import eventually
from tests.hub_db.documents import DAY, NOW, PEOPLE, PLACES, person_row, place_row
from tests.promises.roads import ALWAYS, NEVER, Road

ROWS = "select nomor, _sequence, _deleted, nama from reference.orang order by nomor"
LOST = "select key, sequence, value is null, ce_id from hub.contested order by 1, 2, 3, 4"


class Said(NamedTuple):
    """One event of a person: its name follows from `content`, 0 is a delete; a greater content was changed later."""

    key: str
    version: int
    content: int
    place: str = "p"

    def event(self) -> Event:
        row = person_row(self.key, self.place, self.name) | {"sumber_diubah": NOW + timedelta(minutes=self.content)}
        value = frame(SchemaId(1), Writer(PEOPLE).write(row)) if self.content else None
        about = EventHeaders(self.name, "/opd/uji/x", NOW, self.version, 0, None)
        return self.key.encode(), value, write(about, PEOPLE, EventKey(self.key))

    @property
    def name(self) -> str:
        return f"N{self.content}"


def model(said: set[Said]) -> tuple[list[Any], set[tuple[str, int, int]]]:
    """The table, and the contents of each key's newest version that gave way."""
    table, lost = [], set()
    for key in sorted({each.key for each in said}):
        newest = max(each.version for each in said if each.key == key)
        contents = sorted({each.content for each in said if each.key == key and each.version == newest})
        lost |= {(key, newest, each) for each in contents[:-1]}
        table.append((key, newest, contents[-1] == 0, f"N{contents[-1]}" if contents[-1] else None))
    return table, lost


@pytest.fixture(scope="module")
def roads(stack: Stack, template: str) -> Iterator[tuple[Road, ...]]:
    with ExitStack() as open_ones:
        databases = [open_ones.enter_context(one_database(stack, template)) for _ in range(3)]
        made = (
            Road(databases[0], NEVER, (PLACES, PEOPLE)),
            Road(databases[1], ALWAYS, (PLACES, PEOPLE), written_first=False),
            Road(databases[2], ALWAYS, (PLACES, PEOPLE), written_first=True),
        )
        for road in made:
            open_ones.callback(road.close)
        yield made


@pytest.fixture
def road(roads: tuple[Road, ...]) -> Road:
    begin(roads[1])
    return roads[1]


def begin(road: Road) -> None:
    road.begin()
    place(road, "p")


def place(road: Road, kode: str) -> None:
    value = frame(SchemaId(1), Writer(PLACES).write(place_row(kode)))
    about = EventHeaders(kode, "/opd/uji/x", NOW, 1, 0, None)
    road.take(PLACES, [(kode.encode(), value, write(about, PLACES, EventKey(kode)))])


def ask(road: Road, query: Any) -> list[Any]:
    return road.owner.execute(query).fetchall()


def test_the_winner_is_the_same_whichever_came_first_and_the_other_is_kept_whole(road: Road) -> None:
    first, second = Said("a", 1, 1), Said("a", 1, 2)
    found = []
    for order in ([first, second], [second, first]):
        begin(road)
        tallies = [road.take(PEOPLE, [each.event()]) for each in order]
        lost = ask(road, "select value from hub.contested")
        found.append((ask(road, ROWS), lost, [(each.accepted, each.known) for each in tallies]))

    assert [(rows, lost) for rows, lost, _ in found] == [([("a", 1, False, "N2")], [(first.event()[1],)])] * 2
    assert [tallies for *_, tallies in found] == [[(1, 0), (1, 0)], [(1, 0), (0, 1)]]


def test_a_winner_that_came_later_has_the_loser_before_it_in_the_history(road: Road) -> None:
    for each in (Said("a", 1, 1), Said("a", 1, 2), Said("a", 2, 1)):
        road.take(PEOPLE, [each.event()])

    history = 'select h."offset", h.before_offset, h.ce_id from hub.history h join hub.topic t using (topic_no)'
    assert ask(road, f"{history} where t.name = '{PEOPLE.topic}' order by 1") == [
        (0, None, "N1"),
        (1, 0, "N2"),
        (2, 1, "N1"),
    ]


def test_what_is_sent_twice_is_no_contest_and_asks_for_nothing_that_is_kept(road: Road) -> None:
    road.take(PEOPLE, [Said("a", 1, 1).event()])

    again = road.take(PEOPLE, [Said("a", 1, 1).event()])

    assert (again.known, ask(road, LOST)) == (1, [])


def test_a_contest_with_an_event_that_waits_is_settled_when_both_go_in(road: Road) -> None:
    waits = [Said("a", 1, 1, "q"), Said("a", 1, 2, "q")]
    found = []
    for order in (waits, waits[::-1]):
        begin(road)
        for each in order:
            road.take(PEOPLE, [each.event()])
        place(road, "q")
        road.release()
        found.append((ask(road, ROWS), ask(road, LOST), ask(road, "select count(*) from hub.parked")))

    assert found == [([("a", 1, False, "N2")], [("a", 1, False, "N1")], [(0,)])] * 2


@pytest.mark.parametrize("road_no", [0, 1], ids=["one by one", "columns"])
@pytest.mark.parametrize("first", [1, 2])
def test_two_workers_with_two_partitions_meet_at_one_key(roads: tuple[Road, ...], road_no: int, first: int) -> None:
    """The second waits at the row, sees that it was as new as its own event, and judges again."""
    road = roads[road_no]
    begin(road)
    road.take(PEOPLE, [Said("a", 1, 1).event()])
    with transaction(road.conn):
        open_partition(road.conn, PEOPLE.topic, road.ids[PEOPLE.topic], 1, log_start=0, log_end=0, worker="w")
    ours, theirs = Said("a", 2, first), Said("a", 2, 3 - first)
    with closing(connect(road.database.dsn("simpul_intake"), process="test")) as other, ThreadPoolExecutor(1) as pool:

        def settle_theirs() -> None:
            with transaction(other):
                road.settle(other, of_partition(road, 1, 0, theirs.event()))

        with transaction(road.conn):
            road.settle(road.conn, of_partition(road, 0, 1, ours.event()))
            second = pool.submit(settle_theirs)
            eventually(lambda: ask(road, WAITING), until=bool)
        with pytest.raises(Contended):
            second.result()
        settle_theirs()

    assert ask(road, ROWS) == [("a", 2, False, "N2")]
    assert ask(road, LOST) == [("a", 2, False, "N1")]


WAITING = "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"


def of_partition(road: Road, partition: int, first: int, *events: Event) -> Judged:
    """A batch of a partition, as `Road.judge` makes them for the first one."""
    document, topic = road.documents[PEOPLE.topic], PEOPLE.topic
    read = records.read(opened(batches(events, at_once=5, first_offset=first)), first)
    stretch = Stretch(topic, road.ids[topic], road.numbers[topic], partition, first, read.last_offset + 1, len(read))
    return judge_set(document, document.readers.get, stretch, read, DAY)


SAID = st.builds(Said, st.sampled_from("aabc"), st.integers(1, 3), st.integers(0, 3), st.sampled_from("pppq"))


def test_any_order_split_and_repetition_on_all_roads_makes_the_models_table(roads: tuple[Road, ...]) -> None:
    seen: set[bool] = set()

    @settings(max_examples=20, suppress_health_check=list(HealthCheck), database=None)
    @given(data=st.data(), said=st.lists(SAID, min_size=3, max_size=14))
    def law(data: st.DataObject, said: list[Said]) -> None:
        unlike = {each[:3]: each for each in said}  # a content of a version needs one place
        table, lost = model(set(unlike.values()))
        seen.add(bool(lost))
        log = data.draw(st.permutations([*unlike.values(), *data.draw(st.lists(st.sampled_from([*unlike.values()])))]))
        size, q_at = data.draw(st.integers(1, 6)), data.draw(st.integers(0, len(log)))
        found = []
        for road in roads:
            begin(road)
            for start in range(0, len(log), size):
                if start <= q_at < start + size:
                    place(road, "q")
                    road.release()
                road.take(PEOPLE, [each.event() for each in log[start : start + size]])
            if q_at >= len(log):
                place(road, "q")
            road.release()
            kept = {(key, version, int(ce_id[1:])) for key, version, _, ce_id in ask(road, LOST)}
            assert ask(road, ROWS) == table
            assert lost <= kept
            found.append(kept)
        assert found[0] == found[1] == found[2]

    law()
    assert seen == {True, False}

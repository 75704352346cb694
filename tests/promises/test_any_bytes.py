"""Promise 7: any bytes at all as value, key or headers. The worker lives, promise 1 holds, the original bytes stay."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.stack.local import Stack
from tests.conftest import one_database
from tests.hub import Hub, make_hub
from tests.hub_db.documents import person_row, place_row

Event = tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]
AT_ONCE = 400  # events of one example: a batch with everything in it


@pytest.fixture(scope="module")
def living(stack: Stack, template: str) -> Iterator[Hub]:
    """A hub whose one worker runs through all examples: none of them may stop it."""
    with one_database(stack, template) as database, make_hub(database, partitions=1) as hub, hub.worker() as worker:
        hub.send(hub.places, [hub.event(hub.places, "x", 1, place_row("x"))])
        hub.settled(1)
        yield hub
        assert worker.poll() is None


def hostile(hub: Hub) -> st.SearchStrategy[Event]:
    """Good events bent anywhere, and noise that was never an event."""
    good_key, good_value, good_headers = hub.event(hub.people, "p", 1, person_row("p", "x"))
    assert good_value is not None
    header_names = st.one_of(st.sampled_from([name for name, _ in good_headers]), st.text(max_size=12))
    return st.tuples(
        st.one_of(st.just(good_key), st.none(), st.binary(max_size=40), st.binary(min_size=513, max_size=600)),
        st.one_of(
            st.just(good_value),
            st.none(),
            st.binary(max_size=80),
            st.builds(lambda cut: good_value[:cut], st.integers(0, len(good_value))),
            st.builds(lambda more: good_value + more, st.binary(max_size=5)),
            st.builds(_flipped, st.just(good_value), st.integers(0, len(good_value) * 8 - 1)),
        ),
        st.one_of(
            st.just(list(good_headers)),
            st.lists(st.tuples(header_names, st.binary(max_size=30)), max_size=6),
            st.builds(lambda more: [*good_headers, *more], st.lists(st.tuples(header_names, st.binary(max_size=30)))),
        ),
    ).filter(lambda event: event[0] is not None or event[1] is not None)  # kafka-python sends no other


def _flipped(value: bytes, bit: int) -> bytes:
    bent = bytearray(value)
    bent[bit // 8] ^= 1 << bit % 8
    return bytes(bent)


def test_any_bytes_are_accounted_for(living: Hub) -> None:
    @settings(max_examples=8, suppress_health_check=list(HealthCheck), database=None)
    @given(events=st.lists(hostile(living), min_size=50, max_size=AT_ONCE))
    def law(events: list[Event]) -> None:
        before = living.totals()[0]

        living.send(living.people, events, partition=0)
        totals = living.settled(before + len(events), parked=before + len(events))

        assert totals[0] == before + len(events)
        assert totals[0] == sum(totals[1:])
        letters = {
            offset: (key, value)
            for offset, key, value in living.ask(
                'select l."offset", l.key, l.value from hub.dead_letter l join hub.topic t using (topic_no)'
                " where t.name = %s",
                living.people.topic,
            )
        }
        first = living.next_offset(living.people) - len(events)
        for number, (key, value, _) in enumerate(events):
            if first + number in letters:
                assert letters[first + number] == (key, value)

    law()


def test_a_header_name_that_is_not_utf8_does_not_stop_the_partition(living: Hub) -> None:
    before = living.totals()[0]
    good = living.event(living.people, "utf", 1, person_row("utf", "x"))

    living.send_with_header(living.people, good, b"\xff\xfe")
    living.send(living.people, [living.event(living.people, "after", 1, person_row("after", "x"))], partition=0)

    living.settled(before + 2, parked=before)
    assert living.ask("select count(*) from reference.orang where nomor in ('utf', 'after')") == [(2,)]

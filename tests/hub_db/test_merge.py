"""The fold that says accepted, known or parked."""

from collections.abc import Sequence
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from hub_db.events import Event, Version
from hub_db.merge import Mark, Merged, Waiting, merge
from schemas.names import EntityName, EventKey
from tests.hub_db.documents import PEOPLE, PLACES, event, person_row, place_row

TEMPAT = EntityName("tempat")


class Hub:
    """A partition of the people document in memory: rows, parking lot, counts. What the database does, by dicts."""

    def __init__(self) -> None:
        self.rows: dict[EventKey, Event] = {}
        self.waiting: list[Waiting] = []
        self.places: set[EventKey] = set()
        self.accepted: list[int] = []  # offsets
        self.known = 0

    def take(self, events: Sequence[Event]) -> None:
        keys = {each.key for each in events}
        self._apply(
            merge(PEOPLE, self._of(keys), events, self._marks(), {TEMPAT: self.places}, standing=self.rows), keys
        )

    def bring(self, place: str) -> None:
        self.places.add(EventKey(place))
        keys = {each.event.key for each in self.waiting if each.missing.key in self.places}
        self._apply(self._merge(keys, ()), keys)

    def _merge(self, keys: set[EventKey], events: Sequence[Event]) -> Merged:
        return merge(PEOPLE, self._of(keys), events, self._marks(), {TEMPAT: self.places}, standing=self.rows)

    def _of(self, keys: set[EventKey]) -> list[Waiting]:
        return [each for each in self.waiting if each.event.key in keys]

    def _marks(self) -> dict[EventKey, Mark]:
        return {key: Mark(each.version, each.place) for key, each in self.rows.items()}

    def _apply(self, merged: Merged, keys: set[EventKey]) -> None:
        self.waiting = sorted(
            [each for each in self.waiting if each.event.key not in keys] + merged.still_waiting + merged.parked,
            key=lambda each: each.event.place,
        )
        self.accepted += [each.event.place.offset for each in (*merged.accepted, *merged.released)]
        self.known += merged.known + len(merged.outdated)
        self.rows |= merged.rows


@st.composite
def logs(draw: st.DrawFn) -> list[Event]:
    """A log of one partition: few keys, few versions, so that everything repeats; some deletes."""
    steps = draw(
        st.lists(
            st.tuples(st.sampled_from("abc"), st.integers(0, 4), st.sampled_from(["x", "y", "z", None])), max_size=14
        )
    )
    return [
        event(offset, key, sequence, None if place is None else person_row(key, place))
        for offset, (key, sequence, place) in enumerate(steps)
    ]


@given(log=logs(), cuts=st.lists(st.integers(0, 14), max_size=5), arrivals=st.lists(st.integers(0, 6), max_size=3))
def test_the_outcome_does_not_depend_on_batches_or_on_when_references_come(
    log: list[Event], cuts: list[int], arrivals: list[int]
) -> None:
    calm, restless = Hub(), Hub()
    for place in ("x", "y", "z"):
        calm.bring(place)
    calm.take(log)

    edges = sorted({0, len(log), *(min(cut, len(log)) for cut in cuts)})
    comes = list(zip(arrivals, ("x", "y", "z"), strict=False))
    for step, (start, end) in enumerate(pairwise(edges)):
        for when, place in comes:
            if when == step:
                restless.bring(place)
        restless.take(log[start:end])
    for place in ("x", "y", "z"):
        restless.bring(place)

    assert restless.waiting == []
    assert sorted(restless.accepted) == sorted(calm.accepted)
    assert restless.known == calm.known
    assert {key: each.version for key, each in restless.rows.items()} == {
        key: each.version for key, each in calm.rows.items()
    }


@given(log=logs())
def test_the_newest_version_wins_and_a_second_reading_changes_nothing(log: list[Event]) -> None:
    hub = Hub()
    for place in ("x", "y", "z"):
        hub.bring(place)
    hub.take(log)
    rows, known = dict(hub.rows), hub.known

    hub.take(log)

    highest = {key: max(each.version for each in log if each.key == key) for key in {each.key for each in log}}
    assert {key: each.version for key, each in rows.items()} == highest
    assert hub.rows == rows
    assert hub.known - known == len(log)


def test_an_event_is_parked_with_the_field_and_record_that_is_missing() -> None:
    merged = merge(PEOPLE, (), [event(0, "p", 1, person_row("p", "nowhere"))], {}, {TEMPAT: set()})

    assert merged.accepted == []
    assert [(each.missing.field, each.missing.entity, each.missing.key) for each in merged.parked] == [
        ("tempat", "tempat", "nowhere")
    ]


def test_a_newer_event_with_a_right_reference_settles_the_parked_one_before_it() -> None:
    parked = merge(PEOPLE, (), [event(0, "p", 1, person_row("p", "typo"))], {}, {TEMPAT: set()}).parked

    merged = merge(PEOPLE, parked, [event(1, "p", 2, person_row("p", "x"))], {}, {TEMPAT: {EventKey("x")}})

    assert [each.event.place.offset for each in merged.released] == [0]
    assert [(each.event.place.offset, each.before) for each in merged.accepted] == [(1, parked[0].event.place)]
    assert merged.rows[EventKey("p")].version == Version(0, 2)


def test_children_before_their_parents_in_one_batch_go_in_together() -> None:
    rows = [("c", "b"), ("b", "a"), ("a", None), ("self", "self"), ("lost", "nobody")]
    events = [event(offset, kode, 1, place_row(kode, induk)) for offset, (kode, induk) in enumerate(rows)]

    merged = merge(PLACES, (), events, {}, {TEMPAT: set()})

    assert [each.event.key for each in merged.accepted] == ["c", "b", "a", "self"]
    assert [each.event.key for each in merged.parked] == ["lost"]


def test_what_waits_behind_a_newer_one_is_known_with_it_and_goes_in_without_it() -> None:
    new, old = event(0, "p", 3, person_row("p", "typo")), event(1, "p", 2, person_row("p", "x"))
    both = merge(PEOPLE, (), [new, old], {}, {TEMPAT: {EventKey("x")}})

    with_it = merge(PEOPLE, both.parked, (), {}, {TEMPAT: {EventKey("x"), EventKey("typo")}})
    without = merge(PEOPLE, both.parked[1:], (), {}, {TEMPAT: {EventKey("x")}})

    assert [(each.event, each.missing.key) for each in both.parked] == [(new, "typo"), (old, "typo")]
    assert (both.known, both.accepted) == (0, [])
    assert ([each.event for each in with_it.released], with_it.outdated) == ([new], [old])
    assert ([each.event for each in without.released], without.outdated) == ([old], [])


def test_an_older_epoch_is_known_whatever_its_sequence() -> None:
    mark = {EventKey("p"): Mark(Version(1, 1), event(0, "p", 1, None).place)}

    merged = merge(PEOPLE, (), [event(1, "p", 99, person_row("p", "x"))], mark, {TEMPAT: {EventKey("x")}})

    assert (merged.known, merged.accepted) == (1, [])

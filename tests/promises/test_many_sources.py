"""Promises 3 and 4 with several sources: any order, split and repetition of their events gives the same golden table.

The model below knows nothing of the hub's code: it takes the set of events and says what the table must hold.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.stack.local import Stack
from schemas.names import EventKey, SchemaId
from schemas.wire.avro import Writer
from schemas.wire.framing import frame
from schemas.wire.headers import EventHeaders, write
from tests.conftest import one_database
from tests.consumers.batches import Event
from tests.hub_db.documents import NOW
from tests.hub_db.residents import ALL, DEEDS, TEACHERS, WITNESSES, row
from tests.promises.roads import ALWAYS, NEVER, Road

BY_NAME = {str(contract.document): contract for contract in (*ALL, DEEDS, WITNESSES)}
GOLDEN = {
    "warga": "select nik, _deleted, nama, alamat, surel, asal, telepon from reference.warga order by nik",
    "akta": "select buku || '|' || nomor, _deleted, isi, saksi from reference.akta order by 1",
    "waits": "select k.topic, k.key from hub.parked k order by 1, 2",
}


class Step(NamedTuple):
    """What one event says. Its content follows from document, key and version, as it does in life."""

    document: str
    key: str
    version: int

    def values(self) -> dict[str, Any] | None:
        """The row, or None for a delete."""
        seed = sum(map(ord, f"{self.document}{self.key}{self.version}")) + 7 * self.version
        if seed % 5 == 0:
            return None
        contract = BY_NAME[self.document]
        told: dict[str, Any] = {
            field.name: "x" * (seed % (3 + place)) + f"{self.document[0]}{self.version}"
            for place, field in enumerate(contract.fields)
            if field.name not in contract.key and field.name != "sumber_diubah" and (seed + place) % 3
        }
        if contract is TEACHERS:
            told["nik"] = "abc"[seed % 3]
        return row(contract, self.key, seed % 4, **told)

    def event(self) -> Event:
        """What stands in the log."""
        contract, values = BY_NAME[self.document], self.values()
        value = None if values is None else frame(SchemaId(1), Writer(contract).write(values))
        about = EventHeaders(f"{self.key}-{self.version}", "/opd/uji/x", NOW, self.version, 0, None)
        return self.key.encode(), value, write(about, contract, EventKey(self.key))


# The model ------------------------------------------------------------------------------------------

SPEAKERS = ["warga", "pendatang", "guru", "pasien"]  # by priority
COLUMNS = ("nama", "alamat", "surel", "asal", "telepon")
FIELDS = {
    "warga": {"nama": "nama", "alamat": "alamat", "surel": "surel"},
    "pendatang": {"nama": "nama", "surel": "surel", "asal": "asal"},
    "guru": {"telepon": "hp", "surel": "surel"},
    "pasien": {"nama": "nama", "alamat": "alamat", "surel": "surel", "telepon": "telepon"},
}


Row = dict[str, Any]


def newest(steps: set[Step], document: str) -> dict[str, Row]:
    """By key, what the document said last; an empty row for a delete."""
    of_document = sorted((each for each in steps if each.document == document), key=lambda each: each.version)
    return {each.key: each.values() or {} for each in of_document}


def residents(steps: set[Step]) -> list[tuple[Any, ...]]:
    says = {document: newest(steps, document) for document in SPEAKERS}
    table: list[tuple[Any, ...]] = []
    for nik in sorted(says["warga"].keys() | says["pendatang"].keys()):
        rows = {document: says[document].get(nik, {}) for document in ("warga", "pendatang", "pasien")}
        teachers = [each for each in says["guru"].items() if each[1].get("nik") == nik]
        teachers.sort(key=lambda each: (-each[1]["sumber_diubah"].timestamp(), each[0]))
        rows["guru"] = teachers[0][1] if teachers else {}
        gone = not rows["warga"] and not rows["pendatang"]
        table.append((nik, gone, *(None if gone else winner(rows, field) for field in COLUMNS)))
    return table


def winner(rows: dict[str, Row], field: str) -> str | None:
    said = [
        (place, rows[document][own], rows[document]["sumber_diubah"])
        for place, document in enumerate(SPEAKERS)
        if (own := FIELDS[document].get(field)) and rows[document].get(own) is not None
    ]
    if field == "alamat":
        said.sort(key=lambda each: (-len(each[1]), each[0]))
    if field == "surel":
        said.sort(key=lambda each: (-each[2].timestamp(), each[0]))
    return said[0][1] if said else None


def deeds(steps: set[Step]) -> list[tuple[Any, ...]]:
    witnesses = newest(steps, "saksi")
    return [
        (key, not deed, deed.get("isi"), witnesses.get(key, {}).get("saksi") if deed else None)
        for key, deed in sorted(newest(steps, "akta").items())
    ]


# The law --------------------------------------------------------------------------------------------

STEPS = st.one_of(
    st.builds(Step, st.sampled_from(["warga", "pendatang", "pasien"]), st.sampled_from("abc"), st.integers(1, 4)),
    st.builds(Step, st.just("guru"), st.sampled_from("gh"), st.integers(1, 4)),
    st.builds(Step, st.sampled_from(["akta", "saksi"]), st.sampled_from(["1|a", "1|b"]), st.integers(1, 3)),
)


@pytest.fixture(scope="module")
def roads(stack: Stack, template: str) -> Iterator[tuple[Road, ...]]:
    contracts = (*ALL, DEEDS, WITNESSES)
    with ExitStack() as open_ones:
        first, second, third = [open_ones.enter_context(one_database(stack, template)) for _ in range(3)]
        made = (
            Road(first, NEVER, contracts),
            Road(second, ALWAYS, contracts, written_first=False),
            Road(third, ALWAYS, contracts, written_first=True),
        )
        for road in made:
            open_ones.callback(road.close)
        yield made


def play(road: Road, log: list[Step], size: int, release_after: set[int]) -> dict[str, list[Any]]:
    """Settle a log in batches of at most `size` events of one document; in the end nothing is left to release."""
    road.begin()
    for number, start in enumerate(range(0, len(log), size)):
        part = log[start : start + size]
        for document in sorted({each.document for each in part}):
            road.take(BY_NAME[document], [each.event() for each in part if each.document == document])
        if number in release_after:
            road.release()
    road.release()
    return road.state(GOLDEN)


@pytest.mark.parametrize("examples", [15, pytest.param(1_000, marks=pytest.mark.full)])
def test_any_order_of_the_sources_events_gives_the_table_of_the_model(roads: tuple[Road, ...], examples: int) -> None:
    @settings(max_examples=examples, suppress_health_check=list(HealthCheck), database=None)
    @given(data=st.data(), steps=st.lists(STEPS, min_size=1, max_size=16))
    def law(data: st.DataObject, steps: list[Step]) -> None:
        wanted = {"warga": residents(set(steps)), "akta": deeds(set(steps))}

        for road in roads:
            log = data.draw(st.permutations(steps + data.draw(st.lists(st.sampled_from(steps), max_size=5))))
            found = play(road, log, data.draw(st.integers(2, 9)), data.draw(st.sets(st.integers(0, 9))))

            assert {name: found[name] for name in wanted} == wanted
            assert {key for _, key in found["waits"]}.isdisjoint(
                {each[0] for name in wanted for each in wanted[name] if not each[1]}
            )

    law()


def test_a_round_finds_the_records_that_changed_and_no_other(roads: tuple[Road, ...]) -> None:
    road = roads[0]
    road.begin()
    for nik in "abc":
        road.take(BY_NAME["warga"], [live("warga", nik).event()])
    first = live("guru", "g")
    second = live("guru", "g", after=first)

    road.take(TEACHERS, [first.event()])
    road.take(TEACHERS, [second.event()])

    query = "select c.id, c.entity, c.cause, k.key from hub.change c join hub.change_key k on k.change_id = c.id"
    before, now = teaches(first), teaches(second)
    assert road.owner.execute(f"{query} order by c.id, k.key").fetchall() == [
        (1, "warga", "feed", before),
        *((2, "warga", "feed", key) for key in sorted({before, now})),
    ]


def live(document: str, key: str, *, after: Step | None = None) -> Step:
    """The first step that is no delete; as a teacher with a telephone, and of another resident than `after`."""
    return next(
        step
        for version in range(1, 99)
        if (step := Step(document, key, version)).values() is not None
        and (document != "guru" or (step.values() or {})["hp"])
        and (after is None or (step.version > after.version and teaches(step) != teaches(after)))
    )


def teaches(step: Step) -> str:
    return str((step.values() or {})["nik"])

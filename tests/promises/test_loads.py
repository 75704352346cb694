"""A load that is withdrawn counts no more, whatever came before and after it; and it can be restored."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cli.stack.local import Stack
from hub_db import loads
from hub_db.connection import transaction
from hub_db.errors import NoSuchMove
from identity.actors import Actor
from jobs import load_job, load_preview, queue
from jobs.errors import NotPossible
from jobs.kinds import register
from schemas.contract import Contract
from schemas.names import EventKey
from tests.conftest import one_database
from tests.consumers.batches import Event
from tests.dashboard.exchange_rows import INSTANCE
from tests.hub_db.residents import ALL, DEEDS, PATIENTS, RESIDENTS, gone, said
from tests.promises.roads import ALWAYS, Road
from tests.schemas.contracts import penduduk

BY, NOW = Actor.command("uji"), datetime(2026, 1, 5, tzinfo=UTC)
WHY = "Berkas muatan ternyata salah."
WARGA = "select nik, nama, telepon from reference.warga where not _deleted order by nik"
AKTA = "select nomor, isi from reference.akta where not _deleted order by nomor"
MARKS = "select nomor, isi, _epoch, _sequence, _deleted from reference.akta order by nomor"
LETTERS = "select key, code from hub.dead_letter order by 1"


@pytest.fixture(scope="module")
def made(stack: Stack, template: str) -> Iterator[Road]:
    with one_database(stack, template) as database:
        road = Road(database, ALWAYS, (*ALL, DEEDS))
        road.register_schemas()
        register(road.owner, [load_job.kind(database.dsn, lambda: INSTANCE), load_preview.kind(database.dsn)])
        yield road
        road.close()


@pytest.fixture
def road(made: Road) -> Road:
    begin(made)
    return made


def begin(road: Road) -> None:
    """Nothing was sent and nothing withdrawn."""
    road.begin()
    road.owner.execute("delete from hub.withdrawn_load")
    road.owner.execute("update hub.entity set generation = generation + 1")
    road.owner.execute("delete from hub.load_key")
    with transaction(road.owner):
        road.owner.execute("alter table hub.load_step disable trigger load_step_is_append_only")
        road.owner.execute("delete from hub.load_step")
        road.owner.execute("alter table hub.load_step enable always trigger load_step_is_append_only")


def of(load: str | None, event: Event) -> Event:
    """The event as one of a load."""
    key, value, headers = event
    return event if load is None else (key, value, [*headers, ("ce_simpulload", load.encode())])


def decide(road: Road, contract: Contract, load: str, *, withdrawn: bool, times: int = 1) -> dict[str, int]:
    """The decision and the whole job, each step so many times, as after kills; how many keys ended how."""
    with transaction(road.owner):
        asked = load_job.decide(road.owner, contract.topic, load, withdrawn=withdrawn, reason=WHY, by=BY, now=NOW)
    kind, job = load_job.kind(road.database.dsn, lambda: INSTANCE), queue.find(road.owner, asked.job)
    while not (step := [kind.step(road.owner, job) for _ in range(times)][-1]).finished:
        job = replace(job, cursor=step.cursor, done=step.done)
    return {
        what: keys for number, what, keys in loads.outcomes(road.owner, contract.topic, load) if number == asked.number
    }


def ask(road: Road, query: Any) -> list[Any]:
    return road.owner.execute(query).fetchall()


def test_rows_go_back_to_what_was_before_the_load_and_forth_again(road: Road) -> None:
    deeds = [said(DEEDS, f"1|{n}", 1, isi="LAMA") for n in "abc"]
    wrong = [*(said(DEEDS, f"1|{n}", 2, isi="SALAH") for n in "abd"), gone(DEEDS, "1|c", 2)]
    road.take(DEEDS, [*deeds, *(of("L", each) for each in wrong)])
    road.take(DEEDS, [said(DEEDS, "1|b", 3, isi="BARU")])

    undone = decide(road, DEEDS, "L", withdrawn=True, times=2)
    without = ask(road, AKTA)
    listed = ask(road, "select key from hub.change_key order by key")
    returned = road.take(DEEDS, [of("L", said(DEEDS, "1|e", 1, isi="SALAH")), said(DEEDS, "1|d", 1, isi="LAMA")])
    late = ask(road, AKTA)
    redone = decide(road, DEEDS, "L", withdrawn=False, times=2)

    assert undone == {"back": 2, "changed": 1, "gone": 1}
    assert without == [("a", "LAMA"), ("b", "BARU"), ("c", "LAMA")]
    assert listed == [("1|a",), ("1|c",), ("1|d",)]
    assert (returned.accepted, returned.dead) == (1, 1)
    assert late == [("a", "LAMA"), ("b", "BARU"), ("c", "LAMA"), ("d", "LAMA")]
    assert ask(road, LETTERS) == [(b"1|e", "load-withdrawn")]
    assert redone == {"changed": 1, "returned": 3}
    assert ask(road, AKTA) == [("a", "SALAH"), ("b", "BARU"), ("d", "SALAH")]


def foresee(road: Road, contract: Contract, load: str, *, withdrawn: bool) -> load_preview.Preview:
    """What a decision would do, as the job reckons it."""
    with transaction(road.owner):
        asked = load_preview.ask(road.owner, contract.topic, load, withdrawn=withdrawn, by="uji")
    kind, job = load_preview.kind(road.database.dsn), queue.find(road.owner, asked)
    while not (step := kind.step(road.owner, job)).finished:
        job = replace(job, cursor=step.cursor, done=step.done)
    found = load_preview.Preview.of(replace(job, cursor=step.cursor))
    with transaction(road.owner):
        queue.cancel(road.owner, asked, by=BY)
    assert found is not None
    return found


def test_what_a_decision_would_do_is_told_before_and_nothing_is_changed_by_asking(road: Road) -> None:
    deeds = [said(DEEDS, f"1|{n}", 1, isi="LAMA") for n in "abc"]
    wrong = [*(said(DEEDS, f"1|{n}", 2, isi="SALAH") for n in "abd"), gone(DEEDS, "1|c", 2)]
    road.take(DEEDS, [*deeds, *(of("L", each) for each in wrong)])
    road.take(DEEDS, [said(DEEDS, "1|b", 3, isi="BARU")])
    before = ask(road, MARKS)

    undoing = foresee(road, DEEDS, "L", withdrawn=True)
    untouched = ask(road, MARKS)
    undone = decide(road, DEEDS, "L", withdrawn=True)
    redoing = foresee(road, DEEDS, "L", withdrawn=False)
    redone = decide(road, DEEDS, "L", withdrawn=False)

    assert untouched == before
    assert undoing.counts == undone == {"back": 2, "changed": 1, "gone": 1}
    assert redoing.counts == redone == {"changed": 1, "returned": 3}
    assert undoing.keys == {"back": ["1|a", "1|c"], "changed": ["1|b"], "gone": ["1|d"]}


def test_keys_that_name_persons_are_covered_in_what_is_told_beforehand() -> None:
    assert load_preview.covered(penduduk(), EventKey("3518131708909001")) == "************9001"
    assert load_preview.sentence({"back": 1_200, "gone": 3}) == (
        "1.200 kunci kembali ke kejadian sebelumnya; 3 kunci tidak ada lagi."
    )


def test_the_ledger_has_what_came_of_each_load(road: Road) -> None:
    road.take(DEEDS, [said(DEEDS, "1|a", 1, isi="A"), of("L", said(DEEDS, "1|b", 1, isi="B"))])
    goes = [of("M", gone(DEEDS, key, 2)) for key in ("1|b", "1|z")]
    road.take(DEEDS, [of("L", said(DEEDS, "1|a", 2, isi="C")), *goes])
    road.take(DEEDS, [of("L", said(DEEDS, "1|a", 2, isi="C"))])
    road.take(DEEDS, [said(DEEDS, "1|c", 1, isi="A")])

    came = {each.load: each for each in loads.arrived(road.owner, DEEDS.topic)}

    told = {load: (each.came, each.created, each.changed, each.deleted) for load, each in came.items()}
    assert told == {"L": (3, 1, 1, 0), "M": (2, 0, 0, 1)}
    assert ask(road, "select count(*) from hub.batch where loads is null and kind = 'batch'") == [(1,)]


def test_golden_records_are_reckoned_without_the_load_and_what_waits_of_it_is_returned(road: Road) -> None:
    road.take(RESIDENTS, [said(RESIDENTS, "a", 1, nama="A"), of("M", said(RESIDENTS, "b", 1, nama="B"))])
    road.take(PATIENTS, [said(PATIENTS, "a", 1, telepon="081"), of("L", said(PATIENTS, "a", 2, telepon="099"))])
    road.take(PATIENTS, [of("L", said(PATIENTS, "z", 1, telepon="099")), said(PATIENTS, "b", 1, telepon="082")])
    before = ask(road, WARGA)

    undone = [decide(road, PATIENTS, "L", withdrawn=True), decide(road, RESIDENTS, "M", withdrawn=True)]
    without = ask(road, WARGA)
    redone = decide(road, RESIDENTS, "M", withdrawn=False)

    assert before == [("a", "A", "099"), ("b", "B", "082")]
    assert undone == [{"back": 1}, {"gone": 1}]
    assert without == [("a", "A", "081")]
    assert redone == {"returned": 1}
    assert ask(road, WARGA) == [("a", "A", "081"), ("b", "B", "082")]
    assert ask(road, LETTERS) == [(b"z", "load-withdrawn")]
    assert ask(road, "select count(*) from hub.parked") == [(0,)]
    totals = "select sum(records), sum(accepted), sum(parked), sum(dead) from hub.consumer_offset"
    assert [tuple(map(int, row)) for row in ask(road, totals)] == [(6, 5, 0, 1)]


@pytest.mark.parametrize("contents", [("A", "B"), ("B", "A")])
def test_a_load_that_comes_back_wins_against_its_version_by_what_it_says(road: Road, contents: tuple[str, str]) -> None:
    """As if it had never been withdrawn: neither which came first decides, nor when it was withdrawn."""
    first, second = (said(DEEDS, "1|a", 1, isi=content) for content in contents)
    road.take(DEEDS, [of("L", first)])
    road.take(DEEDS, [second])
    in_order = ask(road, AKTA)
    begin(road)
    road.take(DEEDS, [of("L", first)])
    decide(road, DEEDS, "L", withdrawn=True)
    road.take(DEEDS, [second])

    redone = decide(road, DEEDS, "L", withdrawn=False, times=2)

    assert ask(road, AKTA) == in_order
    assert redone == ({"returned": 1} if in_order == [("a", contents[0])] else {"changed": 1})


def test_what_cannot_be_decided_is_said(road: Road) -> None:
    road.take(DEEDS, [of("L", said(DEEDS, "1|a", 1, isi="X"))])
    decide(road, DEEDS, "L", withdrawn=True)

    for load, withdrawn, error, said_so in (
        ("L", True, NoSuchMove, "sudah ditarik"),
        ("N", True, NotPossible, "Tidak ada"),
    ):
        with pytest.raises(error, match=said_so), transaction(road.owner):
            load_job.decide(road.owner, DEEDS.topic, load, withdrawn=withdrawn, reason=WHY, by=BY, now=NOW)
    acts = "select subject from audit.entry where act = 'load.withdraw'"
    assert (f"load:{DEEDS.topic}/L",) in ask(road, acts)


LOADS = (None, "L", "M")
EVENTS = st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(LOADS), st.booleans()), max_size=6)
ACTS = st.lists(EVENTS | st.sampled_from(["L", "M"]), max_size=8)


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_at_any_time_the_table_is_the_newest_of_what_is_not_withdrawn(made: Road, acts: Sequence[Any]) -> None:
    """In any course of events, withdrawals and restorations. Versions only grow, so that nothing is known."""
    begin(made)
    log: list[tuple[str, int, str | None, bool]] = []
    away: set[str] = set()
    known: set[str] = set()
    for act in acts:
        if isinstance(act, str):
            if act in known:
                decide(made, DEEDS, act, withdrawn=act not in away)
                away ^= {act}
            continue
        events = [(key, len(log) + place + 1, load, deleted) for place, (key, load, deleted) in enumerate(act)]
        if events:
            made.take(
                DEEDS, [of(load, event_of(key, version, deleted=deleted)) for key, version, load, deleted in events]
            )
        log += [each for each in events if each[2] not in away]
        log += [("-", 0, None, True)] * (len(events) - sum(each[2] not in away for each in events))
        known |= {each[2] for each in events if each[2] is not None and each[2] not in away}

    newest = {
        key: (version, deleted) for key, version, load, deleted in sorted(log, key=lambda e: e[1]) if load not in away
    }
    expected = [(key, f"v{version}") for key, (version, deleted) in sorted(newest.items()) if not deleted]
    assert ask(made, AKTA) == expected


def event_of(key: str, version: int, *, deleted: bool) -> Event:
    name = f"1|{key}"
    return gone(DEEDS, name, version) if deleted else said(DEEDS, name, version, isi=f"v{version}")

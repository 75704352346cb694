"""Promise 4 while sources come to count and cease to: the golden table is the fold of those that count."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cli.stack.local import Stack
from hub_db import provision, restating
from hub_db.sources import SourceState
from jobs.kinds import register
from jobs.queue import enqueue, find
from registry.provisioning import recount_job
from schemas.contract import Contract
from schemas.loader import read
from schemas.names import SchemaId
from tests.conftest import Database, one_database
from tests.eventually import eventually
from tests.hub import ROOT
from tests.hub_db.residents import ALL, DEEDS, NEWCOMERS, PATIENTS, RESIDENTS, said
from tests.promises.roads import ALWAYS, Road
from tests.promises.test_many_sources import BY_NAME, GOLDEN, STEPS, Step, residents

STATES = st.sampled_from([SourceState.AKTIF, SourceState.DITANGGUHKAN, SourceState.PRATINJAU])
DOCUMENTS = ("warga", "pendatang", "pasien", "guru")
# A record of which nobody knew more than that it is deleted comes to count: nothing to publish.
ONLY_DELETED = [
    ([Step("guru", "g", 1)], [("pendatang", SourceState.DITANGGUHKAN)]),
    ([Step("pendatang", "a", 3)], [("pendatang", SourceState.AKTIF)]),
]


@pytest.fixture(scope="module")
def road(stack: Stack, template: str) -> Iterator[Road]:
    with one_database(stack, template) as database:
        made = Road(database, ALWAYS, (*ALL, DEEDS))
        yield made
        made.close()


@pytest.fixture
def begun(road: Road) -> Road:
    begin(road)
    return road


def begin(road: Road) -> None:
    """All sources count, and nothing was sent."""
    for contract in (*ALL, DEEDS):
        road.source_becomes(contract, SourceState.AKTIF)
    road.follow_states()
    road.recount()
    road.begin()


def live(road: Road) -> list[tuple[Any, ...]]:
    return [row for row in road.state({"warga": GOLDEN["warga"]})["warga"] if not row[1]]


def listed(road: Road) -> list[str]:
    """The keys that wait for a round without an event of their own."""
    return [key for (key,) in road.owner.execute("select key from hub.change_key order by key")]


def becomes(road: Road, document: Any, state: SourceState) -> int:
    """The state, and all that follows from it; how many records changed."""
    road.source_becomes(document, state)
    road.follow_states()
    return road.recount()


def test_what_a_source_says_is_in_the_record_while_it_counts(begun: Road) -> None:
    begun.take(RESIDENTS, [said(RESIDENTS, "a", 1, nama="A")])
    begun.take(PATIENTS, [said(PATIENTS, "a", 1, telepon="081")])

    seen = [(becomes(begun, PATIENTS, state), live(begun)) for state in (SourceState.DITANGGUHKAN, SourceState.AKTIF)]

    assert seen == [
        (1, [("a", False, "A", None, None, None, None)]),
        (1, [("a", False, "A", None, None, None, "081")]),
    ]


def test_only_what_changed_is_published_again(begun: Road) -> None:
    begun.take(RESIDENTS, [said(RESIDENTS, key, 1, nama="A") for key in "abc"])
    begun.take(PATIENTS, [said(PATIENTS, "a", 1, telepon="081"), said(PATIENTS, "b", 1, nama="B")])

    becomes(begun, PATIENTS, SourceState.DITANGGUHKAN)

    assert listed(begun) == ["a"]


def test_a_row_of_a_source_that_does_not_count_satisfies_no_reference(begun: Road) -> None:
    becomes(begun, RESIDENTS, SourceState.PRATINJAU)
    begun.take(RESIDENTS, [said(RESIDENTS, "a", 1, nama="A")])
    parked = begun.take(PATIENTS, [said(PATIENTS, "a", 1, telepon="081")]).parked
    hidden = live(begun)

    becomes(begun, RESIDENTS, SourceState.AKTIF)
    begun.release()

    assert (parked, hidden) == (1, [])
    assert live(begun) == [("a", False, "A", None, None, None, "081")]


def test_the_only_source_of_an_entity_has_one_table_while_it_counts(begun: Road) -> None:
    tables = (
        "select schemaname || '.' || tablename from pg_tables"
        " where tablename like '%akta' and schemaname in ('reference', 'source') order by 1"
    )
    rows = "select buku, isi from reference.akta where not _deleted order by buku, nomor"
    begun.take(DEEDS, [said(DEEDS, "1|a", 1, isi="x"), said(DEEDS, "1|b", 1, isi="y")])
    seen = []
    for state in (SourceState.DITANGGUHKAN, SourceState.AKTIF):
        begun.source_becomes(DEEDS, state)
        begun.follow_states()
        begun.take(DEEDS, [said(DEEDS, f"2|{state}", 1, isi="z")])
        begun.recount()
        found = begun.state({"tables": tables, "rows": rows})
        seen.append(([name for (name,) in found["tables"]], found["rows"], len(listed(begun))))

    assert seen == [
        (["reference.akta", "source.uji_akta"], [], 2),
        (["reference.akta"], [("1", "x"), ("1", "y"), ("2", "z"), ("2", "z")], 6),
    ]


def test_the_effect_that_was_told_before_is_what_happens(begun: Road) -> None:
    begun.take(RESIDENTS, [said(RESIDENTS, key, 1, nama="A") for key in "abc"])
    begun.take(NEWCOMERS, [said(NEWCOMERS, key, 1, nama="B", asal="x") for key in "bd"])
    before = {row[0]: row for row in live(begun)}
    (told,) = restating.effect(begun.owner, RESIDENTS.topic, counts=False)

    becomes(begun, RESIDENTS, SourceState.DITANGGUHKAN)

    after = {row[0]: row for row in live(begun)}
    (back,) = restating.effect(begun.owner, RESIDENTS.topic, counts=True)
    assert before.keys() - after.keys() == {"a", "c"}
    assert [key for key in before.keys() & after.keys() if before[key] != after[key]] == ["b"]
    assert (told.come, told.change, told.go) == (0, 1, 2)
    assert (back.come, back.change, back.go) == (2, 1, 0)


def test_a_version_by_which_a_source_speaks_first_recounts_what_it_changes(begun: Road) -> None:
    """What approving a draft does: `registry.governance.enforcement` provisions the version that comes into force."""
    begun.take(RESIDENTS, [said(RESIDENTS, key, 1, nama="A") for key in "abc"])
    begun.take(NEWCOMERS, [said(NEWCOMERS, "b", 1, nama="B", asal="x"), said(NEWCOMERS, "c", 1, nama="A", asal="x")])
    names = [[(row[0], row[2]) for row in live(begun)]]
    listed_before = len(listed(begun))

    try:
        provision(begun.owner, speaking(RESIDENTS, priority=9), SchemaId(1))
        names.append([(row[0], row[2]) for row in live(begun)])  # nothing moves before the job
        changed = begun.recount()
        names.append([(row[0], row[2]) for row in live(begun)])
        published_again = listed(begun)
    finally:
        provision(begun.owner, RESIDENTS, SchemaId(1))
        begun.recount()

    first = [("a", "A"), ("b", "A"), ("c", "A")]
    assert names == [first, first, [("a", "A"), ("b", "B"), ("c", "A")]]
    assert (listed_before, changed, published_again) == (0, 2, ["b", "c"])


def speaking(contract: Contract, *, priority: int) -> Contract:
    """The same document with another priority."""
    schema = json.loads(json.dumps(dict(contract.schema)))
    schema["contract"]["priority"] = priority
    return read(schema, file=f"{contract.document}.avsc")


def test_the_effect_on_the_only_source_of_an_entity(begun: Road) -> None:
    begun.take(DEEDS, [said(DEEDS, "1|a", 1, isi="x"), said(DEEDS, "1|b", 1, isi="y")])

    (stopped,) = restating.effect(begun.owner, DEEDS.topic, counts=False)
    becomes(begun, DEEDS, SourceState.DITANGGUHKAN)
    (back,) = restating.effect(begun.owner, DEEDS.topic, counts=True)

    assert (stopped.come, stopped.change, stopped.go) == (0, 0, 2)
    assert (back.come, back.change, back.go) == (2, 0, 0)


@pytest.mark.parametrize("examples", [12, pytest.param(500, marks=pytest.mark.full)])
def test_any_changes_of_states_give_the_fold_of_those_that_count(begun: Road, examples: int) -> None:
    moves = st.lists(st.tuples(st.sampled_from(DOCUMENTS), STATES), max_size=3)
    parts = st.lists(st.tuples(st.lists(STEPS, min_size=1, max_size=6), moves), min_size=1, max_size=4)

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck), database=None)
    @given(parts=parts)
    @example(parts=ONLY_DELETED)
    def law(parts: list[tuple[list[Step], list[tuple[str, SourceState]]]]) -> None:
        begin(begun)
        took: set[Step] = set()
        states = dict.fromkeys(DOCUMENTS, SourceState.AKTIF)
        for steps, changes in parts:
            known = {each for each in steps if each.document in DOCUMENTS}
            for document in sorted({each.document for each in known}):
                begun.take(BY_NAME[document], [each.event() for each in steps if each.document == document])
            took |= known
            for document, state in changes:
                begun.source_becomes(BY_NAME[document], state)
                states[document] = state
            begun.follow_states()
            before = {row[0]: row for row in live(begun)}
            begun.owner.execute("truncate hub.change_key, hub.change restart identity cascade")
            begun.recount()
            after = {row[0]: row for row in live(begun)}
            assert {key for key in "abc" if before.get(key) != after.get(key)} == set(listed(begun)) & set("abc")

            begun.release()
            count = {each for each in took if states[each.document] is SourceState.AKTIF}
            assert live(begun) == [row for row in residents(count) if not row[1]]

    law()


def test_a_job_that_is_killed_in_the_middle_goes_on_where_it_stood(database: Database) -> None:
    with closing(Road(database, ALWAYS, ALL)) as road:
        road.begin()
        keys = [f"k{number:05}" for number in range(restating.KEYS_AT_ONCE * 2 + 10)]
        road.take(RESIDENTS, [said(RESIDENTS, key, 1, nama="A") for key in keys])
        road.take(PATIENTS, [said(PATIENTS, key, 1, telepon="081") for key in keys])
        road.source_becomes(PATIENTS, SourceState.DITANGGUHKAN)
        road.follow_states()
        register(road.owner, [recount_job.kind(database.dsn)])
        with road.owner.transaction():
            job = enqueue(road.owner, recount_job.NAME, {"entity": "warga"}, by="uji", key="warga")

        for fault in ("recount.precommit:2:kill", "job.precommit:1:kill"):
            with worker(database, fault) as victim:
                assert victim.wait(timeout=60) == -signal.SIGKILL
        with worker(database):
            eventually(lambda: find(road.owner, job).finished_at, until=bool, within_s=60)

        left = road.state({"phones": "select count(*) from reference.warga where telepon is not null"})
        assert left == {"phones": [(0,)]}
        assert listed(road) == keys
        assert restating.recounts(road.owner) == []


@contextmanager
def worker(database: Database, faults: str = "") -> Iterator["subprocess.Popen[str]"]:
    """A process of jobs that knows this kind alone; killed at the end if it still runs."""
    jobs = {"dsn": database.dsn("simpul_jobs").get_secret_value(), "worker": "uji", "lease_s": 1.0}
    told = {
        "jobs": {**jobs, "look_every_s": 0.1, "faults": faults},
        "owner": database.dsn().get_secret_value(),
    }
    command = [sys.executable, "-m", "tests.run_process", "recount"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdin is not None
            process.stdin.write(json.dumps(told))
            process.stdin.close()
            yield process
        finally:
            process.kill()

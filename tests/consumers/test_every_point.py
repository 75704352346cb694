"""Row 38 of the fault matrix: kill -9 at every named point, at its first and its second visit. Whoever takes over ends
where nobody was killed would have. A point without a scenario is red (`test_every_point_has_a_scenario`)."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from base import faults
from hub_db import loads, restating
from hub_db.conflicts import reading
from hub_db.sources import SourceState
from jobs import conflict_job, duplicate_job, load_job, rebuild_job, ruling_job
from jobs.conflict_decisions import decide
from jobs.job import JobId
from jobs.kinds import register
from jobs.queue import enqueue, find, list_jobs
from registry.provisioning import recount_job
from tests.conftest import Database
from tests.consumers import test_replays, test_stages
from tests.consumers.test_kills import PARKED, end_state, publish, publish_people, publish_places
from tests.consumers.test_kills import undisturbed as undisturbed  # a fixture
from tests.consumers.test_replays import returned as returned  # a fixture
from tests.consumers.test_stages import bus as bus  # a fixture
from tests.dashboard.exchange_rows import INSTANCE
from tests.eventually import eventually
from tests.hub import ROOT, Hub
from tests.hub_db.documents import place_row
from tests.hub_db.planted_pairs import Planter
from tests.hub_db.residents import ALL, DEEDS, PATIENTS, RESIDENTS, said
from tests.jobs import test_kills as job_kills
from tests.jobs import test_schedule
from tests.jobs.conftest import workshop as workshop  # a fixture
from tests.jobs.test_kills import topic as topic  # a fixture
from tests.promises import test_conflicts, test_duplicates_by_night, test_loads, test_source_states
from tests.promises.roads import ALWAYS, Road
from tests.promises.test_publication import left, of_this_hub, round_of

VISITS = (1, 2)
AT_ONCE = 5  # rows of a step, so that every job has several
ROWS = 12
Fixtures = Callable[[str], Any]


def dies(process: Any, within_s: float = 90) -> None:
    """Wait for the victim's end."""
    assert process.wait(timeout=within_s) == -signal.SIGKILL


# The intake.


def intake(fixture: Fixtures, fault: str) -> None:
    hub: Hub = fixture("hub")
    records = publish(hub)
    with hub.worker(faults=fault, batch_records=20) as victim:
        dies(victim)
    with hub.worker(group=f"{hub.opd}-again"):
        hub.settled(records, parked=PARKED)

    assert end_state(hub, opd=hub.opd) == fixture("undisturbed")


def rebalance(fixture: Fixtures, fault: str) -> None:
    hub: Hub = fixture("hub")
    with hub.worker(faults=fault) as victim:
        records = publish(hub)
        with hub.worker() as second, hub.worker() as third:
            dies(victim)
            hub.settled(records, parked=PARKED, within_s=90)
            assert (second.poll(), third.poll()) == (None, None)

    assert end_state(hub, opd=hub.opd) == fixture("undisturbed")


def release(fixture: Fixtures, fault: str) -> None:
    hub: Hub = fixture("hub")
    people = publish_people(hub)
    with hub.worker(faults=fault) as victim:
        hub.settled(people, parked=people)  # their places are not there: something must be released
        places = publish_places(hub)
        dies(victim)
    with hub.worker(group=f"{hub.opd}-again"):
        hub.settled(people + places, parked=PARKED)

    assert end_state(hub, opd=hub.opd) == fixture("undisturbed")


# What is published.


def publication(fixture: Fixtures, fault: str) -> None:
    hub: Hub = fixture("hub")
    with hub.worker():
        with hub.publisher(faults=fault) as victim:
            for turn in range(20):
                if victim.poll() is not None:
                    break
                rows = [hub.event(hub.places, f"x{n}", turn + 1, place_row(f"x{n}", nama=f"N{turn}")) for n in range(5)]
                hub.send(hub.places, rows, partition=0)
                hub.settled(5 * (turn + 1))
                eventually(lambda: left(hub) == 0 or victim.poll() is not None, until=bool)
            dies(victim)
        with hub.publisher():
            eventually(lambda: left(hub), until=lambda count: count == 0, within_s=60)

    last: dict[bytes | None, Any] = {}
    rounds: dict[bytes | None, list[int]] = {}
    for record in of_this_hub(hub, hub.places.reference_topic):
        last[record.key] = record.value
        rounds.setdefault(record.key, []).append(round_of(record))
    (name,) = {row[0] for row in hub.ask("select nama from reference.tempat")}
    assert [name.encode() in value for value in last.values()] == [True] * 5
    assert all(numbers == sorted(set(numbers)) for numbers in rounds.values())


def procedure(fixture: Fixtures, fault: str) -> None:
    name = {"facts": "facts", "status": "status"}.get(fault.split(".")[0], "stages")
    test_stages.must_survive(fixture("bus"), name, fault)


# Jobs.


def job(fixture: Fixtures, fault: str) -> None:
    job_kills.must_survive(fixture("workshop"), fixture("topic"), fault)


def schedule(fixture: Fixtures, fault: str) -> None:
    test_schedule.must_survive(fixture("workshop"), fault)


def replayed(fixture: Fixtures, fault: str) -> None:
    hub: Hub = fixture("returned")
    asked = test_replays.ask(hub, topic=hub.people.topic)
    with test_replays.jobs_process(hub, fault, at_once=1) as victim:
        dies(victim)
    with test_replays.jobs_process(hub, at_once=1):
        eventually(lambda: find(hub.owner, asked).finished_at, until=bool, within_s=60)
    before = 5
    with hub.worker():
        eventually(lambda: hub.ask(OPEN), until=lambda found: found == [(4, 4, 4)], within_s=60)

    assert hub.totals()[0] > before
    assert find(hub.owner, asked).done == 4


OPEN = (
    "select count(*) filter (where replay_of is null and outcome = 'refused'),"
    " count(*) filter (where replay_of is not null), count(*) filter (where settled_at is null) from hub.dead_letter"
)


@contextmanager
def documents_process(database: Database, fault: str = "") -> Iterator["subprocess.Popen[str]"]:
    """A process of jobs that goes over rows, AT_ONCE of them a step; killed at the end if it still runs."""
    jobs = {"dsn": database.dsn("simpul_jobs").get_secret_value(), "worker": "uji", "lease_s": 1.0}
    told = {
        "jobs": {**jobs, "look_every_s": 0.1, "faults": fault},
        "owner": database.dsn().get_secret_value(),
        "at_once": AT_ONCE,
    }
    command = [sys.executable, "-m", "tests.run_process", "documents"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdin is not None
            process.stdin.write(json.dumps(told))
            process.stdin.close()
            yield process
        finally:
            process.kill()


def run_killed(road: Road, *jobs: JobId, fault: str) -> None:
    with documents_process(road.database, fault) as victim:
        dies(victim)
    with documents_process(road.database):
        eventually(lambda: all(find(road.owner, each).finished_at for each in jobs), until=bool, within_s=60)


def load(fixture: Fixtures, fault: str) -> None:
    with closing(Road(fixture("database"), ALWAYS, (*ALL, DEEDS))) as road:
        road.register_schemas()
        register(road.owner, [load_job.kind(road.database.dsn, lambda: INSTANCE)])
        road.begin()
        road.take(DEEDS, [said(DEEDS, f"1|{n:02}", 1, isi="LAMA") for n in range(ROWS)])
        road.take(DEEDS, [test_loads.of("L", said(DEEDS, f"1|{n:02}", 2, isi="SALAH")) for n in range(ROWS)])
        with road.owner.transaction():
            asked = load_job.decide(
                road.owner,
                DEEDS.topic,
                "L",
                withdrawn=True,
                reason=test_loads.WHY,
                by=test_loads.BY,
                now=test_loads.NOW,
            )
        run_killed(road, asked.job, fault=fault)

        assert test_loads.ask(road, test_loads.AKTA) == [(f"{n:02}", "LAMA") for n in range(ROWS)]
        assert [(what, keys) for _, what, keys in loads.outcomes(road.owner, DEEDS.topic, "L")] == [("back", ROWS)]


def rebuild(fixture: Fixtures, fault: str) -> None:
    with closing(Road(fixture("database"), ALWAYS, (*ALL, DEEDS))) as road:
        road.register_schemas()
        register(road.owner, rebuild_job.kinds(road.database.dsn, lambda: INSTANCE))
        road.begin()
        for version in (1, 2):
            road.take(DEEDS, [said(DEEDS, f"1|{n:02}", version, isi=f"V{version}") for n in range(ROWS)])
        sound = test_loads.ask(road, test_loads.AKTA)
        for visit in (1, 2):  # a swap passes its point once: the second one is of another run
            road.owner.execute("update reference.akta set isi = 'RUSAK' where nomor < '05'")
            with road.owner.transaction():
                copy = rebuild_job.ask(road.owner, DEEDS.topic, preview=False, by="uji")
            point, nth, action = fault.split(":")
            run_rebuild(road, copy, f"{point}:{nth}:{action}" if point == "rebuild.step" and visit == 1 else "")
            with road.owner.transaction():
                asked = rebuild_job.decide(road.owner, copy, apply=True, by=test_loads.BY, now=test_loads.NOW)
            killed = point == "rebuild.precommit" and int(nth) == visit
            run_rebuild(road, asked, f"{point}:1:{action}" if killed else "")

            assert test_loads.ask(road, test_loads.AKTA) == sound
            assert rebuild_job.Outcome.of(find(road.owner, asked)) == rebuild_job.Outcome(written={"different": 5})


def run_rebuild(road: Road, job: JobId, fault: str) -> None:
    if fault:
        run_killed(road, job, fault=fault)
        return
    with documents_process(road.database):
        eventually(lambda: find(road.owner, job).finished_at, until=bool, within_s=60)


def recount(fixture: Fixtures, fault: str) -> None:
    with closing(Road(fixture("database"), ALWAYS, ALL)) as road:
        road.begin()
        keys = [f"k{number:02}" for number in range(ROWS)]
        road.take(RESIDENTS, [said(RESIDENTS, key, 1, nama="A") for key in keys])
        road.take(PATIENTS, [said(PATIENTS, key, 1, telepon="081") for key in keys])
        road.source_becomes(PATIENTS, SourceState.DITANGGUHKAN)
        road.follow_states()
        register(road.owner, [recount_job.kind(road.database.dsn)])
        with road.owner.transaction():
            asked = enqueue(road.owner, recount_job.NAME, {"entity": "warga"}, by="uji", key="warga")
        run_killed(road, asked, fault=fault)

        found = road.state({"phones": "select count(*) from reference.warga where telepon is not null"})
        assert found == {"phones": [(0,)]}
        assert test_source_states.listed(road) == keys
        assert restating.recounts(road.owner) == []


def conflicts(fixture: Fixtures, fault: str) -> None:
    with closing(Road(fixture("database"), ALWAYS, test_conflicts.ALL)) as road:
        test_conflicts.enter_entities(road)
        test_conflicts.begin(road)
        keys = [f"k{number:02}" for number in range(ROWS)]
        road.take(test_conflicts.PEOPLE, [test_conflicts.person(key, 1) for key in keys])
        road.take(test_conflicts.PATIENTS, [test_conflicts.patient(key, 1, "SITI AMINAT") for key in keys])
        test_conflicts.publish(road)
        register(road.owner, [conflict_job.kind(road.database.dsn, lambda: INSTANCE)])
        with road.owner.transaction():
            asked = enqueue(road.owner, conflict_job.NAME, by="uji", key=conflict_job.NAME)
        run_killed(road, asked, fault=fault)

        assert sorted(each.address for each in reading.conflicts(road.owner)) == keys
        acts = road.owner.execute("select act, count(*) from hub.conflict_event group by 1").fetchall()
        assert acts == [("opened", ROWS)]


def ruling(fixture: Fixtures, fault: str) -> None:
    with closing(Road(fixture("database"), ALWAYS, test_conflicts.ALL)) as road:
        test_conflicts.enter_entities(road)
        test_conflicts.begin(road)
        road.take(test_conflicts.PEOPLE, [test_conflicts.person(key, 1) for key in "ab"])
        road.take(test_conflicts.PATIENTS, [test_conflicts.patient(key, 1, "SITI AMINAT") for key in "ab"])
        test_conflicts.look(road)
        register(road.owner, [ruling_job.kind(road.database.dsn)])
        for number in (1, 2):
            with road.owner.transaction():
                by, now = test_conflicts.STEWARD, test_conflicts.NOW
                decide(road.owner, INSTANCE, number, 1, reading.Choice.B, reason=test_conflicts.REASON, by=by, now=now)
        run_killed(road, *(job.id for job in list_jobs(road.owner, kind=ruling_job.NAME)), fault=fault)

        names = "select nik, nama from reference.warga order by nik"
        assert road.owner.execute(names).fetchall() == [(key, "SITI AMINAT") for key in "ab"]
        listed = "select k.key from hub.change c join hub.change_key k on k.change_id = c.id order by 1"
        assert road.owner.execute(listed).fetchall() == [("a",), ("b",)]


def duplicates(fixture: Fixtures, fault: str) -> None:
    with closing(Road(fixture("database"), ALWAYS, [test_duplicates_by_night.PEOPLE])) as road:
        road.begin()
        test_duplicates_by_night.take(road, Planter(5).town(50).people, 1)
        register(road.owner, [duplicate_job.kind(road.database.dsn, lambda: INSTANCE)])
        with road.owner.transaction():
            asked = enqueue(road.owner, duplicate_job.NAME, by="uji", key=duplicate_job.NAME)
        run_killed(road, asked, fault=fault)

        assert test_duplicates_by_night.found(road) == test_duplicates_by_night.among_all(road)


SCENARIOS: dict[str, Callable[[Fixtures, str], None]] = {
    **dict.fromkeys(("batch.begin", "batch.decode", "copy.row", "tx.precommit", "tx.committed"), intake),
    **dict.fromkeys(("group.assigned", "group.leave"), rebalance),
    "release.precommit": release,
    **dict.fromkeys(("round.opened", "outbox.produced"), publication),
    **dict.fromkeys(("facts.produced", "status.produced", "stages.decided", "stages.committed"), procedure),
    **dict.fromkeys(("boards.decided", "boards.committed"), procedure),
    **dict.fromkeys(("job.claimed", "job.precommit", "job.committed"), job),
    **dict.fromkeys(("schedule.begin", "schedule.precommit"), schedule),
    "replay.sent": replayed,
    "load.precommit": load,
    **dict.fromkeys(("rebuild.step", "rebuild.precommit"), rebuild),
    "recount.precommit": recount,
    "conflicts.precommit": conflicts,
    "duplicates.precommit": duplicates,
    "ruling.precommit": ruling,
}


def test_every_point_has_a_scenario() -> None:
    assert set(SCENARIOS) == faults.POINTS


@pytest.mark.full
@pytest.mark.parametrize("visit", VISITS)
@pytest.mark.parametrize("point", sorted(faults.POINTS))
def test_38_a_kill_at_any_point_changes_nothing_in_the_end(
    point: str, visit: int, request: pytest.FixtureRequest
) -> None:
    must_end_well = SCENARIOS[point]

    must_end_well(request.getfixturevalue, f"{point}:{visit}:kill")

"""Promise 4 of decisions: records follow what a steward ruled, for the values that he saw, whatever comes when.

The model below knows nothing of the hub's code: it keeps what each source said last and what was decided upon which
values, and says what the table must hold.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cli.stack.local import Stack
from hub_db import layouts, restating
from hub_db.conflicts import reading, ruled_records
from hub_db.conflicts.reading import Choice, State
from hub_db.conflicts.store import ConflictId
from hub_db.connection import transaction
from hub_db.pasts import past, statements_of
from hub_db.sources import SourceState
from hub_db.why import FieldWhy, state, why
from jobs import queue, ruling_job
from jobs.conflict_decisions import OF_VALUES, decide, take_back
from jobs.errors import NotPossible
from jobs.kinds import register
from schemas.contract import Contract
from schemas.names import EntityName, EventKey, FieldName
from tests.conftest import one_database
from tests.consumers.batches import Event
from tests.dashboard.exchange_rows import INSTANCE
from tests.hub_db.documents import contract, text
from tests.hub_db.residents import gone, said
from tests.promises.roads import ALWAYS, Road
from tests.promises.test_conflicts import BORN, PATIENTS, PEOPLE, REASON, STEWARD, begin, day, enter_entities, look

CLINIC = contract(
    "klinik",
    "nik",
    text("nik", maxLength=20),
    text("nama", nullable=True, format="nama-orang", agree=True),
    day("tanggal_lahir", nullable=True, agree=True),
    entity="warga",
    priority=30,
    mayCreate=False,
)
ALL = (PEOPLE, PATIENTS, CLINIC)
WARGA = EntityName("warga")
TABLE = "select nik, nama, tanggal_lahir from reference.warga where not _deleted order by nik"


@pytest.fixture(scope="module")
def made(stack: Stack, template: str) -> Iterator[Road]:
    with one_database(stack, template) as database:
        road = Road(database, ALWAYS, ALL)
        road.register_schemas()
        enter_entities(road)
        register(road.owner, [ruling_job.kind(database.dsn)])
        yield road
        road.close()


@pytest.fixture
def road(made: Road) -> Road:
    begin(made)
    return made


def tell(contract_: Contract, key: str, version: int, nama: str | None = "SITI", born: date | None = BORN) -> Event:
    return said(contract_, key, version, nama=nama, tanggal_lahir=born)


def follow(road: Road) -> None:
    """What the process of jobs does."""
    kind = ruling_job.kind(road.database.dsn)
    for job in queue.list_jobs(road.owner, kind=ruling_job.NAME):
        kind.step(road.owner, job)
    road.owner.execute("delete from jobs.job where kind = 'ruling'")


def rule(road: Road, number: int, choice: Choice) -> None:
    found = reading.conflict(road.owner, number)
    assert found is not None
    with transaction(road.owner):
        decide(road.owner, INSTANCE, number, found.revision, choice, reason=REASON, by=STEWARD, now=clock(road))
    follow(road)


def give_up(road: Road, number: int) -> None:
    found = reading.conflict(road.owner, number)
    assert found is not None
    with transaction(road.owner):
        take_back(road.owner, INSTANCE, number, found.revision, reason=REASON, by=STEWARD, now=clock(road))
    follow(road)


def clock(road: Road) -> datetime:
    row = road.owner.execute("select clock_timestamp()").fetchone()
    assert row is not None
    moment: datetime = row[0]
    return moment


def table(road: Road) -> list[tuple[Any, ...]]:
    return road.owner.execute(TABLE).fetchall()


def published(road: Road) -> list[tuple[str, str]]:
    """What was listed for the next round by no event."""
    query = "select c.cause, k.key from hub.change c join hub.change_key k on k.change_id = c.id order by 1, 2"
    return road.owner.execute(query).fetchall()


def test_the_record_follows_a_decision_is_published_and_goes_back_with_it(road: Road) -> None:
    road.take(PEOPLE, [tell(PEOPLE, "1", 1), tell(PEOPLE, "2", 1)])
    road.take(PATIENTS, [tell(PATIENTS, "1", 1, "SUTI")])
    look(road)
    follows = [each.now for each in reading.follows(road.owner, ConflictId(1))]

    rule(road, 1, Choice.B)
    then, listed = table(road), published(road)
    followed = reading.follows(road.owner, ConflictId(1))
    rule_again = [road.owner.execute("select count(*) from hub.change").fetchone() for _ in range(2)]
    give_up(road, 1)

    assert then == [("1", "SUTI", BORN), ("2", "SITI", BORN)]
    assert listed == [("reckoned", "1")]
    assert follows == ["a"]
    assert [(each.field, each.now, each.ruled, each.before) for each in followed] == [("nama", "b", "b", "a")]
    assert rule_again[0] == rule_again[1]
    assert table(road) == [("1", "SITI", BORN), ("2", "SITI", BORN)]
    assert [each.act for each in reading.events(road.owner, ConflictId(1))] == [*("opened", "decided", "taken_back")]
    found = reading.conflict(road.owner, 1)
    assert found is not None
    assert (found.state, found.choice) == (State.OPEN, None)
    with pytest.raises(NotPossible, match="tidak berlaku lagi"):
        give_up(road, 1)
    audited = "select act from audit.entry where subject = 'conflict:1' order by id"
    assert road.owner.execute(audited).fetchall()[-2:] == [("conflict.decide",), ("conflict.take_back",)]


def test_priority_speaks_again_when_a_value_changes_and_the_decision_when_it_comes_back(road: Road) -> None:
    road.take(PEOPLE, [tell(PEOPLE, "1", 1)])
    road.take(PATIENTS, [tell(PATIENTS, "1", 1, "SUTI")])
    look(road)
    rule(road, 1, Choice.B)
    found = []

    for version, name in ((2, "SATI"), (3, "SUTI")):
        road.take(PATIENTS, [tell(PATIENTS, "1", version, name)])
        found.append((table(road)[0][1], look(road)[0][-1]))
    road.take(PEOPLE, [tell(PEOPLE, "1", 2, "SITA")])
    found.append((table(road)[0][1], look(road)[0][-1]))

    assert found == [("SITI", "open"), ("SUTI", "decided"), ("SITA", "open")]


def test_batches_of_a_worker_that_knew_of_no_ruling_follow_the_first_one(road: Road) -> None:
    """Another field of both rows changes after the decision: the worker reckons the record anew."""
    road.take(PEOPLE, [tell(PEOPLE, "1", 1)])
    road.take(PATIENTS, [tell(PATIENTS, "1", 1, "SUTI")])
    look(road)
    road.owner.execute("update hub.entity set ruled = false")
    road.take(PATIENTS, [tell(PATIENTS, "2", 1)])
    rule(road, 1, Choice.B)

    road.take(PEOPLE, [tell(PEOPLE, "1", 2, born=date(1990, 8, 18))])

    assert table(road) == [("1", "SUTI", date(1990, 8, 18))]


def test_it_survives_a_recount_and_rests_with_its_source(road: Road) -> None:
    road.take(PEOPLE, [tell(PEOPLE, "1", 1)])
    road.take(PATIENTS, [tell(PATIENTS, "1", 1, "SUTI")])
    look(road)
    rule(road, 1, Choice.B)
    found = []

    for each in (SourceState.DITANGGUHKAN, SourceState.AKTIF):
        effect = restating.effect(road.owner, PATIENTS.topic, counts=each is SourceState.AKTIF)
        road.source_becomes(PATIENTS, each)
        road.follow_states()
        road.recount()
        found.append((table(road)[0][1], [(what.come, what.change, what.go) for what in effect]))
    road.owner.execute(layouts.SQL["ask_recount"], {"entity": WARGA})

    assert found == [("SITI", [(0, 1, 0)]), ("SUTI", [(0, 1, 0)])]
    assert road.recount() == 0


def test_why_tells_of_the_decision_and_the_past_of_its_time(road: Road) -> None:
    road.take(PEOPLE, [tell(PEOPLE, "1", 1)])
    road.take(PATIENTS, [tell(PATIENTS, "1", 1, "SUTI")])
    look(road)
    before = clock(road)
    rule(road, 1, Choice.B)
    during, name = clock(road), told(road)
    give_up(road, 1)
    after = told(road)

    assert name.holds is not None
    assert name.holds.ruling is not None
    assert (name.holds.value, name.holds.source, name.holds.ruling.conflict) == ("SUTI", "uji.pasien", 1)
    assert [(each.value, each.source) for each in name.losers] == [("SITI", "uji.warga")]
    assert after.holds is not None
    assert (after.holds.value, after.holds.ruling) == ("SITI", None)
    past_of = [(each.origin.value, each.origin.ruling is not None) for each in after.past if each.origin]
    assert past_of == [("SITI", False), ("SUTI", True), ("SITI", False)]
    assert [as_of(road, moment) for moment in (before, during)] == ["SITI", "SUTI"]


def told(road: Road, key: str = "1") -> FieldWhy:
    entity, name = layouts.entity_now(road.owner, WARGA), EventKey(key)
    assert entity is not None
    events = past(road.owner, entity, name)
    found = why(
        entity, statements_of(road.owner, entity, name, events), ruled_records.of_record(road.owner, WARGA, name)
    )
    assert found is not None
    return found.fields[FieldName("nama")]


def as_of(road: Road, moment: datetime, key: str = "1") -> Any:
    entity, name = layouts.entity_now(road.owner, WARGA), EventKey(key)
    assert entity is not None
    events = past(road.owner, entity, name, until=moment)
    rulings = ruled_records.of_record(road.owner, WARGA, name)
    golden = state(entity, statements_of(road.owner, entity, name, events), rulings, moment)
    assert golden is not None
    return golden.fields[FieldName("nama")].value


# The law --------------------------------------------------------------------------------------------

NAMES, DATES = ("SITI", "SUTI", "BUDI SANTOSO", None), (BORN, BORN + timedelta(days=500))
FIELDS = ("nama", "tanggal_lahir")
Row = dict[str, Any]


@dataclass
class Model:
    """What was said and ruled, in plain Python: sources in the order of speaking."""

    rows: dict[str, dict[str, Row]] = field(default_factory=lambda: {"warga": {}, "pasien": {}, "klinik": {}})
    rulings: dict[int, tuple[int, str, str, str, str, dict[str, tuple[Any, Any]]]] = field(default_factory=dict)

    def value(self, key: str, name: str) -> Any:
        said = {source: rows[key][name] for source, rows in self.rows.items() if rows.get(key, {}).get(name)}
        first = next(iter(said), None)
        newest: dict[str, tuple[int, str]] = {}
        for number, of_key, a, b, choice, seen in self.rulings.values():
            holds = of_key == key and name in seen and all(self.still(key, a, b, each, seen[each]) for each in seen)
            if holds and newest.get(b, (0, ""))[0] < number:
                newest[b] = (number, choice)
        chosen = [source for source in said if newest.get(source, (0, ""))[1] == "b"]
        return said[chosen[0]] if chosen else said.get(first or "")

    def still(self, key: str, a: str, b: str, name: str, seen: tuple[Any, Any]) -> bool:
        said = {source: rows[key][name] for source, rows in self.rows.items() if rows.get(key, {}).get(name)}
        return next(iter(said), None) == a and (said[a], said.get(b)) == seen

    def table(self) -> list[tuple[Any, ...]]:
        return [(key, *(self.value(key, name) for name in FIELDS)) for key in sorted(self.rows["warga"])]


ACTS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["warga", "pasien", "klinik"]),
            st.sampled_from("11112"),
            st.sampled_from([0, 0, 1, 2, 3]),
            st.sampled_from([0, 0, 1]),
        ),
        st.tuples(st.just("putus"), st.integers(0, 3), st.sampled_from(["a", "b", "b", "b", "different"])),
        st.tuples(st.just("tarik"), st.integers(0, 3)),
    ),
    min_size=4,
    max_size=12,
)
BY_NAME = {str(each.document): each for each in ALL}


def play(road: Road, acts: Sequence[tuple[Any, ...]], model: Model) -> list[tuple[Contract, Event]]:
    """Do the acts, each followed by a look, and write them down in the model; the events that came."""
    log: list[tuple[Contract, Event]] = [(PEOPLE, tell(PEOPLE, key, 1)) for key in "12"]
    model.rows["warga"] = {key: {"nama": "SITI", "tanggal_lahir": BORN} for key in "12"}
    road.take(PEOPLE, [event for _, event in log])
    for place, act in enumerate(acts, start=2):
        if act[0] in BY_NAME:
            source, key, name, born = act
            of = BY_NAME[source]
            nama = NAMES[name] if source == "klinik" else NAMES[name] or "SITI"
            deleted = source == "klinik" and name == 0 and born == 1
            log.append((of, gone(of, key, place) if deleted else tell(of, key, place, nama, DATES[born])))
            road.take(of, [log[-1][1]])
            model.rows[source] |= {key: {} if deleted else {"nama": nama, "tanggal_lahir": DATES[born]}}
            look(road)
            continue
        wanted = [State.OPEN] if act[0] == "putus" else [State.DECIDED]
        found = reading.conflicts(road.owner, states=wanted, kinds=OF_VALUES)
        if not found:
            continue
        chosen = found[act[1] % len(found)]
        if act[0] == "tarik":
            give_up(road, chosen.id)
            model.rulings.pop(chosen.id)
        else:
            rule(road, chosen.id, Choice(act[2]))
            a, b = (each.partition(".")[2] for each in (chosen.source_a, chosen.source_b))
            seen = {
                name: (model.rows[a][chosen.address][name], model.rows[b][chosen.address][name])
                for name in chosen.about.split(",")
            }
            number = max((each[0] for each in model.rulings.values()), default=0) + 1
            model.rulings[chosen.id] = (number, chosen.address, a, b, act[2], seen)
        assert table(road) == model.table()
    return log


def test_the_table_is_the_models_whatever_is_said_and_decided_and_in_any_order_of_arrival(made: Road) -> None:
    ruled: set[bool] = set()

    @settings(max_examples=12, suppress_health_check=list(HealthCheck), database=None)
    @example(acts=[("pasien", "1", 1, 0), ("putus", 0, "b")], order=Random(1))
    @example(acts=[("warga", "1", 1, 0)], order=Random(1))
    @given(acts=ACTS, order=st.randoms(use_true_random=False))
    def law(acts: list[tuple[Any, ...]], order: Random) -> None:
        begin(made)
        model = Model()
        log = play(made, acts, model)
        ruled.add(bool(model.rulings))
        assert table(made) == model.table()
        made.owner.execute(layouts.SQL["ask_recount"], {"entity": WARGA})
        assert made.recount() == 0

        made.begin()  # the same events in another order, with what was decided; conflicts and rulings stay
        order.shuffle(log)
        for of, event in log:
            made.take(of, [event])
            made.release()

        assert table(made) == model.table()

    law()
    assert ruled == {True, False}

"""What sources, systems and readers have on Kafka in each state, and what a plan makes of a difference: pure tables."""

from dataclasses import replace
from pathlib import Path

import pytest

from base.instance import load
from hub_db.sources import MOVES, SourceState
from registry.provisioning import Source, System, plan, wanted
from registry.provisioning.acls import Acl
from registry.provisioning.found import Found, FoundTopic
from registry.provisioning.plan import ExtraKind, Plan, StepKind
from registry.provisioning.readers import Reader
from registry.provisioning.wanted import Wanted
from schemas.contract import Contract
from schemas.loader import load_active
from schemas.names import DocumentName, EntityName, OpdCode, TopicName

ROOT = Path(__file__).resolve().parents[2]
OPD, NEIGHBOUR = OpdCode("dinas"), OpdCode("dinas2")
SIAK = System(OPD, "siak")


def document(name: str = "penduduk", opd: OpdCode = OPD) -> Contract:
    base = load_active(ROOT / "schemas" / "avro", load(ROOT / "instansi.toml"))[0]
    return replace(base, opd=opd, document=DocumentName(name), entity=EntityName(name))


def may(found: Wanted, principal: str) -> set[str]:
    """What somebody may do on topics, in short: `WRITE opd.dinas.penduduk`."""
    return {
        f"{right.operation} {right.name}"
        for right in found.rights
        if (right.principal, right.resource) == (principal, "TOPIC") and right.operation != "DESCRIBE"
    }


SANDBOX, SENDING, RETURNS = "WRITE uji.dinas.", "WRITE opd.dinas.penduduk", "READ dlq.dinas.penduduk"
IN_STATE = [
    pytest.param(SourceState.UJI, {SANDBOX}, {"uji"}, False, id="uji"),
    pytest.param(SourceState.PRATINJAU, {SANDBOX, SENDING, RETURNS}, {"uji", "opd"}, False, id="pratinjau"),
    pytest.param(SourceState.AKTIF, {SANDBOX, SENDING, RETURNS}, {"uji", "opd"}, True, id="aktif"),
    pytest.param(SourceState.DITANGGUHKAN, {SANDBOX, RETURNS}, {"uji", "opd"}, True, id="ditangguhkan"),
    pytest.param(SourceState.DITARIK, set(), set(), False, id="ditarik"),
]


@pytest.mark.parametrize(("state", "rights", "topics", "read"), IN_STATE)
def test_a_source_has_in_each_state_what_the_table_says(
    state: SourceState,
    rights: set[str],
    topics: set[str],
    read: bool,  # noqa: FBT001
) -> None:
    reader = Reader(7, NEIGHBOUR, EntityName("penduduk"))

    found = wanted([Source(document(), state)], systems=[SIAK, System(NEIGHBOUR, "baca")], readers=[reader])

    assert may(found, "dinas.siak") == rights
    named = {
        "uji": {"uji.dinas.penduduk", "uji.reference.penduduk"},
        "opd": {"opd.dinas.penduduk", "dlq.dinas.penduduk", "reference.penduduk"},
    }
    theirs = {"reference.penduduk.7"} if read else set()
    assert {name for name in found.topics if not name.startswith("sop.")} == theirs.union(
        *(named[part] for part in topics)
    )
    assert may(found, "dinas2.baca") == ({"READ reference.penduduk.7"} if read else set())
    # what another state would give is ours to take back, and what is wanted never is
    assert not found.withdrawn & found.rights
    assert {f"WRITE {r.name}" for r in found.withdrawn if r.operation == "WRITE"} >= {SENDING} - rights


def test_one_source_is_suspended_and_its_neighbour_goes_on() -> None:
    halted, going = Source(document("penduduk"), SourceState.DITANGGUHKAN), Source(document("kelahiran"))

    found = wanted([halted, going], seeded=[OPD], systems=[SIAK])

    for principal in ("opd-dinas", "dinas.siak"):
        assert SENDING not in may(found, principal)
        assert "WRITE opd.dinas.kelahiran" in may(found, principal)


def test_a_system_that_is_switched_off_loses_every_right() -> None:
    found = wanted([Source(document())], systems=[replace(SIAK, active=False), System(OPD, "baru")])

    assert may(found, "dinas.siak") == set()
    assert {right.principal for right in found.withdrawn} >= {"dinas.siak"}
    assert SENDING in may(found, "dinas.baru")


def test_a_reader_whose_grant_is_over_loses_its_topic_and_the_topic_is_listed() -> None:
    over = Reader(7, NEIGHBOUR, EntityName("penduduk"), holds=False)
    found = wanted([Source(document())], systems=[System(NEIGHBOUR, "baca")], readers=[over])
    held = [replace(over, holds=True)]
    there = at_broker(wanted([Source(document())], systems=[System(NEIGHBOUR, "baca")], readers=held))

    made = plan(found, there)

    assert {(step.kind, step.name.split(":")[0]) for step in made.steps} == {(StepKind.TAKE_RIGHT, "dinas2.baca")}
    assert [(extra.kind, extra.name) for extra in made.extras] == [(ExtraKind.TOPIC, "reference.penduduk.7")]


def at_broker(whole: Wanted) -> Found:
    """A broker that has all of it."""
    return Found(
        topics={name: FoundTopic(topic.partitions, 3, dict(topic.settings(3))) for name, topic in whole.topics.items()},
        acls=frozenset(map(Acl.of, whole.rights)),
        users=whole.users | whole.systems,
        open=whole.users,
        rates=dict(whole.rates),
        replication=3,
    )


def test_what_is_all_there_needs_nothing() -> None:
    whole = wanted([Source(document())], seeded=[OPD], systems=[SIAK])

    assert plan(whole, at_broker(whole)) == Plan((), (), ())


def test_an_empty_broker_gets_everything_and_rights_come_last() -> None:
    whole = wanted([Source(document())], seeded=[OPD], systems=[SIAK])

    made = plan(whole, Found({}, frozenset(), frozenset(), frozenset(), {}, 3))

    kinds = [step.kind for step in made.steps]
    assert set(made.names(StepKind.MAKE_TOPIC)) == set(whole.topics)
    assert set(made.names(StepKind.SET_PASSWORD)) == whole.users
    assert "dinas.siak" not in made.names(StepKind.SET_PASSWORD)  # its password is nobody's but its own
    assert len(made.names(StepKind.GIVE_RIGHT)) == len(whole.rights)
    assert kinds[-1] is StepKind.GIVE_RIGHT
    assert made.extras == ()


def test_what_nobody_asked_for_is_listed_and_not_taken() -> None:
    whole = wanted([Source(document())], seeded=[OPD], systems=[SIAK])
    there = at_broker(whole)
    by_hand = {
        Acl("User:opd-dinas", "ALLOW", "ALL", "TOPIC", "PREFIXED", "opd."),
        Acl("User:tamu", "ALLOW", "READ", "TOPIC", "LITERAL", "*"),
        Acl("User:tamu", "ALLOW", "READ", "TOPIC", "PREFIXED", "o"),
        Acl("User:dinas.siak", "DENY", "WRITE", "TOPIC", "LITERAL", "opd.dinas.penduduk", "10.0.0.1"),
    }
    others = {Acl("User:tamu", "ALLOW", "READ", "TOPIC", "PREFIXED", "gudang.")}
    there = replace(
        there,
        topics={**there.topics, TopicName("opd.dinas.lama"): FoundTopic(1, 1, {})},
        acls=there.acls | by_hand | others,
        users=there.users | {"opd-lama", "dinas.lama", "tamu", "admin"},
        rates={**there.rates, "dinas.lama": 1.0, "tamu": 1.0},
    )

    made = plan(whole, there)

    assert made.steps == ()
    assert {(extra.kind, extra.name) for extra in made.extras} == {
        (ExtraKind.TOPIC, "opd.dinas.lama"),
        (ExtraKind.RIGHT, "opd-dinas:ALL:TOPIC:opd.*"),
        (ExtraKind.RIGHT, "tamu:READ:TOPIC:*"),
        (ExtraKind.RIGHT, "tamu:READ:TOPIC:o*"),
        (ExtraKind.RIGHT, "dinas.siak@10.0.0.1:DENY:WRITE:TOPIC:opd.dinas.penduduk"),
        (ExtraKind.USER, "opd-lama"),
        (ExtraKind.USER, "dinas.lama"),
        (ExtraKind.QUOTA, "dinas.lama"),
    }


def test_what_an_earlier_release_gave_for_all_documents_is_taken_back() -> None:
    whole = wanted([Source(document())], seeded=[OPD])
    there = at_broker(whole)
    broad = Acl("User:opd-dinas", "ALLOW", "WRITE", "TOPIC", "PREFIXED", "opd.dinas.")

    made = plan(whole, replace(there, acls=there.acls | {broad}))

    assert [(step.kind, step.acl) for step in made.steps] == [(StepKind.TAKE_RIGHT, broad)]


@pytest.mark.parametrize(("brokers", "in_sync"), [(1, "1"), (2, "1"), (3, "2"), (5, "2")])
def test_one_broker_may_be_away_without_a_stop(brokers: int, in_sync: str) -> None:
    topic = wanted([Source(document())]).topics[TopicName("opd.dinas.penduduk")]

    assert topic.settings(brokers)["min.insync.replicas"] == in_sync


def test_the_life_of_a_source_is_that_of_the_book() -> None:
    uji, pratinjau, aktif, ditangguhkan, ditarik = SourceState

    assert {(here, onward) for here in SourceState for onward in MOVES[here]} == {
        (uji, pratinjau),
        (uji, ditarik),
        (pratinjau, aktif),
        (pratinjau, ditarik),
        (aktif, ditangguhkan),
        (ditangguhkan, aktif),
        (ditangguhkan, ditarik),
    }

"""A source's life on the real broker: principal × topic × operation in each state, drift mended, nothing lost by it."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from kafka.errors import TopicAuthorizationFailedError
from pydantic import SecretStr

from base.instance import load
from hub_db.sources import SourceState
from registry.provisioning import (
    Plan,
    Source,
    System,
    Wanted,
    bring_to,
    broker_rights,
    broker_users,
    connected,
    plan,
    wanted,
)
from registry.provisioning.acls import Acl
from registry.provisioning.apply import destroy
from registry.provisioning.look import look
from registry.provisioning.plan import ExtraKind, StepKind
from registry.provisioning.readers import Reader
from schemas.contract import Contract
from schemas.loader import load_active
from schemas.names import EntityName, OpdCode
from tests.registry.sign_in import signs_in

ROOT = Path(__file__).resolve().parents[2]
SEE, READ, WRITE = frozenset({"DESCRIBE"}), frozenset({"READ", "DESCRIBE"}), frozenset({"WRITE", "DESCRIBE"})
NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Life:
    """One agency with a source and two systems, and another that reads under a grant; the hub's own passwords."""

    stack: Any
    contract: Contract
    systems: tuple[System, ...]
    reader: Reader
    passwords: dict[str, SecretStr]

    def wanted(self, state: SourceState, *, holds: bool = True, off: tuple[str, ...] = ()) -> Wanted:
        systems = [replace(system, active=system.code not in off) for system in self.systems]
        return wanted([Source(self.contract, state)], systems=systems, readers=[replace(self.reader, holds=holds)])

    def bring_to(self, whole: Wanted) -> Plan:
        credentials = {name: self.stack.kafka(name).password for name in whole.users}
        return bring_to(whole, admin=self.stack.kafka(), credentials=credentials)

    def plan(self, whole: Wanted) -> Plan:
        credentials = {name: self.stack.kafka(name).password for name in whole.users}
        with connected(self.stack.kafka()) as client:
            return plan(whole, look(client, self.stack.kafka(), whole, credentials=credentials))

    def may(self, principal: str) -> dict[str, frozenset[str]]:
        """What the broker says that somebody may do on each topic, by the beginning of its name."""
        way = self.stack.kafka().model_copy(update={"username": principal, "password": self.passwords[principal]})
        client = KafkaAdminClient(**way.kafka_python())
        try:
            found = {topic["name"]: topic for topic in client.describe_topics(list(self.topics.values()))}
        finally:
            client.close()
        return {
            what: NOTHING
            if found[name]["error_code"] == TopicAuthorizationFailedError.errno
            else frozenset(found[name].get("authorized_operations") or ())
            for what, name in self.topics.items()
        }

    @property
    def topics(self) -> dict[str, str]:
        return {
            "uji": f"uji.{self.contract.opd}.{self.contract.document}",
            "opd": self.contract.topic,
            "dlq": self.contract.dead_letter_topic,
            "all": self.contract.reference_topic,
            "reader": self.reader.topic,
        }


@pytest.fixture(scope="module")
def life(stack: Any) -> Life:
    base = load_active(ROOT / "schemas" / "avro", load(ROOT / "instansi.toml"))[0]
    code = f"dinas{secrets.token_hex(3)}"
    opd, other = OpdCode(code), OpdCode(f"{code}2")
    contract = replace(base, opd=opd, entity=EntityName(f"{base.entity}_{code}"))
    systems = (System(opd, "siak"), System(opd, "cadangan"), System(other, "baca"))
    passwords = {system.principal: SecretStr(secrets.token_urlsafe(32)) for system in systems}
    with connected(stack.kafka()) as client:
        broker_users.set_passwords(client, passwords)
    return Life(stack, contract, systems, Reader(7, other, contract.entity), passwords)


@pytest.fixture
def broker(stack: Any) -> Iterator[KafkaAdminClient]:
    with connected(stack.kafka()) as client:
        yield client


def test_each_state_gives_and_takes_what_the_book_says(life: Life) -> None:
    """The broker is asked for every operation that it knows on every topic, in each state of one life."""
    whole = {"uji": WRITE, "opd": WRITE, "dlq": READ, "all": NOTHING, "reader": NOTHING}
    nothing = dict.fromkeys(life.topics, NOTHING)
    reads = {**nothing, "reader": READ}
    # topics that are not there yet answer an unknown topic, which may be described where a prefix is given
    book = {
        SourceState.UJI: ({**nothing, "uji": WRITE}, nothing),
        SourceState.PRATINJAU: (whole, nothing),
        SourceState.AKTIF: (whole, reads),
        SourceState.DITANGGUHKAN: ({**whole, "opd": NOTHING}, reads),
        SourceState.DITARIK: (nothing, nothing),
    }
    member, reader = (life.systems[0].principal, life.systems[2].principal)

    found = {}
    for state in book:
        life.bring_to(life.wanted(state))
        found[state] = (life.may(member), life.may(reader))

    assert found == book


def test_a_second_time_does_nothing(life: Life) -> None:
    first = life.bring_to(life.wanted(SourceState.AKTIF))
    second = life.bring_to(life.wanted(SourceState.AKTIF))

    assert first.steps != ()
    assert second.steps == ()


def test_drift_made_by_hand_is_found_and_mended(life: Life, broker: KafkaAdminClient) -> None:
    whole = life.wanted(SourceState.AKTIF)
    life.bring_to(whole)
    topic, member = life.contract.topic, life.systems[0].principal
    lost = Acl(f"User:{member}", "ALLOW", "WRITE", "TOPIC", "LITERAL", topic)
    broker.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, {"retention.ms": "1000"})], incremental=True)
    broker_rights.take(broker, [lost])
    broker_users.set_quotas(broker, {member: 1_000})
    broker_users.set_passwords(broker, {"hub-web": SecretStr("x" * 40)})

    found = life.plan(whole)
    done = life.bring_to(whole)

    drift = [
        (StepKind.SET_TOPIC, topic),
        (StepKind.SET_PASSWORD, "hub-web"),
        (StepKind.SET_QUOTA, member),
        (StepKind.GIVE_RIGHT, str(lost)),
    ]
    assert [(step.kind, step.name) for step in found.steps] == drift
    assert [(step.kind, step.name) for step in done.steps] == drift
    assert life.plan(whole).steps == ()
    assert signs_in(life.stack.kafka(), "hub-web", life.stack.kafka("hub-web").password)


def test_what_is_too_much_stays_until_it_is_destroyed_by_name(life: Life, broker: KafkaAdminClient) -> None:
    whole = life.wanted(SourceState.AKTIF)
    life.bring_to(whole)
    opd, member = life.contract.opd, life.systems[0].principal
    user = f"{opd}.lama"
    broad = Acl(f"User:{member}", "ALLOW", "ALL", "TOPIC", "PREFIXED", f"opd.{opd}2.")
    broker.create_topics({f"opd.{opd}.lama": {"num_partitions": 1, "replication_factor": 1}})
    broker_rights.give(broker, [broad])
    broker_users.set_passwords(broker, {user: SecretStr("x" * 40)})
    broker_users.set_quotas(broker, {user: 1_000})

    life.bring_to(whole)
    mine = [extra for extra in life.plan(whole).extras if opd in extra.name]

    assert [(extra.kind, extra.name) for extra in mine] == [
        (ExtraKind.QUOTA, user),
        (ExtraKind.RIGHT, str(broad)),
        (ExtraKind.TOPIC, f"opd.{opd}.lama"),
        (ExtraKind.USER, user),
    ]
    for extra in mine:
        destroy(broker, extra)
    assert [extra for extra in life.plan(whole).extras if opd in extra.name] == []
    assert life.contract.topic in broker.list_topics()


def test_a_system_that_is_switched_off_and_a_grant_that_ends_lose_their_rights(life: Life) -> None:
    life.bring_to(life.wanted(SourceState.AKTIF))

    done = life.bring_to(life.wanted(SourceState.AKTIF, holds=False, off=("siak",)))

    assert {step.kind for step in done.steps} == {StepKind.TAKE_RIGHT}
    siak, spare, reads = (system.principal for system in life.systems)
    assert set(life.may(siak).values()) == set(life.may(reads).values()) == {NOTHING}
    assert life.may(spare)["opd"] == WRITE

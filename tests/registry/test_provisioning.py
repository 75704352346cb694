"""Provisioning of the real broker: topics, users, rights, quotas, and that twice is once."""

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from pydantic import SecretStr

from base.instance import load
from registry.errors import KafkaUnreachable, ProvisioningFailed
from registry.provisioning import HUB_PRINCIPALS, Source, opd_principal, principals, provision
from registry.provisioning.plan import StepKind
from registry.provisioning.topics import retention, topics_of_sources
from schemas.contract import Contract
from schemas.loader import load_active
from schemas.names import DocumentName, EntityName, OpdCode, TopicName
from schemas.sop_topics import FACTS, SOP_TOPICS, STATUS
from schemas.wire.kafka import KafkaSettings
from tests.registry.sign_in import signs_in

ROOT = Path(__file__).resolve().parents[2]


def documents(suffix: str) -> list[Contract]:
    """The repository's contracts under OPDs and entities of this test alone."""
    contracts = load_active(ROOT / "schemas" / "avro", load(ROOT / "instansi.toml"))
    return [replace(c, opd=OpdCode(f"{c.opd}{suffix}"), entity=EntityName(f"{c.entity}_{suffix}")) for c in contracts]


def passwords(contracts: list[Contract]) -> dict[str, SecretStr]:
    return {name: SecretStr(secrets.token_urlsafe(32)) for name in principals(contracts)}


@pytest.fixture
def contracts() -> list[Contract]:
    return documents(secrets.token_hex(3))


@pytest.fixture
def broker(stack: Any) -> Iterator[KafkaAdminClient]:
    client = KafkaAdminClient(**stack.kafka().kafka_python())
    yield client
    client.close()


def configs_of(broker: KafkaAdminClient, topic: str) -> Mapping[str, str]:
    found = broker.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)], config_filter="all")
    return {name: config["value"] for name, config in found["topic"][topic].items()}


def test_topics_are_made_with_their_settings(stack: Any, broker: KafkaAdminClient, contracts: list[Contract]) -> None:
    penduduk = next(contract for contract in contracts if contract.document == "penduduk")

    done = provision(
        contracts,
        admin=stack.kafka(),
        credentials=passwords(contracts),
        partitions={penduduk.topic: 2},
        producer_byte_rate=None,
    )

    made = [*done.names(StepKind.MAKE_TOPIC), *SOP_TOPICS]
    sandbox = {name for c in contracts for name in (f"uji.{c.opd}.{c.document}", f"uji.{c.reference_topic}")}
    assert set(made) - set(SOP_TOPICS) == sandbox | {
        name for c in contracts for name in (c.topic, c.dead_letter_topic, c.reference_topic)
    }
    few = {penduduk.topic: 2, FACTS: 1, STATUS: 1} | dict.fromkeys(sandbox, 1)
    described = {topic["name"]: topic for topic in broker.describe_topics(made)}
    assert {name: len(topic["partitions"]) for name, topic in described.items()} == {
        name: few.get(name, 4) for name in made
    }
    kept = str(90 * 24 * 3600 * 1000)
    for topic in (penduduk.topic, penduduk.dead_letter_topic):
        configs = configs_of(broker, topic)
        assert (configs["cleanup.policy"], configs["retention.ms"]) == ("delete", kept)
        assert configs["message.timestamp.type"] == "LogAppendTime"
        assert configs["min.insync.replicas"] == "1"  # one broker
    assert configs_of(broker, penduduk.topic)["max.message.bytes"] == "1048588"
    tried = configs_of(broker, f"uji.{penduduk.opd}.{penduduk.document}")
    assert (tried["cleanup.policy"], tried["retention.ms"]) == ("delete", str(7 * 24 * 3600 * 1000))
    reference = configs_of(broker, penduduk.reference_topic)
    assert (reference["cleanup.policy"], reference["max.compaction.lag.ms"]) == ("compact", str(7 * 24 * 3600 * 1000))
    assert reference["message.timestamp.type"] == "LogAppendTime"
    for topic in SOP_TOPICS:
        configs = configs_of(broker, topic)
        assert (configs["cleanup.policy"], configs["retention.ms"], configs["retention.bytes"]) == (
            "delete",
            "-1",
            "-1",
        )
        assert configs["message.timestamp.type"] == "LogAppendTime"


def test_twice_is_once(stack: Any, contracts: list[Contract]) -> None:
    credentials = passwords(contracts)

    first = provision(contracts, admin=stack.kafka(), credentials=credentials)
    second = provision(contracts, admin=stack.kafka(), credentials=credentials)

    assert len(set(first.names(StepKind.MAKE_TOPIC)) - set(SOP_TOPICS)) == 10
    assert len(first.names(StepKind.SET_QUOTA)) == 2
    assert {name.split(":")[0] for name in first.names(StepKind.GIVE_RIGHT)} >= {
        opd_principal(c.opd) for c in contracts
    }
    assert second.steps == ()


def test_a_setting_that_drifted_is_mended_and_others_are_left(
    stack: Any, broker: KafkaAdminClient, contracts: list[Contract]
) -> None:
    credentials, topic = passwords(contracts), contracts[0].topic
    provision(contracts, admin=stack.kafka(), credentials=credentials)
    drifted = {"retention.ms": "1000", "min.insync.replicas": "2", "segment.bytes": "2000000"}
    broker.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, drifted)])

    done = provision(contracts, admin=stack.kafka(), credentials=credentials)

    assert [(step.kind, step.name) for step in done.steps] == [(StepKind.SET_TOPIC, topic)]
    configs = configs_of(broker, topic)
    assert (configs["retention.ms"], configs["segment.bytes"]) == (str(90 * 24 * 3600 * 1000), "2000000")
    assert configs["min.insync.replicas"] == "1"


def test_partitions_grow_only_where_every_event_carries_its_version(
    stack: Any, broker: KafkaAdminClient, contracts: list[Contract]
) -> None:
    grows, stays = contracts[0], replace(contracts[1], sequence_required=False)
    documents = [grows, stays]
    credentials = passwords(documents)
    provision(documents, admin=stack.kafka(), credentials=credentials, partitions=2)

    done = provision(documents, admin=stack.kafka(), credentials=credentials, partitions=3)

    assert [(step.kind, step.name) for step in done.steps] == [(StepKind.GROW_TOPIC, grows.topic)]
    names = [grows.topic, stays.topic, grows.reference_topic, grows.dead_letter_topic]
    assert {topic["name"]: len(topic["partitions"]) for topic in broker.describe_topics(names)} == {
        name: 3 if name == grows.topic else 2 for name in names
    }
    assert f"{stays.topic} tetap 2 partisi" in done.left


def test_a_changed_password_opens_and_the_old_one_does_not(stack: Any, contracts: list[Contract]) -> None:
    name, old = opd_principal(contracts[0].opd), passwords(contracts)
    provision(contracts, admin=stack.kafka(), credentials=old)
    assert signs_in(stack.kafka(), name, old[name])

    new = {**old, name: SecretStr(secrets.token_urlsafe(32))}
    provision(contracts, admin=stack.kafka(), credentials=new)

    assert signs_in(stack.kafka(), name, new[name])
    assert not signs_in(stack.kafka(), name, old[name])


def test_iterations_are_not_the_weak_default(stack: Any, broker: KafkaAdminClient, contracts: list[Contract]) -> None:
    provision(contracts, admin=stack.kafka(), credentials=passwords(contracts))

    described = broker.describe_user_scram_credentials(list(principals(contracts)))

    assert {
        (info["mechanism"].name, info["iterations"]) for user in described.values() for info in user["credential_infos"]
    } == {("SCRAM_SHA_512", 8192)}


def test_a_missing_password_is_told_before_anything_is_made(
    stack: Any, broker: KafkaAdminClient, contracts: list[Contract]
) -> None:
    some = passwords(contracts)
    del some["hub-web"]

    with pytest.raises(ProvisioningFailed, match="no password for hub-web"):
        provision(contracts, admin=stack.kafka(), credentials=some)

    assert contracts[0].topic not in broker.list_topics()


def test_what_kafka_refuses_is_told(stack: Any, contracts: list[Contract]) -> None:
    credentials = passwords(contracts)
    provision(contracts[1:], admin=stack.kafka(), credentials=credentials)
    with pytest.raises(ProvisioningFailed, match=f"{contracts[0].topic}.*InvalidReplicationFactor"):
        provision(contracts, admin=stack.kafka(), credentials=credentials, replication=3)

    powerless = stack.kafka().model_copy(update={"username": "hub-web", "password": credentials["hub-web"]})
    with pytest.raises(ProvisioningFailed, match=r"hub-web|Authorization"):
        provision(contracts, admin=powerless, credentials=credentials)


def test_a_broker_that_is_away_is_unreachable(contracts: list[Contract]) -> None:
    away = KafkaSettings(bootstrap="127.0.0.1:9", username="admin", password=SecretStr("x"))

    with pytest.raises(KafkaUnreachable, match=r"127\.0\.0\.1:9"):
        provision(contracts, admin=away, credentials=passwords(contracts), within_s=0.5)


def test_everybody_who_signs_in_is_listed(contracts: list[Contract]) -> None:
    assert set(principals(contracts)) == {*HUB_PRINCIPALS, *(f"opd-{contract.opd}" for contract in contracts)}


@pytest.mark.parametrize("opd", ["dinas.2", "", "dinas-2", "*", "dinas "])
def test_a_code_that_could_reach_others_topics_is_refused(opd: str) -> None:
    with pytest.raises(ValueError, match="OPD code"):
        opd_principal(OpdCode(opd))


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("P90D", timedelta(days=90)),
        ("P2W", timedelta(days=14)),
        ("P6M", timedelta(days=180)),
        ("P5Y", timedelta(days=1825)),
        ("PT12H", timedelta(hours=12)),
        ("PT30M", timedelta(minutes=30)),
    ],
)
def test_retention_is_the_contracts(contracts: list[Contract], text: str, kept: timedelta) -> None:
    assert retention(replace(contracts[0], retention={"events": text, "history": "P10Y"})) == kept
    assert retention(replace(contracts[0], retention=None)) == timedelta(days=90)


def test_two_documents_of_one_entity_share_its_topic(contracts: list[Contract]) -> None:
    other = replace(contracts[0], opd=OpdCode("dinsos"), document=DocumentName("lain"))

    names = [topic.name for topic in topics_of_sources([Source(contracts[0]), Source(other)], 4)]

    assert names.count(TopicName(f"reference.{contracts[0].entity}")) == 1
    assert len(names) == len(set(names)) == 8

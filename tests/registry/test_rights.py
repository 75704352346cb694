"""Who may do what on the real broker: principal × resource × operation, and everything not listed is refused."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Consumer, KafkaException, Producer
from confluent_kafka import KafkaError as Librdkafka
from kafka.admin import KafkaAdminClient
from kafka.errors import GroupAuthorizationFailedError, KafkaError, TopicAuthorizationFailedError
from pydantic import SecretStr

from base.instance import load
from registry.provisioning import principals, provision
from registry.provisioning.rights import KEEPER, Operation, Resource
from registry.provisioning.wanted import wanted_of_seed
from schemas.contract import Contract
from schemas.loader import load_active
from schemas.names import EntityName, OpdCode, TopicName
from schemas.sop_topics import FACTS, STATUS
from schemas.wire.kafka import KafkaSettings
from tests.eventually import eventually
from tests.registry.sign_in import signs_in

ROOT = Path(__file__).resolve().parents[2]
WITHIN_S = 20.0


@dataclass(frozen=True)
class Exchange:
    """Two OPDs of which one's code begins with the other's, provisioned; and clients for anybody."""

    stack: Any
    contracts: tuple[Contract, ...]
    passwords: dict[str, SecretStr]

    def way(self, principal: str) -> KafkaSettings:
        settings: KafkaSettings = self.stack.kafka()
        return settings.model_copy(update={"username": principal, "password": self.passwords[principal]})

    def config(self, principal: str, **more: Any) -> dict[str, Any]:
        return {**self.way(principal).librdkafka(), "log_level": 0, **more}

    @contextmanager
    def admin(self, principal: str) -> Iterator[KafkaAdminClient]:
        client = KafkaAdminClient(**self.way(principal).kafka_python())
        try:
            yield client
        finally:
            client.close()

    @property
    def near(self) -> Contract:
        return self.contracts[0]

    @property
    def far(self) -> Contract:
        return self.contracts[1]


@pytest.fixture(scope="module")
def exchange(stack: Any) -> Exchange:
    base = load_active(ROOT / "schemas" / "avro", load(ROOT / "instansi.toml"))[0]
    code = f"dinas{secrets.token_hex(3)}"
    contracts = tuple(
        replace(base, opd=OpdCode(opd), entity=EntityName(f"{base.entity}_{opd}")) for opd in (code, f"{code}2")
    )
    passwords = {name: SecretStr(secrets.token_urlsafe(32)) for name in principals(contracts)}
    provision(contracts, admin=stack.kafka(), credentials=passwords)
    return Exchange(stack, contracts, passwords)


def topics(exchange: Exchange) -> dict[str, TopicName]:
    return {
        "own documents": exchange.near.topic,
        "own dead letters": exchange.near.dead_letter_topic,
        "own entity": exchange.near.reference_topic,
        "other's documents": exchange.far.topic,
        "other's dead letters": exchange.far.dead_letter_topic,
        "Kafka's own": TopicName("__transaction_state"),
        "facts": FACTS,
        "events of cases": STATUS,
    }


NOTHING: frozenset[str] = frozenset()
SEE, READ, WRITE = frozenset({"DESCRIBE"}), frozenset({"READ", "DESCRIBE"}), frozenset({"WRITE", "DESCRIBE"})
KEEP = SEE | {"CREATE", "ALTER", "ALTER_CONFIGS", "DESCRIBE_CONFIGS"}
MATRIX = {
    "opd": (WRITE, READ, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING, NOTHING),
    "opd-2": (NOTHING, NOTHING, NOTHING, WRITE, READ, NOTHING, NOTHING, NOTHING),
    "hub-intake": (READ, NOTHING, NOTHING, READ, NOTHING, NOTHING, READ, READ),
    "hub-publisher": (NOTHING, WRITE, READ | WRITE, NOTHING, WRITE, NOTHING, WRITE, WRITE),
    "hub-web": (SEE, SEE, SEE, SEE, SEE, NOTHING, SEE, SEE),
    "hub-jobs": (SEE, NOTHING, NOTHING, SEE, NOTHING, NOTHING, NOTHING, NOTHING),
    "hub-replay": (WRITE, NOTHING, NOTHING, WRITE, NOTHING, NOTHING, NOTHING, NOTHING),
    "hub-keeper": (KEEP, KEEP, KEEP, KEEP, KEEP, NOTHING, KEEP, KEEP),
}


def principal_of(exchange: Exchange, role: str) -> str:
    return {"opd": f"opd-{exchange.near.opd}", "opd-2": f"opd-{exchange.far.opd}"}.get(role, role)


@pytest.fixture(scope="module")
def transactions(exchange: Exchange) -> None:
    """Makes sure that Kafka's own topic of transactions is there, so that a refusal means a refusal."""
    some = Producer({**exchange.stack.kafka().librdkafka(), "transactional.id": f"t{secrets.token_hex(4)}"})
    some.init_transactions(WITHIN_S)


@pytest.mark.usefixtures("transactions")
@pytest.mark.parametrize("role", MATRIX)
def test_each_principal_may_do_on_topics_what_the_table_says(exchange: Exchange, role: str) -> None:
    """The broker is asked for every operation that it knows on topics, CREATE, DELETE and ALTER among them."""
    names = topics(exchange)

    with exchange.admin(principal_of(exchange, role)) as client:
        found = {topic["name"]: topic for topic in client.describe_topics(list(names.values()))}

    assert {what: allowed(found[name]) for what, name in names.items()} == dict(zip(names, MATRIX[role], strict=True))


def allowed(topic: Any) -> frozenset[str]:
    if topic["error_code"] == TopicAuthorizationFailedError.errno:
        return NOTHING
    assert topic["error_code"] == 0
    return frozenset(topic["authorized_operations"])


@pytest.mark.parametrize("role", sorted(MATRIX.keys() - {"hub-keeper"}))
def test_nobody_may_do_anything_to_the_cluster_or_make_topics(exchange: Exchange, role: str) -> None:
    with exchange.admin(principal_of(exchange, role)) as client:
        described = client.describe_cluster()
        with pytest.raises(TopicAuthorizationFailedError):
            client.create_topics({f"{exchange.near.topic}-baru": {"num_partitions": 1, "replication_factor": 1}})

    assert described["authorized_operations"] == []


GROUPS = {"opd": "own", "opd-2": "other's", "hub-intake": "hub-intake"}


@pytest.mark.parametrize("role", MATRIX)
def test_each_principal_uses_its_own_groups(exchange: Exchange, role: str) -> None:
    groups = {
        "own": f"{exchange.near.opd}.pembaca",
        "other's": f"{exchange.far.opd}.pembaca",
        "hub-intake": "hub-intake",
        "hub-intake-2": "hub-intake-2",
        "no prefix": exchange.near.opd,
    }

    may = {what for what, group in groups.items() if may_use(exchange, principal_of(exchange, role), group)}

    assert may == ({GROUPS[role]} if role in GROUPS else set())


def may_use(exchange: Exchange, principal: str, group: str) -> bool:
    with exchange.admin(principal) as client:
        return eventually(lambda: answer(client, group), until=lambda may: may is not None) is True


def answer(client: KafkaAdminClient, group: str) -> bool | None:
    """None while a fresh broker loads its groups."""
    try:
        client.list_group_offsets(group)
    except GroupAuthorizationFailedError:
        return False
    except KafkaError as error:
        if error.retriable:
            return None
        raise
    return True


def test_an_opd_sends_idempotently_to_its_own_topic_only(exchange: Exchange) -> None:
    principal = principal_of(exchange, "opd")

    sent = {what: send(exchange, principal, name) for what, name in topics(exchange).items()}

    assert sent == dict.fromkeys(sent, Librdkafka.TOPIC_AUTHORIZATION_FAILED) | {"own documents": None}


def send(exchange: Exchange, principal: str, topic: str) -> int | None:
    """The error of one idempotent send; None when the broker has the record."""
    producer = Producer(exchange.config(principal, **{"enable.idempotence": True, "message.timeout.ms": 15_000}))
    outcomes: list[int | None] = []
    producer.produce(topic, b"x", on_delivery=lambda error, _: outcomes.append(error.code() if error else None))
    producer.flush(WITHIN_S)
    (outcome,) = outcomes
    return outcome


@pytest.mark.parametrize(
    ("role", "transaction", "may"),
    [
        ("hub-publisher", "hub-publisher", True),
        ("hub-publisher", "hub-publisher-facts", True),
        ("hub-publisher", "hub-publisher-2", False),
        ("hub-intake", "hub-publisher", False),
        ("opd", "hub-publisher", False),
        ("opd", "dinas", False),
    ],
)
def test_only_the_publisher_has_its_transactions(exchange: Exchange, role: str, transaction: str, may: bool) -> None:  # noqa: FBT001
    producer = Producer(exchange.config(principal_of(exchange, role), **{"transactional.id": transaction}))
    if may:
        producer.init_transactions(WITHIN_S)
        producer.begin_transaction()
        producer.produce(exchange.near.reference_topic, b"{}", b"key")
        producer.produce(exchange.far.dead_letter_topic, b"{}")
        producer.commit_transaction(WITHIN_S)
        return

    with pytest.raises(KafkaException) as refused:
        producer.init_transactions(WITHIN_S)

    assert refused.value.args[0].code() == Librdkafka.TRANSACTIONAL_ID_AUTHORIZATION_FAILED


def test_an_opd_reads_its_dead_letters_in_a_group_of_its_own(exchange: Exchange) -> None:
    letter = secrets.token_bytes(8)
    assert send_letter(exchange, letter)
    group = f"{exchange.near.opd}.{secrets.token_hex(4)}"
    config = exchange.config(principal_of(exchange, "opd"), **{"group.id": group, "auto.offset.reset": "earliest"})
    reader = Consumer(config)
    reader.subscribe([exchange.near.dead_letter_topic])

    read = []
    while letter not in read:
        message = reader.poll(WITHIN_S)
        assert message is not None
        read.append(message.value())
    reader.commit(asynchronous=False)
    reader.close()


def send_letter(exchange: Exchange, letter: bytes) -> bool:
    producer = Producer(exchange.config("hub-publisher", **{"enable.idempotence": True}))
    producer.produce(exchange.near.dead_letter_topic, letter)
    return producer.flush(WITHIN_S) == 0


def test_a_wrong_password_opens_nothing(exchange: Exchange) -> None:
    right, other = exchange.passwords["hub-web"], exchange.passwords["hub-intake"]

    assert [signs_in(exchange.stack.kafka(), "hub-web", each) for each in (right, other)] == [True, False]


def test_the_keeper_makes_and_alters_and_deletes_nothing(exchange: Exchange) -> None:
    with exchange.admin(KEEPER) as keeper:
        described = keeper.describe_cluster()
        answer = keeper.delete_topics([exchange.near.topic], raise_errors=False)

    assert set(described["authorized_operations"]) == {"ALTER", "DESCRIBE", "ALTER_CONFIGS", "DESCRIBE_CONFIGS"}
    assert [each["error_code"] for each in answer["topics"]] == [TopicAuthorizationFailedError.errno]


def test_the_table_gives_the_cluster_to_the_keeper_alone_and_ends_every_prefix_in_a_dot(exchange: Exchange) -> None:
    rights = wanted_of_seed(exchange.contracts).rights

    assert {right.principal for right in rights if right.resource is Resource.CLUSTER} == {KEEPER}

    assert {right.resource for right in rights} == set(Resource)
    assert {right.operation for right in rights} == set(Operation)
    assert all(right.name.endswith(".") for right in rights if right.pattern == "PREFIXED")

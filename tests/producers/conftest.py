"""What the adapter's tests share: a registry that has the contract, a topic of one's own, and what stands in it."""

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
from confluent_kafka import Consumer, TopicPartition
from kafka.admin import KafkaAdminClient, NewTopic
from psycopg.conninfo import conninfo_to_dict
from psycopg.sql import SQL, Identifier
from pydantic import SecretStr

from cli.stack.local import Stack
from schemas.contract import Contract
from schemas.loader import read
from schemas.wire.kafka import KafkaSettings
from schemas.wire.registry_client import RegistryClient
from tests.approval import approve
from tests.registry.server import Server, serving
from tests.schemas.contracts import penduduk, schema_of

PARTITIONS = 2
READ_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Exchange:
    """A broker and a registry with one document that no other test uses."""

    kafka: KafkaSettings
    server: Server
    registry: RegistryClient
    contract: Contract

    def log(self) -> list[Any]:
        """Every record of the topic, partition by partition, read by another library."""
        consumer = Consumer(self.kafka.librdkafka() | {"group.id": "none", "enable.auto.commit": False})
        records: list[Any] = []
        try:
            for number in range(PARTITIONS):
                low, high = consumer.get_watermark_offsets(TopicPartition(self.contract.topic, number), timeout=20)
                consumer.assign([TopicPartition(self.contract.topic, number, low)])
                wanted = len(records) + high - low
                while len(records) < wanted:
                    records += consumer.consume(wanted - len(records), timeout=READ_WITHIN_S)
        finally:
            consumer.close()
        return records


@pytest.fixture(scope="session")
def producers_database(stack: Stack, template: str) -> Iterator[SecretStr]:
    """A database for the tests of this folder: its owner's address. Its name is in it."""
    name = Identifier(f"adapter_{secrets.token_hex(6)}")
    with psycopg.connect(stack.dsn("simpul_owner", "postgres").get_secret_value(), autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(name, Identifier(template)))
        connection.execute(SQL("GRANT CONNECT ON DATABASE {} TO simpul_registry").format(name))
        yield stack.dsn("simpul_owner", name.as_string().strip('"'))


@pytest.fixture(scope="session")
def producers_registry(stack: Stack, producers_database: SecretStr) -> Iterator[Server]:
    """A registry for the tests of this folder."""
    name = conninfo_to_dict(producers_database.get_secret_value())["dbname"]
    with serving(stack.dsn("simpul_registry", str(name))) as server:
        yield server


@pytest.fixture
def new_exchange(
    stack: Stack, producers_registry: Server, producers_database: SecretStr
) -> Iterator[Callable[[Mapping[str, str]], Exchange]]:
    """Makes `penduduk` under a name of its own, registered, with a topic of the given configuration."""
    with RegistryClient(producers_registry.settings()) as registry:

        def make(topic: Mapping[str, str]) -> Exchange:
            contract = renamed(penduduk(), f"penduduk-{secrets.token_hex(4)}x")
            admin = KafkaAdminClient(**stack.kafka().kafka_python())
            try:
                admin.create_topics([NewTopic(contract.topic, PARTITIONS, 1, topic_configs=dict(topic))])
            finally:
                admin.close()
            with psycopg.connect(producers_database.get_secret_value(), autocommit=True) as owner:
                approve(owner, contract)
            return Exchange(stack.kafka(), producers_registry, registry, contract)

        yield make


@pytest.fixture
def exchange(new_exchange: Callable[[Mapping[str, str]], Exchange]) -> Exchange:
    """A document and a topic of one's own."""
    return new_exchange({})


def renamed(contract: Contract, document: str) -> Contract:
    schema = schema_of(contract)
    schema["contract"]["document"] = document
    schema["name"] = document.replace("-", "_")
    return read(schema, file=document)

"""Asks the broker what it has."""

from collections.abc import Mapping

from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
from pydantic import SecretStr

from registry.provisioning import broker_rights, broker_topics, broker_users
from registry.provisioning.found import Found
from registry.provisioning.sign_in import lets_in
from registry.provisioning.wanted import Wanted
from schemas.wire.kafka import KafkaSettings

BROKER_DEFAULT = -1


def look(
    client: KafkaAdminClient,
    way: KafkaSettings,
    wanted: Wanted,
    *,
    credentials: Mapping[str, SecretStr],
    replication: int = BROKER_DEFAULT,
) -> Found:
    """All that a plan compares. `credentials`: passwords that we hold, each of which is tried."""
    acls = broker_rights.acls_of(client)  # first, as its refusal is told at once; that of the users is not answered
    users = broker_users.iterations_of(client)
    strong = {name for name, iterations in users.items() if iterations >= broker_users.SCRAM_ITERATIONS}
    return Found(
        topics=broker_topics.topics_of(client, wanted.topics),
        acls=acls,
        users=frozenset(users),
        open=frozenset(name for name in strong & credentials.keys() if lets_in(way, name, credentials[name])),
        rates=broker_users.rates_of(client),
        replication=_default_replication(client) if replication == BROKER_DEFAULT else replication,
    )


def _default_replication(client: KafkaAdminClient) -> int:
    """On how many brokers a new topic's records are where nobody says it."""
    broker = str(client.describe_cluster()["brokers"][0]["broker_id"])
    resource = ConfigResource(ConfigResourceType.BROKER, broker, {"default.replication.factor": None})
    found = client.describe_configs([resource], config_filter="all")["broker"][broker]
    return int(found["default.replication.factor"]["value"])

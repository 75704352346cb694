"""Makes Kafka as the contracts want it. Twice is once; what is already right is left alone."""

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from pydantic import SecretStr

from registry.errors import KafkaUnreachable, ProvisioningFailed
from registry.provisioning import broker_rights, broker_topics, broker_users
from registry.provisioning.outcome import SEEN_WITHIN_S, wait
from registry.provisioning.rights import Right, opd_principal, principals, wanted_rights
from registry.provisioning.topics import DEFAULT_PARTITIONS, own_topics, wanted_topics
from schemas.contract import Contract
from schemas.names import TopicName
from schemas.wire.kafka import KafkaSettings

DEFAULT_RATE = 20 * 1_048_576  # bytes a second that one OPD's system may send to a broker


@dataclass(frozen=True, slots=True)
class Provisioned:
    """What was done; all empty when everything was right already (passwords are always set anew)."""

    topics_made: tuple[TopicName, ...]
    topics_altered: tuple[TopicName, ...]
    rights_given: tuple[Right, ...]
    quotas_set: tuple[str, ...]


def provision(
    contracts: Sequence[Contract],
    *,
    admin: KafkaSettings,
    credentials: Mapping[str, SecretStr],
    partitions: int | Mapping[TopicName, int] = DEFAULT_PARTITIONS,
    replication: int = -1,
    producer_byte_rate: int | None = DEFAULT_RATE,
    within_s: float = 30.0,
) -> Provisioned:
    """Topics, SCRAM users, rights and quotas of these documents and of the hub; returns when the broker shows them.

    `credentials`: a password for each of `principals(contracts)`. `replication` -1 = the broker's default.
    `within_s`: how long to look for the broker. The number of partitions of an existing topic never changes, as keys
    would move. Nothing is ever taken away here.
    Raises ProvisioningFailed with everything that was refused, KafkaUnreachable when the broker does not answer.
    """
    missing = [name for name in principals(contracts) if name not in credentials]
    if missing:
        raise ProvisioningFailed(f"no password for {', '.join(missing)}")
    wanted = [*wanted_topics(contracts, partitions), *own_topics()]
    rights = wanted_rights(contracts)
    with _connected(admin, within_s) as client:
        users = {name: credentials[name] for name in principals(contracts)}
        broker_users.set_passwords(client, users)
        made = broker_topics.make_topics(client, wanted, replication)
        client.wait_for_topics(made, timeout_ms=SEEN_WITHIN_S * 1000)
        altered = broker_topics.set_configs(client, wanted)
        given = broker_rights.give_rights(client, rights)
        opds = sorted({opd_principal(contract.opd) for contract in contracts})
        limited = [] if producer_byte_rate is None else broker_users.set_quotas(client, opds, producer_byte_rate)
        wait(lambda: not rights - broker_rights.rights_of(client), "the rights")
        wait(lambda: broker_users.users_of(client, users) == set(users), "the users")
    return Provisioned(tuple(made), tuple(altered), tuple(given), tuple(limited))


@contextmanager
def _connected(admin: KafkaSettings, within_s: float) -> Iterator[KafkaAdminClient]:
    """The admin client; its errors become the room's."""
    if not any(_accepts(server, within_s) for server in admin.bootstrap.split(",")):
        raise KafkaUnreachable(f"Kafka at {admin.bootstrap} accepts no connection")
    client = None
    try:
        client = KafkaAdminClient(
            client_id="simpul-provisioning", bootstrap_timeout_ms=within_s * 1000, **admin.kafka_python()
        )
        yield client
    except KafkaError as error:
        if error.retriable:
            raise KafkaUnreachable(f"Kafka at {admin.bootstrap} did not answer: {type(error).__name__}") from error
        raise ProvisioningFailed(f"Kafka refused: {error}") from error
    finally:
        if client is not None:
            client.close()


def _accepts(server: str, within_s: float) -> bool:
    """Whether anything listens there. Asked first, as a client that cannot connect leaves its socket open."""
    host, _, port = server.strip().rpartition(":")
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=within_s).close()
    except (OSError, ValueError):
        return False
    return True

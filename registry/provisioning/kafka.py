"""Makes Kafka as it is wanted: look, plan, do. Twice is once; what is already right is left alone."""

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from kafka.admin import KafkaAdminClient
from kafka.errors import KafkaError
from pydantic import SecretStr

from registry.errors import KafkaUnreachable, ProvisioningFailed
from registry.provisioning.apply import apply
from registry.provisioning.look import BROKER_DEFAULT, look
from registry.provisioning.plan import Plan, plan
from registry.provisioning.topics import DEFAULT_PARTITIONS
from registry.provisioning.wanted import DEFAULT_RATE, Wanted, wanted_of_seed
from schemas.contract import Contract
from schemas.names import TopicName
from schemas.wire.kafka import KafkaSettings

LOOK_FOR_S = 30.0


def provision(
    contracts: Sequence[Contract],
    *,
    admin: KafkaSettings,
    credentials: Mapping[str, SecretStr],
    partitions: int | Mapping[TopicName, int] = DEFAULT_PARTITIONS,
    replication: int = BROKER_DEFAULT,
    producer_byte_rate: int | None = DEFAULT_RATE,
    within_s: float = LOOK_FOR_S,
) -> Plan:
    """Make everything that these documents need, all of them active, and the hub; the plan that was done.

    `credentials`: a password for each of `principals(contracts)`.
    """
    wanted = wanted_of_seed(contracts, partitions=partitions, rate=producer_byte_rate)
    return bring_to(wanted, admin=admin, credentials=credentials, replication=replication, within_s=within_s)


def bring_to(
    wanted: Wanted,
    *,
    admin: KafkaSettings,
    credentials: Mapping[str, SecretStr],
    replication: int = BROKER_DEFAULT,
    within_s: float = LOOK_FOR_S,
) -> Plan:
    """Look, plan and do; returns the plan when the broker shows all of it. Nothing that is too much is destroyed.

    Raises ProvisioningFailed with everything that was refused, KafkaUnreachable when the broker does not answer.
    """
    missing = sorted(wanted.users - credentials.keys())
    if missing:
        raise ProvisioningFailed(f"no password for {', '.join(missing)}")
    with connected(admin, within_s) as client:
        found = look(client, admin, wanted, credentials=credentials, replication=replication)
        made = plan(wanted, found)
        apply(client, made, wanted, found, credentials=credentials)
    return made


@contextmanager
def connected(admin: KafkaSettings, within_s: float = LOOK_FOR_S) -> Iterator[KafkaAdminClient]:
    """The admin client; its errors become the room's. `within_s`: how long to look for the broker."""
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

"""What commands and the keeper need in order to compare this hub's Kafka with what it should have."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import SecretStr

from cli import preparation, settings
from cli.settings import Settings
from cli.stack.passwords import CREDENTIAL_SEAL, password

if TYPE_CHECKING:
    from cli.hub_access import HubAccess
    from jobs import Loop
    from registry.provisioning import Wanted
    from schemas.names import OpdCode, TopicName
    from schemas.wire.kafka import KafkaSettings

KEEPER = "hub-keeper"  # at Kafka


def seeded(home: Path | None) -> "set[OpdCode]":
    """The agencies for which the hub itself sends: those of the instance's own documents."""
    return {contract.opd for contract in preparation.contracts(home)}


def wanted_now(hub: "HubAccess", partitions: "Mapping[TopicName, int]") -> "Wanted":
    """What Kafka should have, by what the database says now."""
    from registry.provisioning.hub import wanted_of_hub

    return wanted_of_hub(hub.conn, seeded=seeded(hub.told.home), now=hub.now, partitions=partitions)


def held_passwords(told: Settings, wanted: "Wanted") -> dict[str, SecretStr]:
    """The passwords that lie among the hub's own; none is made here."""
    files = {name: told.secrets_folder / f"kafka-{name}" for name in wanted.users}
    return {name: password(told.secrets_folder, file.name) for name, file in files.items() if file.is_file()}


def made_passwords(told: Settings, wanted: "Wanted") -> dict[str, SecretStr]:
    """The same, each one made where there is none."""
    return {name: password(told.secrets_folder, f"kafka-{name}") for name in sorted(wanted.users)}


def keeper_settings(home: Path | None) -> "list[KafkaSettings | SecretStr]":
    """How the keeper reaches Kafka and the database, and the key of passwords on their way."""
    folder = settings.load(home).secrets_folder
    return [
        settings.kafka_settings(home, KEEPER),
        settings.dsn(home, "simpul_jobs"),
        password(folder, CREDENTIAL_SEAL),
    ]


def keeping(home: Path | None) -> "Loop":
    """The loop that brings Kafka to what the database says."""
    from jobs import Loop
    from registry.provisioning.keeper import EVERY_S, Keeper

    folder = settings.load(home).secrets_folder
    keeper = Keeper(
        settings.dsn(home, "simpul_jobs"),
        settings.kafka_settings(home, KEEPER),
        password(folder, CREDENTIAL_SEAL),
        seeded(home),
    )
    return Loop("keeper", EVERY_S, keeper.run, keeper.close)

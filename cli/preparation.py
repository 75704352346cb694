"""What must be there before the hub's processes start: the database, Kafka's topics and rights, the contracts.

Each step finds done what an earlier run did. `home` is the state folder of a local stack; None = as the settings say.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cli import settings
from cli.stack.passwords import password

if TYPE_CHECKING:
    from schemas.contract import Contract

OWNER = "simpul_owner"
ADMIN = "admin"
PRINCIPALS = ("hub-intake", "hub-publisher", "hub-web")


def contracts(home: Path | None) -> "list[Contract]":
    """The contracts of this instance, from their files."""
    from base import instance
    from schemas.loader import load_all

    told = settings.load(home)
    return load_all(told.contracts, instance.load(told.instance))


def prepare_database(home: Path | None) -> None:
    """Bring the hub's database to the newest migration."""
    import hub_db

    hub_db.migrate(settings.dsn(home, OWNER))


def prepare_kafka(home: Path | None, documents: "Sequence[Contract]") -> None:
    """Topics, users and rights for each document and each process of the hub."""
    from registry.provisioning import provision

    folder = settings.load(home).secrets_folder
    principals = {*PRINCIPALS, *(f"opd-{contract.opd}" for contract in documents)}
    provision(
        documents,
        admin=settings.kafka_settings(home, ADMIN),
        credentials={name: password(folder, f"kafka-{name}") for name in sorted(principals)},
    )


def register_contracts(home: Path | None, documents: "Sequence[Contract]") -> None:
    """Each contract into the registry, which must answer, and its tables into the database."""
    import hub_db
    from hub_db.connection import connect
    from schemas.wire.registry_client import RegistryClient

    with (
        RegistryClient(settings.registry_settings(home)) as registry,
        connect(settings.dsn(home, OWNER), process="simpul-prepare") as connection,
    ):
        for contract in documents:
            hub_db.provision(connection, contract, registry.register(contract.subject, contract.schema))

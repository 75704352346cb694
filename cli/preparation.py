"""What must be there before the hub's processes start: the database, Kafka's topics and rights, the contracts.

Each step finds done what an earlier run did. `home` is the state folder of a local stack; None = as the settings say.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from cli import settings
from cli.screen import tell
from cli.stack.errors import StackError
from cli.stack.passwords import password

if TYPE_CHECKING:
    from schemas.contract import Contract

OWNER = "simpul_owner"
ADMIN = "admin"


def contracts(home: Path | None) -> "list[Contract]":
    """The contracts of the documents that this instance opens, from their files."""
    from base import instance
    from schemas.loader import load_active

    told = settings.load(home)
    return load_active(told.contracts, instance.load(told.instance))


def prepare_database(home: Path | None) -> None:
    """Bring the hub's database to the newest migration, and write down which jobs and agencies there are."""
    import hub_db
    import jobs
    from cli import founding, work
    from hub_db.connection import connect
    from identity.pseudonyms import Pseudonyms

    hub_db.migrate(settings.dsn(home, OWNER))
    with connect(settings.dsn(home, OWNER), process="simpul-prepare") as connection:
        jobs.register(connection, work.KINDS)
        founding.found_agencies(connection, home)
        Pseudonyms(password(settings.load(home).secrets_folder, settings.PSEUDONYMS)).install(connection)


def prepare_kafka(home: Path | None, documents: "Sequence[Contract]") -> None:
    """Topics, users and rights, as the states of all sources want them. `documents`: those for which we send ourselves.

    Needs `register_contracts`, which writes down the documents and their states.
    """
    from hub_db import sources
    from hub_db.connection import connect, transaction
    from identity.actors import Actor
    from registry.provisioning import bring_to
    from registry.provisioning.hub import note_applied, wanted_of_hub

    folder, now = settings.load(home).secrets_folder, datetime.now(UTC)
    with connect(settings.dsn(home, OWNER), process="simpul-prepare") as connection:
        if documents and not sources.current(connection):
            raise StackError("Belum ada dokumen dalam basis data. Jalankan 'simpul prepare contracts' dahulu.")
        wanted = wanted_of_hub(connection, seeded={contract.opd for contract in documents}, now=now)
        credentials = {name: password(folder, f"kafka-{name}") for name in sorted(wanted.users)}
        done = bring_to(wanted, admin=settings.kafka_settings(home, ADMIN), credentials=credentials)
        with transaction(connection):
            note_applied(connection, done, by=Actor.process("prepare"), now=now)


def register_contracts(home: Path | None, documents: "Sequence[Contract]") -> None:
    """The contracts into an empty registry, and the hub's own topics into it, which must answer, and into the database.

    A registry that is not empty is the truth: it is told how the files differ, and changed by approvals alone.
    """
    from base import instance
    from hub_db import facts
    from hub_db.connection import connect
    from registry.governance import seeding
    from schemas import sop_topics
    from schemas.wire.registry_client import RegistryClient

    here = instance.load(settings.load(home).instance)

    with (
        RegistryClient(settings.registry_settings(home)) as registry,
        connect(settings.dsn(home, OWNER), process="simpul-prepare") as connection,
    ):
        compared = seeding.seed(connection, documents, now=datetime.now(UTC))
        tell_differences(compared.absent, compared.different)
        for topic in sop_topics.SOP_TOPICS:
            schema = sop_topics.schema(topic, here)
            facts.enter_topic(connection, topic, registry.register(sop_topics.subject(topic), schema), schema)


def tell_differences(absent: Sequence[str], different: Sequence[str]) -> None:
    """Which files say other than the registry, and what to do about it."""
    for name in absent:
        tell(f"{name}: ada berkasnya, belum ada di registri. Ajukan dengan 'simpul contract push {name}'.")
    for name in different:
        tell(
            f"{name}: berkas berbeda dari registri, dan registri yang berlaku. Lihat 'simpul contract diff {name}', "
            "lalu ambil dengan 'pull' atau ajukan dengan 'push'."
        )

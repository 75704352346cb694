"""The keeper: the one loop that tells Kafka what the database says, within seconds: states, systems, grants, passwords.

It mends and takes back (`registry/provisioning/plan.py`), and destroys nothing. Its principal `hub-keeper` reads and
writes no data.
"""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import SecretStr

from hub_db import facts
from hub_db.connection import transaction
from identity.actors import Actor
from jobs import Session
from registry.errors import KafkaUnreachable
from registry.provisioning import broker_users, credentials
from registry.provisioning.apply import apply
from registry.provisioning.hub import SQL, note_applied, wanted_of_hub
from registry.provisioning.kafka import connected
from registry.provisioning.look import look
from registry.provisioning.plan import StepKind, plan
from registry.provisioning.sign_in import lets_in
from schemas.names import OpdCode, TopicName
from schemas.sandbox import SANDBOX
from schemas.wire.kafka import KafkaSettings

log = logging.getLogger("simpul.keeper")

EVERY_S = 1.0  # somebody waits in front of a page
PROCESS = "simpul-keeper"
LOCK = 0x51_4D_4B_45  # any number that only we use
BY = Actor.process("keeper")
REPORTER = "/simpul/keeper"
PRODUCTION, REFERENCE = "opd", "reference."  # how names of topics begin


def provisioned(topics: Iterable[TopicName], now: datetime) -> Iterator[facts.Fact]:
    """That a document has its topics and rights, in production or in the sandbox; said again it is the same fact."""
    for topic in sorted(topics):
        prefix, _, document = topic.partition(".")
        if prefix in (PRODUCTION, SANDBOX.rstrip(".")) and not document.startswith(REFERENCE):
            yield facts.Fact(
                "contract.provisioned", document, source=REPORTER, occurred_at=now, ce_id=f"provisioned/{document}"
            )


class Keeper:
    """`seeded`: the agencies for which the hub itself sends. `seal`: the key of passwords on their way."""

    def __init__(self, dsn: SecretStr, way: KafkaSettings, seal: SecretStr, seeded: Iterable[OpdCode]) -> None:
        self.session, self.way, self.seal = Session(dsn, PROCESS), way, seal
        self.seeded = frozenset(seeded)
        self.kept: str | None = None  # what the database said when Kafka was last brought to it
        self.leads: Connection[TupleRow] | None = None

    def run(self) -> None:
        """Once. Nothing where another process keeps Kafka, or Kafka is not there yet."""
        conn = self.session()
        if not self._is_leader(conn):
            return
        said = self._standing(conn)
        with transaction(conn):
            asked = credentials.any_waiting(conn)
        if said == self.kept and not asked:
            return
        try:
            if not lets_in(self.way, self.way.username, self.way.password):
                return  # a new installation: 'prepare kafka' is still to come
        except KafkaUnreachable:
            return
        if asked:
            self._tell_passwords(conn)
        if said != self.kept:
            self._bring_about(conn)
            self.kept = said

    def close(self) -> None:
        self.session.close()

    def _is_leader(self, conn: Connection[TupleRow]) -> bool:
        if self.leads is not conn:
            with transaction(conn):
                row = conn.execute(SQL["lead"], {"lock": LOCK}).fetchone()
            self.leads = conn if row is not None and row[0] else None
        return self.leads is conn

    def _standing(self, conn: Connection[TupleRow]) -> str:
        with transaction(conn):
            row = conn.execute(SQL["standing"], {"now": datetime.now(UTC)}).fetchone()
        return str(row[0]) if row is not None else ""

    def _tell_passwords(self, conn: Connection[TupleRow]) -> None:
        with connected(self.way) as client:

            def tell(principal: str, salt: bytes, salted: bytes) -> None:
                broker_users.set_salted_password(client, principal, salt, salted)

            done = credentials.work_off(conn, self.seal, tell, now=lambda: datetime.now(UTC))
        log.info("passwords", extra={"action": "passwords", "done": done})

    def _bring_about(self, conn: Connection[TupleRow]) -> None:
        with transaction(conn):
            wanted = wanted_of_hub(conn, seeded=self.seeded, now=datetime.now(UTC))
        with connected(self.way) as client:
            found = look(client, self.way, wanted, credentials={})
            made = plan(wanted, found)
            # the passwords of the hub's own users are not here: `provision apply` and `prepare kafka` set them
            made = replace(made, steps=tuple(step for step in made.steps if step.kind is not StepKind.SET_PASSWORD))
            apply(client, made, wanted, found, credentials={})
        with transaction(conn):
            note_applied(conn, made, by=BY, now=datetime.now(UTC))
            facts.report_all(conn, provisioned(wanted.topics, datetime.now(UTC)))
        log.info("kept", extra={"action": "keep", "steps": len(made.steps), "extras": len(made.extras)})

"""Contracts as approved and as the hub took them, and a ledger of days, for tests of the catalogue."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from psycopg.types.json import Jsonb

from dashboard.exchange import Tally
from schemas.contract import Contract
from schemas.loader import load_all
from schemas.wire.fingerprint import fingerprint
from tests.conftest import Database
from tests.dashboard.exchange_rows import INSTANCE, ROOT

CONTRACTS: Mapping[str, Contract] = {each.name: each for each in load_all(ROOT / "schemas" / "avro", INSTANCE)}
RESIDENTS, REGIONS, PATIENTS = (
    CONTRACTS[name] for name in ("disdukcapil.penduduk", "kominfo.wilayah", "dinkes.pasien")
)
APPROVED_AT = datetime(2026, 1, 5, 7, 5, tzinfo=UTC)


class CatalogueRows:
    """Writes as the owner of the database, each call in a transaction of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def approve(self, schema: Mapping[str, Any], *, by: str = "tim.teknis", at: datetime = APPROVED_AT) -> int:
        """The number of the new version of the contract in a schema."""
        contract = schema["contract"]
        subject = f"opd.{contract['opd']}.{contract['document']}-value"
        with self._database.connect(autocommit=True) as conn:
            row = conn.execute(
                "INSERT INTO registry.schema (fingerprint, schema_text) VALUES (%s, %s) RETURNING id",
                (fingerprint(dict(schema)), json.dumps(schema)),
            ).fetchone()
            numbered = conn.execute(
                "INSERT INTO registry.version (subject, version, schema_id, registered_by, registered_at)"
                " SELECT %s, coalesce(max(version), 0) + 1, %s, %s, %s FROM registry.version WHERE subject = %s"
                " RETURNING version",
                (subject, row[0] if row else 0, by, at, subject),
            ).fetchone()
        return int(numbered[0]) if numbered else 0

    def open(self, contract: Contract, *, since: datetime = APPROVED_AT) -> None:
        """The hub takes the document."""
        with self._database.connect(autocommit=True) as conn:
            conn.execute(
                "INSERT INTO hub.document (topic, opd, document, entity, subject, schema_id, contract, provisioned_at)"
                " VALUES (%s, %s, %s, %s, %s, 1, %s, %s) ON CONFLICT DO NOTHING",
                (
                    contract.topic, contract.opd, contract.document, contract.entity, contract.subject,
                    Jsonb(dict(contract.schema)), since,
                ),
            )  # fmt: skip

    def batch(self, contract: Contract, tally: Tally, *, at: datetime | None = None, newest: bool = True) -> None:
        """One batch of the ledger in partition 0, at the end of its log. `newest`: the hub's position moves with it."""
        moment = at or datetime.now(UTC)
        counts = (tally.records, tally.accepted, tally.known, tally.parked, tally.dead)
        with self._database.connect(autocommit=True) as conn:
            topic_id, before = self._end_of_log(conn, contract)
            conn.execute(
                "INSERT INTO hub.batch (kind, topic_id, partition, first_offset, next_offset, records, accepted, known,"
                " parked, dead, worker, tx_at) VALUES ('batch', %s, 0, %s, %s, %s, %s, %s, %s, %s, 'tes', %s)",
                (topic_id, before, before + tally.records, *counts, moment),
            )
            if newest:
                conn.execute(
                    "INSERT INTO hub.consumer_offset (topic_id, partition, next_offset, records, accepted, known,"
                    " parked, dead, appended_at) VALUES (%s, 0, %s, %s, %s, %s, %s, %s, %s)"
                    " ON CONFLICT (topic_id, partition) DO UPDATE SET appended_at = excluded.appended_at,"
                    " next_offset = excluded.next_offset, records = hub.consumer_offset.records + excluded.records,"
                    " accepted = hub.consumer_offset.accepted + excluded.accepted,"
                    " known = hub.consumer_offset.known + excluded.known,"
                    " parked = hub.consumer_offset.parked + excluded.parked,"
                    " dead = hub.consumer_offset.dead + excluded.dead",
                    (topic_id, before + tally.records, *counts, moment),
                )

    def release(self, contract: Contract, *, accepted: int, known: int = 0, dead: int = 0) -> None:
        """Events that left the parking lot just now."""
        with self._database.connect(autocommit=True) as conn:
            topic_id, _ = self._end_of_log(conn, contract)
            conn.execute(
                "INSERT INTO hub.release (topic_id, partition, accepted, known, dead) VALUES (%s, 0, %s, %s, %s)",
                (topic_id, accepted, known, dead),
            )

    def month(self, contract: Contract) -> None:
        """Some events on each of the last 30 days, more and more of them."""
        now = datetime.now(UTC)
        for ago in range(29, -1, -1):
            count = 400 + 37 * (30 - ago) - 300 * (ago % 7 == 2)
            dead = 60 if ago in (4, 5) else 3 * (ago == 0)
            tally = Tally(count, count - 12 - dead, 12, 0, dead)
            self.batch(contract, tally, at=now - timedelta(days=ago), newest=ago == 0)

    def everything(self) -> set[str]:
        """All documents, approved; of most of them the hub has data. The entities that have a table."""
        opened = set[str]()
        for number, contract in enumerate(CONTRACTS.values()):
            self.approve(contract.schema)
            if number % 5:
                self.open(contract)
                opened.add(contract.entity)
            if number % 3 and number % 5:
                self.batch(contract, Tally(5 + number, 4 + number, 0, 0, 1))
        return opened

    def _end_of_log(self, conn: psycopg.Connection, contract: Contract) -> tuple[object, int]:
        conn.execute(
            "INSERT INTO hub.topic (topic_id, name, document, incarnation) VALUES (gen_random_uuid(), %s, %s, 1)"
            " ON CONFLICT DO NOTHING",
            (contract.topic, contract.name),
        )
        row = conn.execute("SELECT topic_id FROM hub.topic WHERE name = %s", (contract.topic,)).fetchone()
        topic_id = row[0] if row else None
        conn.execute(
            "INSERT INTO hub.batch (kind, topic_id, partition, next_offset, records, accepted, known, parked, dead,"
            " worker) SELECT 'genesis', %s, 0, 0, 0, 0, 0, 0, 0, 'tes'"
            " WHERE NOT EXISTS (SELECT FROM hub.batch WHERE topic_id = %s)",
            (topic_id, topic_id),
        )
        end = conn.execute("SELECT max(next_offset) FROM hub.batch WHERE topic_id = %s", (topic_id,)).fetchone()
        return topic_id, int(end[0]) if end else 0

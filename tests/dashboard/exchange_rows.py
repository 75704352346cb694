"""Rows of the hub as the intake and the publication would have written them, for tests of the pages."""

import uuid
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Jsonb
from pydantic import SecretStr

import hub_db
from base import instance
from dashboard.exchange import Tally
from schemas.contract import Contract
from schemas.loader import load, load_active
from schemas.names import SchemaId

ROOT = Path(__file__).parents[2]
INSTANCE = instance.load(ROOT / "instansi.toml")
CONTRACTS = ROOT / "schemas" / "avro"


class ExchangeRows:
    """Writes as the owner of the database, each call in a transaction of its own."""

    def __init__(self, dsn: SecretStr) -> None:
        self._dsn = dsn
        self._topic_ids: dict[str, uuid.UUID] = {}
        self.contracts: dict[str, Contract] = {}

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(self._dsn.get_secret_value(), autocommit=True)

    def provision(self) -> None:
        """Enter the documents of this instance and make their tables."""
        for contract in load_active(CONTRACTS, INSTANCE):
            self._provision(contract)

    def provision_one(self, opd: str, document: str) -> None:
        """A document that this instance does not open yet."""
        self._provision(load(CONTRACTS / opd / f"{document}.avsc", INSTANCE))

    def _provision(self, contract: Contract) -> None:
        with self._connect() as conn:
            hub_db.provision(conn, contract, SchemaId(len(self.contracts) + 1))
        self.contracts[contract.topic] = contract

    def topic(self, name: str, *, incarnation: int = 1) -> uuid.UUID:
        """The id of a topic; a new one for a new incarnation."""
        key = f"{name}#{incarnation}"
        if key not in self._topic_ids:
            self._topic_ids[key] = uuid.uuid4()
            with self._connect() as conn:
                conn.execute(
                    "INSERT INTO hub.topic (topic_id, name, document, incarnation) VALUES (%s, %s, %s, %s)",
                    (self._topic_ids[key], name, name.removeprefix("opd."), incarnation),
                )
        return self._topic_ids[key]

    def settle(
        self,
        topic: str,
        tally: Tally,
        *,
        partition: int = 0,
        next_offset: int | None = None,
        appended_at: datetime | None = None,
        incarnation: int = 1,
    ) -> None:
        """Put the hub at `next_offset` (else after as many records as the tally has) of a partition."""
        columns = ("next_offset", "records", "accepted", "known", "parked", "dead", "appended_at")
        values = (
            tally.records if next_offset is None else next_offset,
            tally.records,
            tally.accepted,
            tally.known,
            tally.parked,
            tally.dead,
            appended_at or datetime.now(UTC),
        )
        statement = SQL(
            "INSERT INTO hub.consumer_offset (topic_id, partition, {columns}) VALUES (%s, %s, {places})"
            " ON CONFLICT (topic_id, partition) DO UPDATE SET {changes}"
        ).format(
            columns=SQL(", ").join(map(Identifier, columns)),
            places=SQL(", ").join(SQL("%s") * len(columns)),
            changes=SQL(", ").join(SQL("{0} = excluded.{0}").format(Identifier(name)) for name in columns),
        )
        with self._connect() as conn:
            conn.execute(statement, (self.topic(topic, incarnation=incarnation), partition, *values))

    def fill(self, topic: str, rows: int, *, deleted: int = 0) -> None:
        """As many live rows and tombstones in the document's reference table, with nothing but their keys."""
        contract = self.contracts[topic]
        table = Identifier("reference", contract.entity)
        with self._connect() as conn:
            conn.execute(SQL("ALTER TABLE {} DROP CONSTRAINT IF EXISTS live_rows_are_whole").format(table))
            conn.execute(SQL("TRUNCATE {}").format(table))
            conn.execute(
                SQL(
                    "INSERT INTO {} ({}, _epoch, _sequence, _deleted, _topic_no, _partition, _offset)"
                    " SELECT '3518' || lpad(n::text, 12, '0'), 0, 1, n > %s, 1, 0, n FROM generate_series(1, %s) AS n"
                ).format(table, Identifier(contract.key[0])),
                (rows, rows + deleted),
            )

    def return_letter(self, topic: str, offset: int, **reason: str | datetime | None) -> None:
        """One dead letter. `reason` replaces parts of an impossible date's."""
        letter = {
            "fault": "field",
            "code": "tanggal",
            "field": "tanggal_lahir",
            "found": "tanggal 31 Februari",
            "expected": "tanggal yang ada dalam kalender",
            "remedy": "Mohon perbaiki tanggal di sistem asal, lalu kirim lagi.",
            "received_at": datetime.now(UTC),
        } | reason
        statement = SQL(
            'INSERT INTO hub.dead_letter (topic_no, partition, "offset", key, value, headers, sha256, {columns})'
            " SELECT topic_no, 0, %s, %s, %s, %s, sha256(%s), {places} FROM hub.topic WHERE topic_id = %s"
        ).format(columns=SQL(", ").join(map(Identifier, letter)), places=SQL(", ").join(SQL("%s") * len(letter)))
        value = b"\x00\x00\x00\x00\x01 3518131708909001 KENARI SURATAN"
        with self._connect() as conn:
            conn.execute(
                statement,
                (offset, b"3518131708909001", value, Jsonb([]), value, *letter.values(), self.topic(topic)),
            )

    def publish_round(self, records: int) -> None:
        with self._connect() as conn:
            conn.execute("INSERT INTO hub.round (published_at, records) VALUES (now(), %s)", (records,))

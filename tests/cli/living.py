"""A document that comes to a hub that runs: approved by two people, then sent to its sandbox, then to production."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
from kafka import KafkaProducer
from kafka.errors import KafkaError

from cli import settings
from cli.stack.roles import OWNER
from identity.actors import Actor
from registry.governance import drafts, review
from registry.schema_text import parse
from schemas.contract import Contract
from schemas.loader import read
from schemas.names import EventKey, SchemaId, TopicName
from schemas.wire.avro import Writer
from schemas.wire.framing import frame
from schemas.wire.headers import EventHeaders, write
from schemas.wire.kafka import KafkaSettings
from tests.eventually import eventually
from tests.hub_db.documents import NOW, contract, place_row, text
from tests.schemas.contracts import INSTANCE, schema_of

SOURCE, REVIEWER = Actor.command("sari"), Actor.command("budi")
WITHIN_S = 60.0


def roads() -> Contract:
    """A document of an agency that the hub has, without a file anywhere."""
    schema = schema_of(contract("jalan", "kode", text("kode", maxLength=20), text("nama", maxLength=40)))
    schema["contract"]["opd"] = "kominfo"
    schema["namespace"] = "id.example.kominfo"
    return read(schema, file="jalan.avsc")


@dataclass(frozen=True, slots=True)
class Living:
    """The hub in a state folder, by its owner's session and its broker."""

    home: Path
    kafka: KafkaSettings

    def ask(self, query: str, *values: object) -> list[tuple[object, ...]]:
        with psycopg.connect(settings.dsn(self.home, OWNER).get_secret_value(), autocommit=True) as conn:
            return conn.execute(query, values or None).fetchall()

    def approve(self, document: Contract) -> SchemaId:
        """Draft, submitted, approved by another; the process of jobs makes it hold."""
        now, subject = datetime.now(UTC), document.subject
        with psycopg.connect(settings.dsn(self.home, OWNER).get_secret_value()) as conn:
            found = drafts.find_or_make(conn, subject, parse(json.dumps(document.schema)), by=SOURCE, now=now)
            review.submit(conn, found.id, walidata=INSTANCE.sop.walidata, by=SOURCE, now=now)
            review.approve(conn, found.id, "Dokumen baru.", by=REVIEWER, instance=INSTANCE, now=now)
        query = "select schema_id from registry.draft where id = %s and version is not null"
        rows = eventually(lambda: self.ask(query, found.id), until=bool, within_s=WITHIN_S)
        return SchemaId(int(str(rows[0][0])))

    def send(self, document: Contract, topic: TopicName, key: str, schema_id: SchemaId) -> None:
        """One event, as soon as the keeper has made the topic."""
        row = {name: value for name, value in place_row(key).items() if name in document.by_name}
        headers = write(EventHeaders(f"{key}-1", "/opd/kominfo/uji", NOW, 1, 0, None), document, EventKey(key))
        producer = KafkaProducer(**self.kafka.kafka_python(), acks="all", max_block_ms=2_000)

        def sent() -> bool:
            try:
                value = frame(schema_id, Writer(document).write(row))
                producer.send(topic, key=key.encode(), value=value, headers=headers).get(timeout=10)
            except KafkaError:
                return False
            return True

        try:
            eventually(sent, until=bool, within_s=WITHIN_S)
        finally:
            producer.close(timeout=5)

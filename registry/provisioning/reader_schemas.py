"""Says which topics of grants are fed and how: each grant gets a schema with the entity's key and the granted fields.

It follows from contract and grant, both of which people approved, so that nobody is asked again. As the owner.
"""

import json
import logging
from datetime import UTC, datetime

from psycopg import Connection
from psycopg.rows import TupleRow
from pydantic import SecretStr

from hub_db import entities, layouts, reader_topics
from hub_db.connection import transaction, translated
from hub_db.golden import Entity
from hub_db.reader_topics import ReaderTopic
from identity.grants import Grant, all_grants
from identity.opds import EVERYWHERE
from jobs import Session
from registry import registration
from registry.errors import Incompatible
from registry.provisioning.hub import SQL, sources
from registry.provisioning.readers import reader_topic
from registry.provisioning.sources import Opening
from registry.schema_text import parse
from schemas.names import EntityName, SubjectName

log = logging.getLogger("simpul.readers")

EVERY_S = 1.0
PROCESS = "simpul-readers"
BY = "hak-akses"  # who registers the schemas of grants


class ReaderSchemas:
    """Brings `hub.reader_topic` to what grants, states and contracts say."""

    def __init__(self, dsn: SecretStr) -> None:
        self.session = Session(dsn, PROCESS)
        self.kept: tuple[object, ...] | None = None  # what the database said when it was last brought about

    def run(self) -> None:
        """Once; two small statements where nothing has changed."""
        conn, now = self.session(), datetime.now(UTC)
        with translated(), transaction(conn):
            said = (
                conn.execute(SQL["standing"], {"now": now}).fetchone(),
                conn.execute(SQL["generations"]).fetchone(),
            )
        if said != self.kept:
            keep(conn, now=now)
            self.kept = said

    def close(self) -> None:
        self.session.close()


def keep(conn: Connection[TupleRow], *, now: datetime) -> None:
    """Open, change and close topics of grants. A grant that cannot be fed is told in the log, the others go on."""
    with translated(), transaction(conn):
        contracts = layouts.contracts(conn)
        open_entities = {each.contract.entity for each in sources(conn) if each.has(Opening.READING)}
        known = {each.grant_id: each for each in reader_topics.reader_topics(conn)}
        holding = {each.id: each for each in all_grants(conn, EVERYWHERE) if each.holds(now)}
        wanted = {number: each for number, each in holding.items() if each.entity in open_entities}
        reader_topics.close(conn, [number for number in known if number not in wanted])
    for number, grant in wanted.items():
        entity = entities.build(grant.entity, contracts, layouts.resting(conn))
        if entity is not None:
            _open(conn, grant, entity, known.get(number))


def _open(conn: Connection[TupleRow], grant: Grant, entity: Entity, known: ReaderTopic | None) -> None:
    schema = entities.reader_schema(entity, grant.fields)
    if known is not None and known.open and known.schema == schema:
        return
    topic = reader_topic(EntityName(grant.entity), grant.id)
    try:
        with translated(), transaction(conn):
            parsed = parse(json.dumps(schema, ensure_ascii=False))
            version = registration.register(conn, SubjectName(f"{topic}-value"), parsed, by=BY)
            reader_topics.enter(conn, grant.id, entity.name, topic, version.schema_id, schema)
    except Incompatible as error:
        log.error("a grant's schema is refused", extra={"action": "readers", "topic": topic, "why": str(error)[:500]})
    else:
        log.info("a grant's topic is fed", extra={"action": "readers", "topic": topic, "schema_id": version.schema_id})

"""Facts: what rooms report about a document or a case, each in its own transaction; one publisher sends them.

The order in which facts are sent is the order of commits (`hub_db/sql/facts.sql`, docs/reference/sop-topics.md).
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow
from psycopg.types.json import Jsonb

from hub_db.connection import transaction
from hub_db.errors import Halted
from hub_db.outbox import Outbox
from hub_db.statements import load
from schemas.names import SchemaId, TopicName

SQL = load("hub_db", "sql/facts.sql")
SYSTEM = "system"  # the actor of what no person did
Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]
_KIND = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*(\.[a-z][a-z0-9]*(-[a-z0-9]+)*)+")
_SOURCE = re.compile(r"/[a-z0-9._/-]{1,100}")


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that happened, once. Carries no personal value: it is kept for ever.

    `key` is the document ("disdukcapil.penduduk") or the case that it is about. Two facts with one `ce_id` are one:
    give it when a cause may be reported twice with other words, else it follows from all the rest.
    """

    kind: str  # dotted past: "schema.approved"
    key: str
    data: Mapping[str, Json] = field(default_factory=dict)
    source: str = field(kw_only=True)  # who reports: "/simpul/registry"
    occurred_at: datetime = field(kw_only=True)  # aware
    actor: str = field(default=SYSTEM, kw_only=True)  # login name, or `system`
    role: str | None = field(default=None, kw_only=True)
    unit: str | None = field(default=None, kw_only=True)  # the actor's OPD
    ce_id: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if not _KIND.fullmatch(self.kind):
            raise ValueError(f"kind {self.kind!r} is not dotted words in small letters")
        if not _SOURCE.fullmatch(self.source):
            raise ValueError(f"source {self.source!r} is no path such as /simpul/registry")
        if self.occurred_at.tzinfo is None:
            raise ValueError("a fact's moment has no time zone")
        if not (self.key.isascii() and self.key.isprintable() and self.key):
            raise ValueError("a fact's key is visible ASCII, a document or a case")
        if self.ce_id is not None and not (self.ce_id.isascii() and self.ce_id.isprintable() and self.ce_id):
            raise ValueError("ce_id is visible ASCII")

    @property
    def identity(self) -> str:
        """Its `ce_id`: the given one, or a digest of everything it says."""
        if self.ce_id is not None:
            return self.ce_id
        said = [self.kind, self.key, self.source, self.occurred_at.astimezone(UTC).isoformat()]
        text = json.dumps([*said, self.actor, self.role, self.unit, self.data], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class NumberedFact:
    """A committed fact with its place in the order of sending."""

    number: int
    ce_id: str
    kind: str
    key: str
    source: str
    actor: str
    role: str | None
    unit: str | None
    data: Mapping[str, Json]
    occurred_at: datetime


def report(conn: Connection[TupleRow], fact: Fact) -> None:
    """Report in the caller's transaction: committed with it, or never said. Said twice is said once."""
    report_all(conn, (fact,))


def report_all(conn: Connection[TupleRow], facts: Iterable[Fact]) -> None:
    """Report several, in their order."""
    rows = [
        {
            "ce_id": fact.identity,
            "kind": fact.kind,
            "key": fact.key,
            "source": fact.source,
            "actor": fact.actor,
            "role": fact.role,
            "unit": fact.unit,
            "data": Jsonb(dict(fact.data)),
            "occurred_at": fact.occurred_at,
        }
        for fact in facts
    ]
    with conn.cursor() as cursor:
        cursor.executemany(SQL["report"], rows)


OUTBOX = Outbox(SQL, lock=0x51_4D_46_41, read=lambda row: NumberedFact(**row))


def enter_topic(conn: Connection[TupleRow], topic: TopicName, schema_id: SchemaId, schema: Mapping[str, Any]) -> None:
    """Enter a topic of the hub's own with the schema that the registry numbered; as the owner."""
    with transaction(conn):
        conn.execute(SQL["enter_topic"], {"topic": topic, "schema_id": schema_id, "schema": Jsonb(dict(schema))})


def schema_of_topic(conn: Connection[TupleRow], topic: TopicName) -> tuple[SchemaId, dict[str, Any]]:
    """The schema of a topic of the hub's own. Raises Halted when nobody has entered it."""
    with transaction(conn):
        row = conn.execute(SQL["schema_of_topic"], {"topic": topic}).fetchone()
    if row is None:
        raise Halted(f"{topic} has no schema: run 'simpul prepare contracts'")
    return SchemaId(row[0]), row[1]

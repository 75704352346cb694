"""Conflicts (Tidak Padan), what happened to each, what was ruled, and how far the finder has read."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from hub_db.models.columns import CODE, MOMENT, metadata

conflict = Table(
    "conflict",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", CODE, nullable=False),
    Column("entity", CODE, nullable=False),
    Column("key", CODE, nullable=False),
    Column("key_b", CODE, nullable=False, server_default=text("''")),
    Column("about", CODE, nullable=False),
    Column("source_a", CODE, nullable=False),
    Column("source_b", CODE, nullable=False),
    Column("state", CODE, nullable=False, server_default=text("'open'")),
    Column("seen", LargeBinary, nullable=False),
    Column("revision", Integer, nullable=False, server_default=text("1")),
    Column("shown", JSONB, nullable=False),
    Column("hints", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("choice", CODE),
    Column("decided_seen", LargeBinary),
    Column("due_on", Date),
    Column("opened_at", MOMENT, nullable=False),
    Column("closed_at", MOMENT),
    Column("seen_of", JSONB, nullable=False, server_default=text("'{}'")),
    UniqueConstraint("kind", "entity", "key", "key_b", "about", "source_a", "source_b", name="conflict_is_one_cause"),
    Index("conflict_of_state", "state", "kind", "id"),
    Index("conflict_of_key", "entity", "key"),
    schema="hub",
)

conflict_event = Table(
    "conflict_event",
    metadata,
    Column("conflict_id", BigInteger, ForeignKey("hub.conflict.id"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("act", CODE, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("choice", CODE),
    Column("reason", Text),
    Column("by", Text, nullable=False),
    Column("by_kind", Text, nullable=False),
    Column("role", Text),
    Column("opd", Text),
    Column("at", MOMENT, nullable=False),
    schema="hub",
)

ruling = Table(
    "ruling",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("conflict_id", BigInteger, ForeignKey("hub.conflict.id"), nullable=False),
    Column("entity", CODE, nullable=False),
    Column("key", CODE, nullable=False),
    Column("field", CODE, nullable=False),
    Column("source_a", CODE, nullable=False),
    Column("source_b", CODE, nullable=False),
    Column("choice", CODE, nullable=False),
    Column("seen", LargeBinary, nullable=False),
    Column("before", CODE),
    Column("decided_at", MOMENT, nullable=False),
    Column("ended_at", MOMENT),
    Index("ruling_of_key", "entity", "key"),
    Index("ruling_in_force", "conflict_id", "field", unique=True, postgresql_where=text("ended_at is null")),
    schema="hub",
)

conflict_place = Table(
    "conflict_place",
    metadata,
    Column("entity", CODE, primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column("round", BigInteger, nullable=False),
    Column("kind", Integer, nullable=False),
    Column("part", BigInteger, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("key", CODE, nullable=False),
    schema="hub",
)

"""The tables of the schemas `hub` and `registry`."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from hub_db.models.columns import CODE, MOMENT, count, metadata, moment

schema = Table(
    "schema",
    metadata,
    Column("id", Integer, Identity(always=True), primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False, unique=True),
    Column("schema_text", Text, nullable=False),
    moment("created_at"),
    Column("guid", Uuid, Computed("encode(substring(fingerprint from 1 for 16), 'hex')::uuid"), nullable=False),
    Column("metadata", JSONB),
    Column("rule_set", JSONB),
    UniqueConstraint("guid", name="schema_guid_key"),
    schema="registry",
)

reference = Table(
    "reference",
    metadata,
    Column("schema_id", ForeignKey("registry.schema.id"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("subject", CODE, nullable=False),
    Column("version", Integer, nullable=False),
    Index("reference_to_version", "subject", "version"),
    schema="registry",
)

scope = Table(
    "scope",
    metadata,
    Column("scope", CODE, primary_key=True),
    Column("config", JSONB),
    Column("mode", Text),
    Column("changed_by", Text, nullable=False),
    moment("changed_at"),
    schema="registry",
)

version = Table(
    "version",
    metadata,
    Column("subject", CODE, primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("schema_id", ForeignKey("registry.schema.id"), nullable=False),
    Column("registered_by", Text, nullable=False),
    moment("registered_at"),
    Column("deleted", Boolean, nullable=False, server_default=text("false")),
    Index("version_of_schema", "schema_id"),
    schema="registry",
)

document = Table(
    "document",
    metadata,
    Column("topic", CODE, primary_key=True),
    Column("opd", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("schema_id", Integer, nullable=False),
    Column("contract", JSONB, nullable=False),
    moment("provisioned_at"),
    Column("counts", Boolean, nullable=False, server_default=text("true")),
    UniqueConstraint("opd", "document"),
    schema="hub",
)

topic = Table(
    "topic",
    metadata,
    Column("topic_no", Integer, Identity(always=True), primary_key=True),
    Column("topic_id", Uuid, nullable=False, unique=True),
    Column("name", CODE, nullable=False),
    Column("document", Text, nullable=False),
    Column("incarnation", Integer, nullable=False),
    moment("first_seen_at"),
    UniqueConstraint("name", "incarnation"),
    schema="hub",
)

batch = Table(
    "batch",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("topic_id", ForeignKey("hub.topic.topic_id"), nullable=False),
    Column("partition", Integer, nullable=False),
    Column("first_offset", BigInteger),
    Column("next_offset", BigInteger, nullable=False),
    *(count(name) for name in ("records", "accepted", "known", "parked", "dead")),
    Column("worker", Text, nullable=False),
    Column("fetched_at", MOMENT),
    moment("tx_at"),
    Column("round", BigInteger),
    Column("loads", JSONB),
    UniqueConstraint(
        "topic_id", "partition", "first_offset", name="batch_starts_once", postgresql_nulls_not_distinct=True
    ),
    UniqueConstraint("topic_id", "partition", "next_offset", name="batch_ends_once"),
    ForeignKeyConstraint(
        ["topic_id", "partition", "first_offset"],
        ["hub.batch.topic_id", "hub.batch.partition", "hub.batch.next_offset"],
        name="batch_follows_another",
    ),
    Index("batch_unpublished", "id", postgresql_where=text("round is null and accepted > 0")),
    Index("batch_of_round", "round", postgresql_where=text("round is not null")),
    Index("batch_of_loads", "topic_id", "id", postgresql_where=text("loads is not null")),
    schema="hub",
)

pause = Table(
    "pause",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("topic_id", ForeignKey("hub.topic.topic_id"), nullable=False),
    Column("partition", Integer, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("kind", CODE, nullable=False),
    Column("cause", CODE, nullable=False),
    count("counted", BigInteger),
    count("of", BigInteger),
    moment("at"),
    Column("ended_at", MOMENT),
    Column("by", Text),
    Column("by_kind", Text),
    Column("role", Text),
    Column("reason", Text),
    Index("pause_one_at_a_time", "topic_id", "partition", unique=True, postgresql_where=text("ended_at is null")),
    schema="hub",
)

consumer_offset = Table(
    "consumer_offset",
    metadata,
    Column("topic_id", ForeignKey("hub.topic.topic_id"), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
    *(count(name, BigInteger, default=True) for name in ("records", "accepted", "known", "parked", "dead")),
    Column("appended_at", MOMENT),
    moment("updated_at"),
    Column("watched", JSONB),
    Column("pause", ForeignKey("hub.pause.id")),
    Column("passes_to", BigInteger),
    schema="hub",
)

history = Table(
    "history",
    metadata,
    Column("topic_no", Integer, primary_key=True, autoincrement=False),
    Column("partition", Integer, primary_key=True),
    Column("offset", BigInteger, primary_key=True),
    Column("key", CODE, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("schema_id", Integer),
    Column("ce_id", Text, nullable=False),
    Column("event_time", MOMENT),
    Column("load", Text),
    Column("value", LargeBinary),
    Column("before_topic_no", Integer),
    Column("before_partition", Integer),
    Column("before_offset", BigInteger),
    schema="hub",
)

parked = Table(
    "parked",
    metadata,
    Column("topic_no", Integer, primary_key=True, autoincrement=False),
    Column("partition", Integer, primary_key=True),
    Column("offset", BigInteger, primary_key=True),
    Column("topic", CODE, nullable=False),
    Column("key", CODE, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),
    Column("schema_id", Integer),
    Column("ce_id", Text, nullable=False),
    Column("event_time", MOMENT),
    Column("load", Text),
    Column("value", LargeBinary),
    Column("field", Text, nullable=False),
    Column("missing_entity", Text, nullable=False),
    Column("missing_key", CODE, nullable=False),
    Column("accepted_on", Date, nullable=False),
    moment("parked_at"),
    Column("headers", JSONB),
    Column("appended_at", MOMENT),
    Index("parked_by_time", "topic", "parked_at"),
    Index("parked_by_key", "topic", "key"),
    Index("parked_by_what_is_missing", "missing_entity", "missing_key"),
    schema="hub",
)

release = Table(
    "release",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("topic_id", ForeignKey("hub.topic.topic_id"), nullable=False),
    Column("partition", Integer, nullable=False),
    *(count(name) for name in ("accepted", "known", "dead")),
    moment("tx_at"),
    Column("round", BigInteger),
    Index("release_unpublished", "id", postgresql_where=text("round is null")),
    Index("release_of_round", "round", postgresql_where=text("round is not null")),
    schema="hub",
)

release_key = Table(
    "release_key",
    metadata,
    Column("release_id", ForeignKey("hub.release.id"), primary_key=True),
    Column("key", CODE, primary_key=True),
    schema="hub",
)

entity = Table(
    "entity",
    metadata,
    Column("entity", CODE, primary_key=True),
    Column("generation", BigInteger, nullable=False),
    Column("ruled", Boolean, nullable=False, server_default=text("false")),
    schema="hub",
)

change = Table(
    "change",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("entity", CODE, nullable=False),
    Column("cause", Text, nullable=False),
    moment("tx_at"),
    Column("round", BigInteger),
    Index("change_unpublished", "id", postgresql_where=text("round is null")),
    Index("change_of_round", "round", postgresql_where=text("round is not null")),
    schema="hub",
)

change_key = Table(
    "change_key",
    metadata,
    Column("change_id", ForeignKey("hub.change.id"), primary_key=True),
    Column("key", CODE, primary_key=True),
    schema="hub",
)

round_ = Table(
    "round",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    moment("opened_at"),
    Column("published_at", MOMENT),
    count("records", default=True),
    count("letters", default=True),
    Index("round_open", "id", postgresql_where=text("published_at is null")),
    schema="hub",
)

reader_topic = Table(
    "reader_topic",
    metadata,
    Column("grant_id", BigInteger, primary_key=True, autoincrement=False),
    Column("entity", CODE, nullable=False),
    Column("topic", CODE, nullable=False, unique=True),
    Column("schema_id", Integer, nullable=False),
    Column("schema", JSONB, nullable=False),
    Column("open", Boolean, nullable=False),
    Column("round", BigInteger),
    schema="hub",
)

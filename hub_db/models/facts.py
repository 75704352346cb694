"""The outbox of facts, the hub's own topics, schemas that were read by, and days of the calendar as decided."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Identity, Index, Integer, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from hub_db.models.columns import CODE, MOMENT, metadata, moment

fact = Table(
    "fact",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("ce_id", CODE, nullable=False, unique=True),
    Column("kind", CODE, nullable=False),
    Column("key", CODE, nullable=False),
    Column("source", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("role", Text),
    Column("unit", Text),
    Column("data", JSONB, nullable=False),
    Column("occurred_at", MOMENT, nullable=False),
    moment("reported_at"),
    Column("number", BigInteger, unique=True),
    Column("sent_at", MOMENT),
    Index("fact_unsent", "id", postgresql_where=text("sent_at is null")),
    schema="hub",
)

own_topic = Table(
    "own_topic",
    metadata,
    Column("topic", CODE, primary_key=True),
    Column("schema_id", Integer, nullable=False),
    Column("schema", JSONB, nullable=False),
    moment("registered_at"),
    schema="hub",
)

schema_read = Table(
    "schema_read",
    metadata,
    Column("schema_id", Integer, primary_key=True, autoincrement=False),
    Column("fingerprint", LargeBinary, nullable=False),
    moment("at"),
    schema="hub",
)

calendar_change = Table(
    "calendar_change",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("day", Date, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decree", Text),
    Column("by", Text, nullable=False),
    moment("at"),
    Index("calendar_change_of_day", "day", "id"),
    schema="hub",
)

"""What fields looked like by day, batches that were older than what the hub has, and epochs."""

from sqlalchemy import BigInteger, Column, Date, ForeignKey, Index, Integer, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from hub_db.models.columns import CODE, MOMENT, count, metadata, moment

profile = Table(
    "profile",
    metadata,
    Column("topic", CODE, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("field", CODE, primary_key=True),
    *(count(name, BigInteger) for name in ("seen", "looked_at", "nulls", "different")),
    Column("registers", LargeBinary),
    Column("counts", JSONB, nullable=False, server_default=text("'{}'")),
    Column("low", Text),
    Column("high", Text),
    schema="hub",
)

profile_start = Table(
    "profile_start",
    metadata,
    Column("topic", CODE, primary_key=True),
    Column("field", CODE, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    moment("at"),
    schema="hub",
)

stale_batch = Table(
    "stale_batch",
    metadata,
    Column("topic", CODE, nullable=False),
    Column("topic_no", ForeignKey("hub.topic.topic_no"), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("first_offset", BigInteger, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
    count("records"),
    count("older"),
    moment("at"),
    Index("stale_batch_of_topic", "topic", "at"),
    schema="hub",
)

epoch = Table(
    "epoch",
    metadata,
    Column("topic", CODE, primary_key=True),
    Column("epoch", Integer, primary_key=True, autoincrement=False),
    Column("comparison", JSONB, nullable=False),
    Column("by", Text, nullable=False),
    Column("by_kind", Text, nullable=False),
    Column("role", Text),
    Column("reason", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    schema="hub",
)

"""Loads: what was announced of them, who let them in, and those that were withdrawn."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from hub_db.models.columns import CODE, MOMENT, count, metadata

load = Table(
    "load",
    metadata,
    Column("topic", CODE, primary_key=True),
    Column("load", CODE, primary_key=True),
    Column("announced_at", MOMENT, nullable=False),
    Column("announced_by", Text, nullable=False),
    Column("system", Text, nullable=False),
    Column("sha256", LargeBinary),
    *(count(name, BigInteger) for name in ("rows", "created", "changed", "unchanged", "deleted")),
    Column("sampled", Integer),
    count("source_rows", BigInteger),
    Column("most_changed", Double, nullable=False),
    Column("most_deleted", Double, nullable=False),
    Column("state", CODE, nullable=False),
    Column("sent", BigInteger),
    Column("refused", BigInteger),
    Column("ended_at", MOMENT),
    Index("load_newest", "topic", "announced_at"),
    Index("load_waiting", "topic", postgresql_where=text("state = 'waiting'")),
    schema="hub",
)

load_verdict = Table(
    "load_verdict",
    metadata,
    Column("topic", CODE, primary_key=True),
    Column("load", CODE, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("approved", Boolean, nullable=False),
    count("changed", BigInteger),
    count("deleted", BigInteger),
    Column("by", Text, nullable=False),
    Column("by_kind", Text, nullable=False),
    Column("role", Text),
    Column("reason", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    ForeignKeyConstraint(["topic", "load"], ["hub.load.topic", "hub.load.load"]),
    schema="hub",
)

load_step = Table(
    "load_step",
    metadata,
    Column("topic", CODE, primary_key=True),
    Column("load", CODE, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("withdrawn", Boolean, nullable=False),
    Column("by", Text, nullable=False),
    Column("by_kind", Text, nullable=False),
    Column("role", Text),
    Column("reason", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    schema="hub",
)

withdrawn_load = Table(
    "withdrawn_load",
    metadata,
    Column("topic", CODE, primary_key=True),
    Column("load", CODE, primary_key=True),
    schema="hub",
)

load_key = Table(
    "load_key",
    metadata,
    Column("topic", CODE, primary_key=True),
    Column("load", CODE, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("key", CODE, primary_key=True),
    Column("outcome", CODE, nullable=False),
    Column("topic_no", Integer),
    Column("partition", Integer),
    Column("offset", BigInteger),
    ForeignKeyConstraint(
        ["topic", "load", "number"], ["hub.load_step.topic", "hub.load_step.load", "hub.load_step.number"]
    ),
    Index("load_key_of_key", "topic", "key", postgresql_where=text("topic_no is not null")),
    schema="hub",
)

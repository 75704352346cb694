"""Loads that were withdrawn."""

from sqlalchemy import BigInteger, Boolean, Column, ForeignKeyConstraint, Index, Integer, Table, Text, text

from hub_db.models.columns import CODE, MOMENT, metadata

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

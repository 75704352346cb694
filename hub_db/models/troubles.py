"""Batches in which workers died, and partitions whose log lost its end."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Table, Text

from hub_db.models.columns import MOMENT, count, metadata, moment

attempt = Table(
    "attempt",
    metadata,
    Column("topic_id", ForeignKey("hub.topic.topic_id"), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("first_offset", BigInteger, nullable=False),
    Column("next_offset", BigInteger, nullable=False),
    *(count(name) for name in ("records", "deaths")),
    Column("worker", Text, nullable=False),
    moment("begun_at"),
    Column("ended_at", MOMENT),
    schema="hub",
)

stopped_partition = Table(
    "stopped_partition",
    metadata,
    Column("topic_id", ForeignKey("hub.topic.topic_id"), primary_key=True),
    Column("partition", Integer, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
    Column("log_end", BigInteger, nullable=False),
    moment("stopped_at"),
    schema="hub",
)

"""What leads from a record to its past: who speaks about it, which rows ever did, and when parked events went in."""

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, ForeignKey, Integer, Table, Text, text

from hub_db.models.columns import CODE, metadata

speaker = Table(
    "speaker",
    metadata,
    Column("entity", CODE, primary_key=True),
    Column("topic", CODE, primary_key=True),
    Column("place", Integer, nullable=False),
    Column("feeds", Boolean, nullable=False),
    Column("table_schema", Text, nullable=False),
    Column("table_name", Text, nullable=False),
    Column("row_key", ARRAY(Text), nullable=False),
    Column("key", ARRAY(Text), nullable=False),
    schema="hub",
)

fed = Table(
    "fed",
    metadata,
    Column("entity", CODE, primary_key=True),
    Column("key", CODE, primary_key=True),
    Column("topic", CODE, primary_key=True),
    Column("row_key", CODE, primary_key=True),
    schema="hub",
)

release_event = Table(
    "release_event",
    metadata,
    Column("topic_no", Integer, primary_key=True, autoincrement=False),
    Column("partition", Integer, primary_key=True, autoincrement=False),
    Column("offset", BigInteger, primary_key=True, autoincrement=False),
    Column("release_id", ForeignKey("hub.release.id"), nullable=False),
    schema="hub",
)

recount = Table(
    "recount",
    metadata,
    Column("entity", CODE, primary_key=True),
    Column("asked", BigInteger, nullable=False),
    Column("done", BigInteger, nullable=False, server_default=text("0")),
    schema="hub",
)

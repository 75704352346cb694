"""Cases of the procedure: their events, the outbox of `sop.status`, and the facts that are known."""

from sqlalchemy import (
    BigInteger,
    Boolean,
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
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from hub_db.models.columns import CODE, MOMENT, metadata
from hub_db.models.identity import opd

case = Table(
    "case",
    metadata,
    Column("number", CODE, primary_key=True),
    Column("opd", CODE, ForeignKey(opd.c.code), nullable=False),
    Column("documents", ARRAY(Text), nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("contact_name", Text, nullable=False, server_default=""),
    Column("contact_phone", Text, nullable=False, server_default=""),
    Column("begun_at", MOMENT, nullable=False),
    Column("follows", CODE, ForeignKey("sop.case.number")),
    Index("case_of_opd", "opd", "number"),
    Index("case_that_follows", "follows", postgresql_where=text("follows is not null")),
    schema="sop",
)

case_number = Table(
    "case_number",
    metadata,
    Column("year", Integer, primary_key=True, autoincrement=False),
    Column("last", Integer, nullable=False),
    schema="sop",
)

event = Table(
    "event",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("case", CODE, ForeignKey(case.c.number), nullable=False),
    Column("version", Integer, nullable=False),
    Column("ce_id", CODE, nullable=False, unique=True),
    Column("command", CODE, nullable=False),
    Column("kind", CODE, nullable=False),
    Column("case_state", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    Column("on", Date, nullable=False),
    Column("actor", CODE, nullable=False),
    Column("role", Text),
    Column("unit", Text),
    Column("acting", Text),
    Column("stage", Integer),
    Column("round", Integer),
    Column("expected", Text),
    Column("state", Text),
    Column("returned_to", Integer),
    Column("met", Boolean),
    Column("manual", Boolean, nullable=False),
    Column("reason", Text),
    Column("documents", ARRAY(Text), nullable=False),
    Column("target", Date),
    Column("due", Date),
    Column("days_used", Integer),
    Column("days_left", Integer),
    Column("detail", JSONB, nullable=False),
    UniqueConstraint("case", "version", name="event_is_in_its_turn"),
    Index("event_of_command", "command"),
    schema="sop",
)

outgoing = Table(
    "outgoing",
    metadata,
    Column("event", BigInteger, ForeignKey(event.c.id), primary_key=True, autoincrement=False),
    Column("number", BigInteger, unique=True),
    Column("sent_at", MOMENT),
    Index("outgoing_unsent", "event", postgresql_where=text("sent_at is null")),
    schema="sop",
)

known_fact = Table(
    "known_fact",
    metadata,
    Column("label", CODE, primary_key=True),
    Column("subject", CODE, primary_key=True),
    Column("opd", CODE, nullable=False),
    Column("ce_id", CODE, nullable=False),
    Column("at", MOMENT, nullable=False),
    Column("number", BigInteger, nullable=False),
    Index("known_fact_of_opd", "opd"),
    schema="sop",
)

fact_place = Table(
    "fact_place",
    metadata,
    Column("topic", CODE, primary_key=True),
    Column("next_offset", BigInteger, nullable=False),
    Column("last_number", BigInteger, nullable=False),
    schema="sop",
)

file = Table(
    "file",
    metadata,
    Column("sha256", CODE, primary_key=True),
    Column("media", CODE, nullable=False),
    Column("size", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("stored_at", MOMENT, nullable=False),
    schema="sop",
)

file_handed_in = Table(
    "file_handed_in",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("case", CODE, ForeignKey(case.c.number), nullable=False),
    Column("sha256", CODE, ForeignKey(file.c.sha256), nullable=False),
    Column("name", Text, nullable=False),
    Column("by", CODE, nullable=False),
    Column("at", MOMENT, nullable=False),
    Index("file_handed_in_for_case", "case", "id"),
    schema="sop",
)

file_opened = Table(
    "file_opened",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("case", CODE, ForeignKey(case.c.number), nullable=False),
    Column("sha256", CODE, ForeignKey(file.c.sha256), nullable=False),
    Column("by", CODE, nullable=False),
    Column("at", MOMENT, nullable=False),
    Index("file_opened_of_case", "case", "id"),
    schema="sop",
)

comment = Table(
    "comment",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("case", CODE, ForeignKey(case.c.number), nullable=False),
    Column("stage", Integer),
    Column("round", Integer),
    Column("by", CODE, nullable=False),
    Column("role", Text),
    Column("unit", CODE),
    Column("said", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    Column("corrects", BigInteger, ForeignKey("sop.comment.id"), unique=True),
    Index("comment_of_case", "case", "id"),
    schema="sop",
)

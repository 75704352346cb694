"""The tables of the schema `jobs` that are ours (the queue's own come from its library)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from hub_db.models.columns import CODE, MOMENT, count, metadata, moment

UNFINISHED = text("state in ('queued', 'running', 'paused')")

kind = Table(
    "kind",
    metadata,
    Column("name", CODE, primary_key=True),
    Column("title", Text, nullable=False),
    Column("at_once", Integer, nullable=False),
    CheckConstraint("name ~ '^[a-z][a-z0-9_.-]{0,99}$'", name="kind_is_a_word"),
    CheckConstraint("at_once between 1 and 64", name="kind_at_once_is_small"),
    schema="jobs",
)

job = Table(
    "job",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("uid", Uuid, nullable=False, unique=True, server_default=text("gen_random_uuid()")),
    Column("kind", ForeignKey("jobs.kind.name"), nullable=False),
    Column("title", Text, nullable=False),
    Column("arguments", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("key", CODE),
    Column("asked_by", Text, nullable=False),
    Column("state", Text, nullable=False, server_default=text("'queued'")),
    Column("cursor", JSONB),
    count("done", BigInteger, default=True),
    Column("total", BigInteger),
    count("tries", default=True),
    Column("turn", BigInteger),
    Column("worker", Text),
    Column("message", Text),
    Column("not_before", MOMENT),
    moment("created_at"),
    Column("started_at", MOMENT),
    Column("moved_at", MOMENT),
    Column("finished_at", MOMENT),
    CheckConstraint(
        "state in ('queued', 'running', 'paused', 'done', 'failed', 'cancelled')", name="job_state_is_known"
    ),
    CheckConstraint("(state in ('done', 'failed', 'cancelled')) = (finished_at is not null)", name="job_ends_once"),
    CheckConstraint("done >= 0 and total >= 0 and tries >= 0", name="job_counts_from_nought"),
    Index("job_of_key", "kind", "key", unique=True, postgresql_where=UNFINISHED),
    Index("job_unfinished", "id", postgresql_where=UNFINISHED),
    Index("job_ended", "finished_at", postgresql_where=text("finished_at is not null")),
    schema="jobs",
)

leader = Table(
    "leader",
    metadata,
    Column("only_one", Boolean, primary_key=True, server_default=text("true")),
    count("term", BigInteger, default=True),
    Column("holder", Text),
    Column("until", MOMENT, nullable=False, server_default=text("'-infinity'::timestamptz")),
    CheckConstraint("only_one", name="leader_is_one"),
    schema="jobs",
)

tick = Table(
    "tick",
    metadata,
    Column("name", CODE, primary_key=True),
    Column("due_at", MOMENT, primary_key=True),
    Column("term", BigInteger, nullable=False),
    Column("job", BigInteger, nullable=False),
    moment("made_at"),
    Index("tick_made", "made_at"),
    schema="jobs",
)

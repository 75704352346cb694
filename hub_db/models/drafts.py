"""The tables of governed schemas that are not approved yet."""

from sqlalchemy import BigInteger, Column, ForeignKey, Identity, Index, Integer, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from hub_db.models.columns import CODE, MOMENT, metadata, moment

draft = Table(
    "draft",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("subject", CODE, nullable=False),
    Column("opd", CODE),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("schema_text", Text, nullable=False),
    Column("schema_references", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("metadata", JSONB),
    Column("rule_set", JSONB),
    Column("base_version", Integer),
    Column("state", CODE, nullable=False, server_default=text("'open'")),
    Column("author", CODE, nullable=False),
    Column("author_kind", CODE, nullable=False),
    moment("created_at"),
    Column("submitted_by", CODE),
    Column("approved_by", CODE),
    moment("changed_at"),
    Column("version", Integer),
    Column("schema_id", Integer),
    Column("in_force_at", MOMENT),
    Column("trouble", Text),
    Index(
        "draft_of_one_text",
        "subject",
        "fingerprint",
        unique=True,
        postgresql_where=text("state in ('open', 'submitted') or (state = 'approved' and version is null)"),
    ),
    Index("draft_of_subject", "subject", "id"),
    Index("draft_to_enforce", "id", postgresql_where=text("state = 'approved' and version is null")),
    schema="registry",
)

draft_comment = Table(
    "draft_comment",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("draft_id", BigInteger, ForeignKey("registry.draft.id"), nullable=False),
    Column("author", CODE, nullable=False),
    Column("said", Text, nullable=False),
    moment("at"),
    Index("draft_comment_of_draft", "draft_id", "id"),
    schema="registry",
)

draft_step = Table(
    "draft_step",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("draft_id", BigInteger, ForeignKey("registry.draft.id"), nullable=False),
    Column("step", CODE, nullable=False),
    Column("by", CODE, nullable=False),
    Column("by_kind", CODE, nullable=False),
    Column("role", CODE),
    Column("reason", Text),
    moment("at"),
    Index("draft_step_of_draft", "draft_id", "id"),
    schema="registry",
)

draft_effect = Table(
    "draft_effect",
    metadata,
    Column("draft_id", BigInteger, ForeignKey("registry.draft.id"), primary_key=True),
    Column("effect", JSONB, nullable=False),
    moment("reckoned_at"),
    schema="registry",
)

"""The tables of requests for access, and of what readers confirmed to have deleted."""

from sqlalchemy import ARRAY, BigInteger, Column, Date, ForeignKey, Identity, Index, Table, Text, text

from hub_db.models.columns import CODE, MOMENT, metadata

access_request = Table(
    "access_request",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("reader", CODE, ForeignKey("identity.opd.code"), nullable=False),
    Column("owner", CODE, ForeignKey("identity.opd.code"), nullable=False),
    Column("document", CODE, nullable=False),
    Column("entity", CODE, nullable=False),
    Column("fields", ARRAY(Text), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("legal_basis", Text, nullable=False),
    Column("specific_basis", Text),
    Column("agreement", CODE),
    Column("starts", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("asked_by", CODE, nullable=False),
    Column("asked_at", MOMENT, nullable=False),
    Column("state", Text, nullable=False),
    Column("grant_id", BigInteger, ForeignKey("identity.grant.id"), unique=True),
    Index("access_request_of_reader", "reader", "id"),
    Index("access_request_of_owner", "owner", "id"),
    Index("access_request_undecided", "id", postgresql_where=text("state in ('asked', 'agreed')")),
    schema="identity",
)

access_step = Table(
    "access_step",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("request", BigInteger, ForeignKey("identity.access_request.id"), nullable=False),
    Column("act", Text, nullable=False),
    Column("at", MOMENT, nullable=False),
    Column("actor", CODE, nullable=False),
    Column("role", Text),
    Column("opd", Text),
    Column("reason", Text, nullable=False, server_default=text("''")),
    Index("access_step_of_request", "request", "id"),
    schema="identity",
)

deletion = Table(
    "deletion",
    metadata,
    Column("grant_id", BigInteger, ForeignKey("identity.grant.id"), primary_key=True),
    Column("confirmed_at", MOMENT, nullable=False),
    Column("confirmed_by", CODE, nullable=False),
    Column("role", Text),
    Column("opd", Text, nullable=False),
    Column("how", Text, nullable=False),
    schema="identity",
)

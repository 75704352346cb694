"""The tables of grants, and what masked reading keeps."""

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Table,
    Text,
    text,
)

from hub_db.models.columns import CODE, MOMENT, metadata, moment

agreement = Table(
    "agreement",
    metadata,
    Column("number", CODE, primary_key=True),
    Column("reader", CODE, ForeignKey("identity.opd.code"), nullable=False),
    Column("elements", ARRAY(Text), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("until", Date, nullable=False),
    Column("ends_at", MOMENT, nullable=False),
    Column("added_by", Text, nullable=False),
    moment("added_at"),
    Column("ended_at", MOMENT),
    Column("ended_by", Text),
    Column("ended_reason", Text),
    schema="identity",
)

grant = Table(
    "grant",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("reader", CODE, ForeignKey("identity.opd.code"), nullable=False),
    Column("entity", CODE, nullable=False),
    Column("fields", ARRAY(Text), nullable=False),
    Column("purpose", Text, nullable=False),
    Column("legal_basis", Text, nullable=False),
    Column("specific_basis", Text),
    Column("agreement", CODE, ForeignKey("identity.agreement.number")),
    Column("until", Date, nullable=False),
    Column("ends_at", MOMENT, nullable=False),
    Column("granted_by", Text, nullable=False),
    moment("granted_at"),
    Column("revoked_at", MOMENT),
    Column("revoked_by", Text),
    Column("revoked_reason", Text),
    Column("starts_at", MOMENT),
    Index("grant_of_reader", "reader", "entity", postgresql_where=text("revoked_at is null")),
    Index("grant_by_agreement", "agreement", postgresql_where=text("agreement is not null")),
    schema="identity",
)

secret = Table(
    "secret",
    metadata,
    Column("name", Text, primary_key=True),
    Column("inner_pad", LargeBinary, nullable=False),
    Column("outer_pad", LargeBinary, nullable=False),
    schema="masked",
)

entity = Table(
    "entity",
    metadata,
    Column("entity", CODE, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("personal", Boolean, nullable=False),
    Column("key", ARRAY(Text), nullable=False),
    Column("open", Boolean, nullable=False, server_default=text("false")),
    schema="masked",
)

"""Papers of cases that wait for their signatures, and the signatures of accepted files."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Integer,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB

from hub_db.models.cases import case, file
from hub_db.models.columns import CODE, MOMENT, metadata

rendition = Table(
    "rendition",
    metadata,
    Column("code", CODE, primary_key=True),
    Column("case", CODE, ForeignKey(case.c.number), nullable=False),
    Column("slot", CODE, nullable=False),
    Column("version", Integer, nullable=False),
    Column("stage", Integer, nullable=False),
    Column("round", Integer, nullable=False),
    Column("title", Text, nullable=False),
    Column("sha256", CODE, ForeignKey(file.c.sha256), nullable=False),
    Column("size", Integer, nullable=False),
    Column("letter", Text, nullable=False),
    Column("dated", Date, nullable=False),
    Column("parties", Integer, nullable=False),
    Column("origin", JSONB, nullable=False),
    Column("by", CODE, nullable=False),
    Column("at", MOMENT, nullable=False),
    UniqueConstraint("case", "slot", "version", name="rendition_in_its_turn"),
    schema="sop",
)

signature = Table(
    "signature",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("case", CODE, ForeignKey(case.c.number), nullable=False),
    Column("slot", CODE, nullable=False),
    Column("sha256", CODE, ForeignKey(file.c.sha256), nullable=False),
    Column("place", Integer, nullable=False),
    Column("version", Integer),
    Column("signer", Text, nullable=False),
    Column("unit", Text, nullable=False),
    Column("issuer", Text, nullable=False),
    Column("certificate", CODE, nullable=False),
    Column("signed_at", MOMENT),
    Column("stamped", Boolean, nullable=False),
    Column("by", CODE, nullable=False),
    Column("at", MOMENT, nullable=False),
    UniqueConstraint("case", "slot", "sha256", "place", name="signature_of_case"),
    ForeignKeyConstraint(
        ["case", "slot", "version"],
        [rendition.c.case, rendition.c.slot, rendition.c.version],
        name="signature_is_of_a_frozen_paper",
    ),
    schema="sop",
)

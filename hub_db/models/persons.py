"""Persons as the search for duplicates meets them."""

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Index, Integer, Table, text

from hub_db.models.columns import CODE, count, metadata

person = Table(
    "person",
    metadata,
    Column("entity", CODE, primary_key=True),
    Column("key", CODE, primary_key=True),
    Column("blocks", ARRAY(BigInteger), nullable=False),
    Column("terms", ARRAY(BigInteger), nullable=False),
    Column("due", Boolean, nullable=False),
    Index("person_of_block", "blocks", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
    Index("person_due", "entity", "key", postgresql_where=text("due")),
    schema="hub",
)

person_term = Table(
    "person_term",
    metadata,
    Column("entity", CODE, primary_key=True),
    Column("term", BigInteger, primary_key=True, autoincrement=False),
    count("persons", BigInteger),
    schema="hub",
)

person_place = Table(
    "person_place",
    metadata,
    Column("entity", CODE, primary_key=True),
    Column("round", BigInteger, nullable=False),
    count("kind", Integer),
    count("part", BigInteger),
    count("offset", BigInteger),
    Column("key", CODE, nullable=False),
    schema="hub",
)

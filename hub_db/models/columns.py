"""What the tables of every module share: the catalogue of tables and the types of columns."""

from sqlalchemy import Column, DateTime, Integer, MetaData, Text, text

metadata = MetaData()

CODE = Text(collation="C")  # compared byte by byte: keys, topics
MOMENT = DateTime(timezone=True)
NOW = text("clock_timestamp()")


def moment(name: str) -> "Column[object]":
    """A moment that the database fills in."""
    return Column(name, MOMENT, nullable=False, server_default=NOW)


def count(name: str, kind: type[Integer] = Integer, *, default: bool = False) -> "Column[int]":
    """A number that is always there."""
    return Column(name, kind, nullable=False, server_default=text("0") if default else None)

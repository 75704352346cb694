"""The hub's own tables."""

from sqlalchemy import MetaData

metadata = MetaData()

"""Entities with many sources: tables per document, generations, and changes that list their keys."""

from pathlib import Path

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    statements = Path(__file__).with_name("0013_many_sources.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

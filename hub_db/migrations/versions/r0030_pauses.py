"""Partitions that rest until a person decides."""

from pathlib import Path

from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    statements = Path(__file__).with_name("0030_pauses.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

"""Stopped partitions that are read again."""

from pathlib import Path

from alembic import op

revision = "0042"
down_revision = "0041"


def upgrade() -> None:
    statements = Path(__file__).with_name("0042_stopped_partitions.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

"""Batches in which workers died, partitions whose log lost its end, and rounds that a restored database has lost."""

from pathlib import Path

from alembic import op

revision = "0035"
down_revision = "0039"


def upgrade() -> None:
    statements = Path(__file__).with_name("0035_faults.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

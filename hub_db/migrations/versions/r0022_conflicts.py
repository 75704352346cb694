"""Conflicts (Tidak Padan): what was found, what was decided, and how far the finder has read."""

from pathlib import Path

from alembic import op

revision = "0022"
down_revision = "0014"


def upgrade() -> None:
    statements = Path(__file__).with_name("0022_conflicts.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

"""Notices to people, their channels, and the watch's state."""

from pathlib import Path

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    statements = Path(__file__).with_name("0005_notices.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

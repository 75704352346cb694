"""Loads that were withdrawn, and what that did to each key."""

from pathlib import Path

from alembic import op

revision = "0028"
down_revision = "0020"


def upgrade() -> None:
    statements = Path(__file__).with_name("0028_withdrawn_loads.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

"""Loads that are announced before their first event, and what arrived of them."""

from pathlib import Path

from alembic import op

revision = "0029"
down_revision = "0034"


def upgrade() -> None:
    statements = Path(__file__).with_name("0029_announced_loads.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

"""Pasts: where a record's events are found, when each went in, and how the page's role reads them."""

from pathlib import Path

from alembic import op

revision = "0018"
down_revision = "0013"


def upgrade() -> None:
    statements = Path(__file__).with_name("0018_pasts.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

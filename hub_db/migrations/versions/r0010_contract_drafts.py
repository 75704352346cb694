"""Drafts of governed schemas, what is said about them, and what happened to them."""

from pathlib import Path

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    statements = Path(__file__).with_name("0010_contract_drafts.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

"""Rulings: decisions of stewards that golden records follow."""

from pathlib import Path

from alembic import op

revision = "0031"
down_revision = "0024"


def upgrade() -> None:
    statements = Path(__file__).with_name("0031_rulings.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

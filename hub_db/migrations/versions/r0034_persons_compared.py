"""Persons as the nightly search for duplicates meets them."""

from pathlib import Path

from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    statements = Path(__file__).with_name("0034_persons_compared.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

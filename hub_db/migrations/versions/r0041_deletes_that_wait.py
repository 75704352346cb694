"""Deletes in the parking lot."""

from pathlib import Path

from alembic import op

revision = "0041"
down_revision = "0030"


def upgrade() -> None:
    statements = Path(__file__).with_name("0041_deletes_that_wait.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

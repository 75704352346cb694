"""A whole copy of a grant's topic once more."""

from pathlib import Path

from alembic import op

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    statements = Path(__file__).with_name("0036_copies_again.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

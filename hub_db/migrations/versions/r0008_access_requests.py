"""Requests for access, their steps, deletions that readers confirmed; grants that begin on a day."""

from pathlib import Path

from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    statements = Path(__file__).with_name("0008_access_requests.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

"""Boards of cases, made from `sop.status`; and the states of sources that a decision elsewhere asks for."""

from pathlib import Path

from alembic import op

revision = "0020"
down_revision = "0021"


def upgrade() -> None:
    statements = Path(__file__).with_name("0020_boards.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

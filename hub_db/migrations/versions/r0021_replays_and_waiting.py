"""Replays of dead letters, the end of waiting in the parking lot, references to records that have ended."""

from pathlib import Path

from alembic import op

revision = "0021"
down_revision = "0023"


def upgrade() -> None:
    statements = Path(__file__).with_name("0021_replays_and_waiting.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

"""First light: ledger, history, parking, dead letters, rounds, and the registry's tables."""

from pathlib import Path

from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    statements = Path(__file__).with_name("0001_first_light.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

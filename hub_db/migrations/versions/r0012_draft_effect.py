"""The effect of drafts of contracts."""

from pathlib import Path

from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    statements = Path(__file__).with_name("0012_draft_effect.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

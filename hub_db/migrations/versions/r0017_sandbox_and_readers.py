"""The sandbox's tables, and the topics of grants."""

from pathlib import Path

from alembic import op

revision = "0017"
down_revision = "0019"


def upgrade() -> None:
    statements = Path(__file__).with_name("0017_sandbox_and_readers.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

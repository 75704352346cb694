"""The outbox of facts."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    statements = Path(__file__).with_name("0006_facts.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

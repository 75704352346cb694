"""Cases: events, their outbox, the facts that are known, and where the reader of facts stands."""

from pathlib import Path

from alembic import op

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    statements = Path(__file__).with_name("0019_cases.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

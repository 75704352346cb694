"""Identity: OPDs and their systems, people, roles, delegates, sessions, service tokens."""

from pathlib import Path

from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    statements = Path(__file__).with_name("0002_identity.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

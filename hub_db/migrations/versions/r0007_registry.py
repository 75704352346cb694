"""The registry whole: references, metadata and rules of schemas, configuration and modes."""

from pathlib import Path

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    statements = Path(__file__).with_name("0007_registry.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

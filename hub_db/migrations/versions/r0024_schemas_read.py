"""Fingerprints of the schemas that events were read by."""

from pathlib import Path

from alembic import op

revision = "0024"
down_revision = "0028"


def upgrade() -> None:
    statements = Path(__file__).with_name("0024_schemas_read.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

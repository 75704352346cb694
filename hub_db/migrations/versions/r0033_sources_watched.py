"""What sources send, watched: profiles of fields by day, batches that were older, epochs."""

from pathlib import Path

from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    statements = Path(__file__).with_name("0033_sources_watched.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

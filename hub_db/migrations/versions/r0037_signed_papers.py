"""Papers that wait for their signatures, and the signatures of accepted files."""

from pathlib import Path

from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    statements = Path(__file__).with_name("0037_signed_papers.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

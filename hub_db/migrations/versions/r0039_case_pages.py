"""Cases: what is watched of documents that live, comments, which case another one follows; notices of one matter."""

from pathlib import Path

from alembic import op

revision = "0039"
down_revision = "0031"


def upgrade() -> None:
    statements = Path(__file__).with_name("0039_case_pages.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

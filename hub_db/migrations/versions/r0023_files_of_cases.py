"""Files of cases: bytes by their hash, for which case they were handed in, and who has opened them."""

from pathlib import Path

from alembic import op

revision = "0023"
down_revision = "0022"


def upgrade() -> None:
    statements = Path(__file__).with_name("0023_files_of_cases.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

"""Events of one key and version that say different things, and two kinds of conflicts."""

from pathlib import Path

from alembic import op

revision = "0032"
down_revision = "0037"


def upgrade() -> None:
    statements = Path(__file__).with_name("0032_contested_versions.sql").read_text(encoding="utf-8")
    op.get_bind().exec_driver_sql(statements)

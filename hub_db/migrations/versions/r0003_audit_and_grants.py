"""Audit, its chain, and grants."""

from pathlib import Path

from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    statements = Path(__file__).with_name("0003_audit_and_grants.sql").read_text(encoding="utf-8")
    # Without parameters: in functions a percent sign is a percent sign.
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(statements)

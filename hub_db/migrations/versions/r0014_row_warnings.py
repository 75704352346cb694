"""What is told of a row is kept with the row."""

from pathlib import Path

from alembic import op

revision = "0014"
down_revision = "0017"


def upgrade() -> None:
    statements = Path(__file__).with_name("0014_row_warnings.sql").read_text(encoding="utf-8")
    # Without parameters: in functions a percent sign is a percent sign.
    op.get_bind().execution_options(no_parameters=True).exec_driver_sql(statements)

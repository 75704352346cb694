"""The queue of jobs and its schedule.

`0004_procrastinate.sql` is the schema of procrastinate 3.10 as it comes in its package, unchanged (MIT licence); a
test compares the two. A later procrastinate brings migrations of its own: they become a migration here.
"""

from pathlib import Path

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # Without parameters: in the library's text a percent sign is a percent sign.
    connection = op.get_bind().execution_options(no_parameters=True)
    connection.exec_driver_sql("create schema jobs")
    connection.exec_driver_sql("set local search_path = jobs")
    for file in ("0004_procrastinate.sql", "0004_jobs.sql"):
        connection.exec_driver_sql(Path(__file__).with_name(file).read_text(encoding="utf-8"))
    connection.exec_driver_sql("set local search_path to default")

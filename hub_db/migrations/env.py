"""Alembic's environment: runs the migrations on the connection that `hub_db.migrate` hands over."""

from alembic import context

from hub_db.models import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table="schema_version",
    version_table_schema="public",
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()

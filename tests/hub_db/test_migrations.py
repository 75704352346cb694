"""The migrations make the tables that the models describe, and doing them twice changes nothing."""

from importlib.resources import files
from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

import hub_db
from hub_db.migrate import engine
from hub_db.models import metadata
from tests.conftest import Database

SCHEMAS = {table.schema for table in metadata.sorted_tables}


def is_ours(name: str | None, kind: str, _: object) -> bool:
    """Whether a schema or a table is made by our migrations; the queue's library has tables of its own."""
    if kind == "schema":
        return name in SCHEMAS
    return kind != "table" or not (name or "").startswith("procrastinate_")


def test_models_and_migrations_agree(database: Database) -> None:
    with engine(database.dsn()).connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "include_schemas": True,
                "compare_type": True,
                "compare_server_default": True,
                "version_table": "schema_version",
                "include_name": is_ours,
            },
        )

        differences = compare_metadata(context, metadata)

    assert differences == []


def test_migrating_again_changes_nothing(database: Database) -> None:
    def tables() -> list[tuple[object, ...]]:
        with database.connect() as conn:
            return conn.execute(
                "select table_schema, table_name, column_name, data_type from information_schema.columns"
                " where table_schema in ('hub', 'registry', 'reference') order by 1, 2, 3"
            ).fetchall()

    before = tables()
    hub_db.migrate(database.dsn())

    assert tables() == before
    assert len(before) > 100


def test_the_schema_of_the_queue_is_that_of_the_installed_library() -> None:
    """When this fails, the library was updated: its `sql/migrations` since 3.10 belong into a migration of ours."""
    migrated = Path(hub_db.__file__).parent / "migrations" / "versions" / "0004_procrastinate.sql"
    installed = files("procrastinate").joinpath("sql", "schema.sql")

    assert migrated.read_text(encoding="utf-8") == installed.read_text(encoding="utf-8")


def test_each_migration_has_a_number_of_its_own_and_one_successor() -> None:
    scripts = list(ScriptDirectory(str(Path(hub_db.__file__).parent / "migrations")).walk_revisions())
    numbers = [script.revision for script in scripts]
    after = [script.down_revision for script in scripts if script.down_revision is not None]

    assert all(Path(script.path).name.startswith(f"r{script.revision}_") for script in scripts)
    assert len(set(numbers)) == len(numbers)
    assert len(set(after)) == len(after) == len(numbers) - 1

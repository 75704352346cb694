"""Brings a database to the newest migration. Forward only.

Alembic and SQLAlchemy are imported when they are used: a third of a second that no process of the hub needs.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from pydantic import SecretStr

if TYPE_CHECKING:
    from sqlalchemy import Engine

# Any number that only we use: two processes that migrate at once wait for one another.
MIGRATION_LOCK = 0x51_4D_50_4C


def engine(dsn: SecretStr) -> "Engine":
    """An engine that opens its connections with psycopg from a libpq connection string."""
    from sqlalchemy import URL, create_engine
    from sqlalchemy.pool import NullPool

    return create_engine(
        URL.create("postgresql+psycopg"),
        creator=lambda: psycopg.connect(dsn.get_secret_value(), connect_timeout=10),
        poolclass=NullPool,
    )


def migrate(dsn: SecretStr) -> None:
    """Run the migrations that are missing, as the owner of the database."""
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine(dsn).connect() as connection:
        connection.exec_driver_sql(f"select pg_advisory_lock({MIGRATION_LOCK})")
        connection.commit()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        connection.commit()

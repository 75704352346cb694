"""A registry over a database of its own: `registry` for one test, `shared_registry` for all that do not mind others."""

import secrets
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from tests.conftest import drop_database
from tests.registry.server import Server, serving


@pytest.fixture
def registry(database: Any) -> Iterator[Server]:
    """A fresh one: ids begin at 1, versions are not compared."""
    with serving(database.dsn("simpul_registry"), owner=database.dsn()) as server:
        server.http.put("/config", json={"compatibility": "NONE"})
        yield server


@pytest.fixture
def strict_registry(database: Any) -> Iterator[Server]:
    """A fresh one as it comes: versions must be BACKWARD compatible."""
    with serving(database.dsn("simpul_registry"), owner=database.dsn()) as server:
        yield server


@pytest.fixture(scope="session")
def shared_registry(stack: Any, template: str) -> Iterator[Server]:
    """One for the whole run. It has the subject `a` with one version; tests take subjects of other names.

    Versions are not compared.
    """
    plain = f"registry_{secrets.token_hex(6)}"
    name = Identifier(plain)
    with psycopg.connect(stack.dsn("simpul_owner", "postgres").get_secret_value(), autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(name, Identifier(template)))
        connection.execute(SQL("GRANT CONNECT ON DATABASE {} TO simpul_registry").format(name))
        with serving(stack.dsn("simpul_registry", plain), owner=stack.dsn("simpul_owner", plain)) as server:
            server.http.put("/config", json={"compatibility": "NONE"})
            server.register("a", '{"type":"record","name":"first","fields":[{"name":"x","type":"int"}]}')
            yield server
        drop_database(connection, plain)


@pytest.fixture
def subject() -> str:
    """A name that no other test uses."""
    return f"s.{secrets.token_hex(6)}-value"

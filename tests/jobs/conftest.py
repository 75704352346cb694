"""A queue of its own for each test."""

from collections.abc import Iterator

import pytest

from tests.conftest import Database
from tests.jobs.workshop import Workshop


@pytest.fixture
def workshop(database: Database) -> Iterator[Workshop]:
    made = Workshop(database)
    try:
        yield made
    finally:
        made.close()

"""A hub of its own for each test."""

from collections.abc import Iterator

import pytest

from tests.conftest import Database
from tests.hub import Hub, make_hub


@pytest.fixture
def hub(database: Database) -> Iterator[Hub]:
    with make_hub(database) as made:
        yield made

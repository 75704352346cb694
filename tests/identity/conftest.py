"""A town of its own for each test that asks for one."""

from collections.abc import Iterator

import pytest

from tests.conftest import Database
from tests.identity.town import Town


@pytest.fixture
def town(database: Database) -> Iterator[Town]:
    """Agencies, and nobody in them yet."""
    with database.connect("simpul_web", autocommit=True) as conn:
        made = Town(conn)
        made.found()
        yield made

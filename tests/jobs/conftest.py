"""A queue, a hub without Kafka, and a watch of its own for each test."""

from collections.abc import Iterator

import pytest

from tests.conftest import Database
from tests.hub_db.test_settle import bench as bench  # a fixture
from tests.jobs.watched import Watched
from tests.jobs.workshop import Workshop


@pytest.fixture
def workshop(database: Database) -> Iterator[Workshop]:
    made = Workshop(database)
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def watched(database: Database) -> Iterator[Watched]:
    made = Watched(database)
    yield made
    made.close()

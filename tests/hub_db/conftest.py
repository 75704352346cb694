"""One partition of each document, settled by hand, for every test of the room that asks for it."""

from tests.hub_db.test_settle import bench as bench  # a fixture

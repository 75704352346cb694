"""Loads and pauses as the registry and the intake would have entered them."""

from datetime import UTC, datetime
from typing import Any

from psycopg import Connection

from hub_db import announced, pauses
from hub_db.announced import Announced, Counts, Limits, State
from hub_db.breaker import Kind, Trip
from hub_db.events import Stretch
from schemas.names import TopicName
from tests.dashboard.exchange_rows import ExchangeRows

SHA256 = bytes(range(32))
COUNTS = Counts(rows=1_148_611, created=3_020, changed=712_139, unchanged=433_452, deleted=0, source_rows=1_148_611)


def announce_load(conn: Connection[Any], topic: str, load: str = "csv-0f3a", counts: Counts = COUNTS) -> Announced:
    """A load of a file; with these counts it waits."""
    told = Announced(
        topic=TopicName(topic),
        load=load,
        announced_at=datetime.now(UTC),
        announced_by=f"opd-{topic.split('.')[1]}",
        system="siak",
        sha256=SHA256,
        counts=counts,
        sampled=5_000,
        limits=Limits(changed=0.3, deleted=0.1),
        state=State.WAITING,
    )
    return announced.announce(conn, told)


def let_rest(conn: Connection[Any], rows: ExchangeRows, topic: str, partition: int = 0) -> int:
    """A storm's pause of a partition that was read."""
    topic_id = rows.topic(topic)
    stretch = Stretch(TopicName(topic), topic_id, 1, partition, 0, 4_821, 4_821)
    return pauses.begin(conn, stretch, Trip(Kind.STORM, "nik.bentuk", 187, 200, 4_821))

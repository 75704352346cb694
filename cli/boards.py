"""The boards of cases made anew out of the whole topic, with what this hub's Kafka and database are reached by."""

import gc
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from cli import settings
from cli.demo.log_reader import LogReader
from cli.stack.roles import OWNER
from registry.provisioning.rights import INTAKE, STAGES
from schemas.sop_topics import STATUS

if TYPE_CHECKING:
    from sop.redrawing import Redrawn, Told


def redraw_from_topic(home: Path | None) -> "Redrawn":
    """Raises Unreachable, LogUnreadable, and ValueError for a topic that lost its beginning."""
    from consumers.status_log import told
    from hub_db import facts
    from hub_db.connection import connect, transaction
    from sop.redrawing import redraw

    reader = LogReader(settings.kafka_settings(home, INTAKE), [STATUS], group=STAGES)
    with connect(settings.dsn(home, OWNER), process="simpul-redraw") as conn:
        with transaction(conn):
            _, schema = facts.schema_of_topic(conn, STATUS)

        def read_on() -> "Iterator[Told]":
            return told(reader.read_on(), schema)

        gc.disable()  # millions of values that stay, none in a circle: looking for some costs a quarter of the time
        try:
            return redraw(conn, STATUS, read_on)
        finally:
            gc.enable()

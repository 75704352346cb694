"""The reader of `sop.fact`: facts become evidence of the cases they are about."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from psycopg import Connection
from psycopg.rows import TupleRow

from base import faults
from consumers.stages_reader import Arrived, TopicReader
from sop import facts
from sop.commands import Fact
from sop.facts import Place
from sop.moments import Moment
from sop.setting import setting_of


class FactReader(TopicReader):
    """Each fact is decided upon once, for every case that it is about."""

    name = "stages"

    def stands(self, conn: Connection[TupleRow]) -> Place:
        """Where to read from."""
        return facts.place(conn, self.topic)

    def decided(self) -> None:
        """Where a test kills the process before COMMIT."""
        faults.point("stages.decided")

    def committed(self) -> None:
        """The same after it."""
        faults.point("stages.committed")

    def take(self, conn: Connection[TupleRow], arrived: Arrived, *, accept_a_hole: bool) -> Mapping[str, int]:
        """Decide upon a fact."""
        record = arrived.record
        label = facts.label(record["kind"], json.loads(record["data"]))
        decided = facts.take(
            conn,
            self.topic,
            Fact(label, record["key"], record["occurred_at"], arrived.ce_id),
            number=arrived.number,
            next_offset=arrived.next_offset,
            now=Moment.of(datetime.now(UTC), self.instance.zone),
            setting=setting_of(conn, self.instance),
            accept_a_hole=accept_a_hole,
        )
        return {"cases": len(decided), "events": sum(len(each.events) for each in decided)} if decided else {}

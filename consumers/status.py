"""The publisher of what happened to cases: `sop.event` goes to `sop.status`, which nobody else writes."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

from psycopg import Connection
from psycopg.rows import TupleRow

from base import faults
from consumers import outbox
from consumers.outbox import Headers, OutboxPublisher
from consumers.settings import StatusSettings
from schemas.sop_topics import event_type
from schemas.wire.headers import rfc3339
from sop import outgoing, status
from sop.outgoing import NumberedEvent

SOURCE = b"/simpul/stages"


class StatusPublisher(OutboxPublisher[NumberedEvent]):
    """Events of cases."""

    name = "status"

    def try_lead(self, conn: Connection[TupleRow]) -> bool:
        """Whether this session is the one publisher of events now."""
        return outgoing.try_lead(conn)

    def any_unsent(self, conn: Connection[TupleRow]) -> bool:
        """Whether an event waits."""
        return outgoing.any_unsent(conn)

    def number_committed(self, conn: Connection[TupleRow]) -> int:
        """Number the events that were committed since the last time."""
        return outgoing.number_committed(conn)

    def unsent(self, conn: Connection[TupleRow], *, limit: int) -> Sequence[NumberedEvent]:
        """Numbered events in their order."""
        return outgoing.unsent(conn, limit=limit)

    def mark_sent(self, conn: Connection[TupleRow], batch: Sequence[NumberedEvent]) -> None:
        """Kafka has them."""
        outgoing.mark_sent(conn, batch)

    def produced(self) -> None:
        """Where a test kills the publisher."""
        faults.point("status.produced")

    def key(self, item: NumberedEvent) -> str:
        """The case."""
        return item.event.case

    def record(self, item: NumberedEvent) -> dict[str, Any]:
        """The Avro record of an event."""
        return status.record(item.event)

    def headers(self, item: NumberedEvent) -> Headers:
        """CloudEvents 1.0; the sequence is the event's number in the whole topic."""
        return [
            ("ce_specversion", b"1.0"),
            ("ce_id", item.ce_id.encode()),
            ("ce_source", SOURCE),
            ("ce_type", event_type(self.settings.namespace, item.event.kind.value).encode()),
            ("ce_time", rfc3339(item.event.at)),
            ("ce_subject", item.event.case.encode()),
            ("ce_sequence", b"%d" % item.number),
        ]


def beside(settings: StatusSettings) -> AbstractContextManager[None]:
    """Publish events in a thread for the length of the block."""
    return outbox.beside(StatusPublisher(settings))

"""The publisher of what happened to cases: `sop.event` goes to `sop.status`, which nobody else writes."""

from contextlib import AbstractContextManager
from typing import Any

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
    outbox = outgoing.OUTBOX

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

"""The publisher of facts: the outbox `hub.fact` goes to `sop.fact` (`consumers/outbox.py`)."""

import json
from contextlib import AbstractContextManager
from typing import Any

from base import faults
from base.calendar import local_date
from consumers import outbox
from consumers.outbox import Headers, OutboxPublisher
from consumers.settings import FactsSettings
from hub_db import facts
from hub_db.facts import NumberedFact
from schemas.sop_topics import event_type
from schemas.wire.headers import rfc3339


class FactPublisher(OutboxPublisher[NumberedFact]):
    """Facts that rooms have reported."""

    name = "facts"
    outbox = facts.OUTBOX

    def produced(self) -> None:
        """Where a test kills the publisher."""
        faults.point("facts.produced")

    def key(self, item: NumberedFact) -> str:
        """What it is about."""
        return item.key

    def record(self, item: NumberedFact) -> dict[str, Any]:
        """The Avro record of a fact."""
        return {
            "kind": item.kind,
            "key": item.key,
            "actor": item.actor,
            "role": item.role,
            "unit": item.unit,
            "occurred_at": item.occurred_at,
            "local_date": local_date(item.occurred_at, self.zone),
            "data": json.dumps(item.data, ensure_ascii=False, sort_keys=True),
        }

    def headers(self, item: NumberedFact) -> Headers:
        """CloudEvents 1.0; the sequence is the fact's number in the whole topic."""
        return [
            ("ce_specversion", b"1.0"),
            ("ce_id", item.ce_id.encode()),
            ("ce_source", item.source.encode()),
            ("ce_type", event_type(self.settings.namespace, item.kind).encode()),
            ("ce_time", rfc3339(item.occurred_at)),
            ("ce_subject", item.key.encode()),
            ("ce_sequence", b"%d" % item.number),
        ]


def beside(settings: FactsSettings) -> AbstractContextManager[None]:
    """Publish facts in a thread for the length of the block."""
    return outbox.beside(FactPublisher(settings))

"""The outbox of `sop.status`: events of cases in the order of commits; one publisher sends them."""

from dataclasses import dataclass
from typing import Any

from hub_db.outbox import Outbox
from hub_db.statements import load
from sop.events import Event
from sop.rows import event_of_row


@dataclass(frozen=True, slots=True)
class NumberedEvent:
    """A committed event with its place in the order of sending."""

    number: int
    ce_id: str
    event: Event


def _numbered(row: dict[str, Any]) -> NumberedEvent:
    number, ce_id = row.pop("number"), row.pop("ce_id")
    return NumberedEvent(number, ce_id, event_of_row(row))


OUTBOX = Outbox(load("sop", "sql/outgoing.sql"), lock=0x51_4D_53_54, read=_numbered)

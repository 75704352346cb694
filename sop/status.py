"""An event of a case as the record of `sop.status`, and back: nothing is lost on the way."""

import json
from collections.abc import Mapping
from datetime import UTC, tzinfo
from typing import Any

from sop.events import CaseState, Event, Kind, StageState

_AS_THEY_ARE = (
    "case", "opd", "version", "stage", "round", "returned_to", "met", "manual", "reason", "actor", "role", "unit",
    "acting", "days_used", "days_left",
)  # fmt: skip
_RENAMED = {"at": "occurred_at", "on": "local_date", "due": "due_date", "target": "target_date"}


def record(event: Event) -> dict[str, Any]:
    """The Avro record (`schemas/sop/status.avsc`)."""
    return {
        **{name: getattr(event, name) for name in _AS_THEY_ARE},
        **{theirs: getattr(event, ours) for ours, theirs in _RENAMED.items()},
        "kind": event.kind.value,
        "case_state": event.case_state.value,
        "expected": event.expected and event.expected.value,
        "state": event.state and event.state.value,
        "documents": list(event.documents),
        "detail": json.dumps(event.detail, ensure_ascii=False, sort_keys=True),
    }


def event(found: Mapping[str, Any], zone: tzinfo = UTC) -> Event:
    """The event in a record. Raises ValueError for a kind or a state that this release does not know."""
    return Event(
        **{name: found[name] for name in _AS_THEY_ARE},
        **{ours: found[theirs] for ours, theirs in _RENAMED.items() if ours != "at"},
        at=found["occurred_at"].astimezone(zone),
        kind=Kind(found["kind"]),
        case_state=CaseState(found["case_state"]),
        expected=found["expected"] and StageState(found["expected"]),
        state=found["state"] and StageState(found["state"]),
        documents=tuple(found["documents"]),
        detail=json.loads(found["detail"]),
    )

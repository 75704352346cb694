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
# A look into a table is a fifth of what a call of the class costs, and a topic has many events.
_KINDS = {each.value: each for each in Kind}
_CASE_STATES = {each.value: each for each in CaseState}
_STAGE_STATES: dict[str | None, StageState | None] = {None: None, **{each.value: each for each in StageState}}
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
    try:
        return Event(
            kind=_KINDS[found["kind"]],
            case=found["case"],
            opd=found["opd"],
            version=found["version"],
            case_state=_CASE_STATES[found["case_state"]],
            at=found["occurred_at"].astimezone(zone),
            on=found["local_date"],
            actor=found["actor"],
            role=found["role"],
            unit=found["unit"],
            acting=found["acting"],
            stage=found["stage"],
            round=found["round"],
            expected=_STAGE_STATES[found["expected"]],
            state=_STAGE_STATES[found["state"]],
            returned_to=found["returned_to"],
            met=found["met"],
            manual=found["manual"],
            reason=found["reason"],
            documents=tuple(found["documents"]),
            target=found["target_date"],
            due=found["due_date"],
            days_used=found["days_used"],
            days_left=found["days_left"],
            detail=json.loads(found["detail"]),
        )
    except KeyError as error:
        raise ValueError(f"version {found['version']} of {found['case']} tells {error}, which is not known") from error

"""Events as rows of `sop.event`, and back."""

from typing import Any

from psycopg.types.json import Jsonb

from sop.events import CaseState, Event, Kind, StageState

_COLUMNS = tuple(name for name in Event.__slots__ if name != "opd")


def columns_of_event(event: Event) -> dict[str, Any]:
    """What the event tells, by the names of its columns; the agency is the case's."""
    row = {name: getattr(event, name) for name in _COLUMNS}
    return {**row, "documents": list(event.documents), "detail": Jsonb(dict(event.detail))}


def row_of_event(event: Event, command_id: str) -> dict[str, Any]:
    """The row of `sop.event`; `ce_id` follows from the command and the version."""
    return {**columns_of_event(event), "command": command_id, "ce_id": f"{command_id}/{event.version}"}


def event_of_row(row: dict[str, Any]) -> Event:
    """The event in a row, by the names of its columns."""
    return Event(
        **{
            **row,
            "kind": Kind(row["kind"]),
            "case_state": CaseState(row["case_state"]),
            "expected": row["expected"] and StageState(row["expected"]),
            "state": row["state"] and StageState(row["state"]),
            "documents": tuple(row["documents"]),
        }
    )

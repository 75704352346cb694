"""Rows as programs get them: JSON with what is masked said, an ETag, the round, and how fresh the data are."""

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any, Final

from fastapi import Request
from psycopg import Connection
from psycopg.rows import TupleRow
from starlette.responses import Response

from base.freshness import is_stale
from dashboard.site import Site
from hub_db.calendar import working_calendar
from hub_db.connection import translated
from hub_db.statements import load
from identity.masking import Shown
from identity.records import Record
from registry.artefacts.row_schema import json_value
from schemas.contract import Contract
from schemas.names import FieldName

SQL = load("dashboard", "sql/reference_api.sql")
JSON: Final = "application/json"
FRESH: Final = {False: "mutakhir", True: "tidak mutakhir"}


@dataclass(frozen=True, slots=True)
class State:
    """Of an entity: the newest confirmed round, and whether a document of it is past its promise."""

    round: int
    stale: bool

    @property
    def headers(self) -> dict[str, str]:
        return {"Simpul-Round": str(self.round), "Simpul-Freshness": FRESH[self.stale]}


def state_of(conn: Connection[TupleRow], site: Site, contract: Contract, now: datetime) -> State | None:
    """How the entity stands; None when none of its documents has been opened."""
    here = site.settings.instance
    with translated():
        found = conn.execute(SQL["standing_of_entity"], {"entity": contract.entity}).fetchall()
    if not found:
        return None
    worked = working_calendar(conn, here).is_working_day
    stale = any(
        is_stale(newest or opened, freshness, now=now, zone=here.zone, worked=worked)
        for freshness, opened, newest, _ in found
    )
    return State(found[0][3], stale)


def row(contract: Contract, record: Record) -> dict[str, Any]:
    """One row: its key (where that is a person's number, its address), its values, and which of them are masked."""
    return {
        "key": record.address,
        "values": {
            name: json_value(contract.by_name[name], value) if record.shown[name] is Shown.OPEN else value
            for name, value in record.values.items()
        },
        "masked": [
            name for name, value in record.values.items() if record.shown[name] is Shown.MASKED and value is not None
        ],
    }


def replaced_by(contract: Contract, record: Record) -> dict[str, str]:
    """The header that names the key which replaced this one, where the row says so and the caller may see it."""
    for name, value in record.values.items():
        field = contract.by_name[name]
        to_itself = field.reference is not None and field.reference.entity == contract.entity
        if to_itself and "pengganti" in name and value is not None and record.shown[name] is Shown.OPEN:
            return {"Simpul-Replaced-By": str(value)}
    return {}


def sunset(contract: Contract, names: Collection[FieldName]) -> dict[str, str]:
    """The header of RFC 8594 when one of these fields is to end: the first end."""
    told = [
        field["deprecated"].get("until")
        for field in contract.schema["fields"]
        if field.get("deprecated") and field["name"] in names
    ]
    ends = [date.fromisoformat(until) for until in told if until]
    if not ends:
        return {}
    return {"Sunset": format_datetime(datetime.combine(min(ends), time(), tzinfo=UTC), usegmt=True)}


def answer(request: Request, content: Any, headers: Mapping[str, str]) -> Response:
    """JSON with its ETag; 304 without a body for whoever has it already."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    kept = {**headers, "ETag": etag, "Cache-Control": "private, no-cache"}
    if etag in {each.strip().removeprefix("W/") for each in request.headers.get("if-none-match", "").split(",")}:
        return Response(status_code=304, headers=kept)
    return Response(body, media_type=JSON, headers=kept)

"""Rows as programs get them: JSON with what is masked said, an ETag, the round, and how fresh the data are."""

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time
from email.utils import format_datetime
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from identity.masking import Shown
from identity.records import Record
from registry.artefacts.row_schema import json_value
from schemas.contract import Contract
from schemas.names import FieldName

JSON: Final = "application/json"


def plain_values(contract: Contract, record: Record) -> dict[str, Any]:
    """The values as JSON has them; a masked one is a text already."""
    return {
        name: json_value(contract.by_name[name], value) if record.shown[name] is Shown.OPEN else value
        for name, value in record.values.items()
    }


def row(contract: Contract, record: Record) -> dict[str, Any]:
    """One row: its key (where that is a person's number, its address), its values, and which of them are masked."""
    return {
        "key": record.address,
        "values": plain_values(contract, record),
        "masked": [
            name for name, value in record.values.items() if record.shown[name] is Shown.MASKED and value is not None
        ],
    }


def replaced_by(contract: Contract, record: Record) -> dict[str, str]:
    """The header that names the key which replaced this one, where the row says so and the caller may see it."""
    for name, value in record.values.items():
        if contract.by_name[name].is_replaced_by and value is not None and record.shown[name] is Shown.OPEN:
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
    return answer_to(request.headers.get("if-none-match", ""), content, headers)


def answer_to(known: str, content: Any, headers: Mapping[str, str]) -> Response:
    """The same for whoever has what the `If-None-Match` of his request names."""
    body = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    kept = {**headers, "ETag": etag, "Cache-Control": "private, no-cache"}
    if known and etag in {each.strip().removeprefix("W/") for each in known.split(",")}:
        return Response(status_code=304, headers=kept)
    return Response(body, media_type=JSON, headers=kept)

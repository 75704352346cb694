"""What an event says, and which of two that say different things under one version wins. Pure.

A source that numbers its changes gives each number once. When it does not, whichever event came first must not decide:
two logs with the same events would make two tables. So what they say decides, and nothing of how or when they came:

1. a row goes before a delete, so that nothing is taken away upon a contradictory word;
2. the row that its source says it changed last (`sumber_diubah`);
3. the greater SHA-256 of its values, which nobody can aim at.
"""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import NamedTuple

from schemas.contract import Value
from schemas.names import FieldName

SOURCE_CHANGED = FieldName("sumber_diubah")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Content(NamedTuple):
    """The greater one wins; the same digest is the same content, whatever its bytes."""

    is_row: bool
    changed: int  # microseconds since 1970
    digest: bytes


def content_of(row: Mapping[str, Value] | Mapping[FieldName, Value] | None) -> Content:
    """Of an event's row, None for a delete."""
    if row is None:
        return Content(is_row=False, changed=0, digest=sha256().digest())
    changed = row.get(SOURCE_CHANGED)
    said = {name: _plain(value) for name, value in row.items() if value is not None}  # null says nothing
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    at = (changed - _EPOCH) // timedelta(microseconds=1) if isinstance(changed, datetime) else 0
    return Content(is_row=True, changed=at, digest=sha256(text.encode()).digest())


def _plain(value: Value) -> str | int | bool | None:
    match value:
        case datetime():
            return (value - _EPOCH) // timedelta(microseconds=1)
        case date():
            return value.isoformat()
        case Decimal():
            return f"{value:f}"
        case float():
            return value.hex()
        case _:
            return value

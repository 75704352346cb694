"""Why a row is as it is, and how it was at a moment: what programs ask, and how it is answered."""

import re
from datetime import datetime
from typing import Any, Final

from base.freshness import span
from dashboard.rest.problems import Problem
from hub_db.golden import Entity
from hub_db.pasts import HeldEvent
from hub_db.why import Earlier, FieldWhy, Origin, Why
from identity.masking import Shown
from identity.pasts import Sight
from registry.artefacts.row_schema import json_value
from schemas.contract import Contract
from schemas.names import FieldName

AS_OF: Final = "Simpul-As-Of"  # the header that repeats the moment
_LOST_PLUS: Final = re.compile(r"(T[0-9:.]+) ([0-9]{2}:?[0-9]{2})")  # a + that was not written as %2B


def moment_of(text: str, entity: Entity, now: datetime) -> datetime:
    """The moment that is asked for. Raises Problem: no moment, one to come, one beyond what is kept."""
    try:
        moment = datetime.fromisoformat(_LOST_PLUS.sub(r"\1+\2", text))
    except ValueError:
        raise _not_a_moment() from None
    if moment.tzinfo is None:
        raise _not_a_moment()
    if moment > now:
        raise Problem("nilai-tidak-sah", "Parameter as_of adalah waktu yang sudah lewat.")
    kept = kept_since(entity, now)
    if kept is not None and moment < kept:
        raise Problem("di-luar-masa-simpan", f"Riwayat {entity.name} disimpan sejak {_moment(kept)}.")
    return moment


def kept_since(entity: Entity, now: datetime) -> datetime | None:
    """From when on all of the entity's documents keep their history; None: for ever."""
    told = [each.retention["history"] for each in entity.contracts if each.retention]
    if not told:
        return None
    try:
        return max(now - span(each) for each in told)
    except OverflowError:  # longer than there are years
        return None


def why_values(sight: Sight, address: str, found: Why, only: frozenset[FieldName] | None) -> dict[str, Any]:
    """The whole answer, of the fields that were asked for."""
    contract = sight.contract
    return {
        "key": address,
        "deleted": found.deleted,
        "complete_since": _moment(found.complete_since),
        "fields": {
            name: _field(sight, contract, each) for name, each in found.fields.items() if only is None or name in only
        },
    }


def _field(sight: Sight, contract: Contract, found: FieldWhy) -> dict[str, Any]:
    is_open = sight.how[found.field] is Shown.OPEN
    return {
        **_origin(contract, found.field, found.holds, is_open=is_open),
        "masked": not is_open,
        "decision": _decision(found.holds),
        "others": [_origin(contract, found.field, each, is_open=is_open) for each in found.losers],
        "past": [_earlier(contract, found.field, each, is_open=is_open) for each in found.past],
    }


def _decision(origin: Origin | None) -> dict[str, Any] | None:
    if origin is None or origin.ruling is None:
        return None
    return {"conflict": origin.ruling.conflict, "decided_at": _moment(origin.ruling.decided_at)}


def _earlier(contract: Contract, name: FieldName, earlier: Earlier, *, is_open: bool) -> dict[str, Any]:
    return {"since": _moment(earlier.since), **_origin(contract, name, earlier.origin, is_open=is_open)}


def _origin(contract: Contract, name: FieldName, origin: Origin | None, *, is_open: bool) -> dict[str, Any]:
    """A value, whose it is, and its event; a masked value is a text already."""
    if origin is None:
        return {"value": None, "source": None, "event": None}
    value = json_value(contract.by_name[name], origin.value) if is_open else origin.value
    return {"value": value, "source": origin.source, "event": _event(origin.event)}


def _event(event: HeldEvent) -> dict[str, Any]:
    return {
        "topic": event.topic,
        "partition": event.place.partition,
        "offset": event.place.offset,
        "ce_id": event.ce_id,
        "schema_id": event.schema_id,
        "time": None if event.event_time is None else _moment(event.event_time),
        "accepted_at": _moment(event.went_in_at),
        "load": event.load,
    }


def _moment(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _not_a_moment() -> Problem:
    return Problem("nilai-tidak-sah", "Parameter as_of berbentuk 2026-01-05T07:05:00+07:00 (ISO 8601 dengan zona).")
